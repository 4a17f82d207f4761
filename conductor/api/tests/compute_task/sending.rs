//! The generated client, beside the one that Nova's developers wrote by hand: under each version cap both send the
//! same version and the same arguments, or both refuse.

use conductor_api::{ComputeTaskClient, NovaObject, ObjectOr, Row};
use rpc_runtime::testing::Recorder;
use rpc_runtime::{CallError, Context, RpcError, SendError, Version};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::recorded::{Case, Kind, Outcome, cases};

impl Case {
    /// Sends the case through the generated client.
    async fn send(&self, client: &ComputeTaskClient) -> Result<(), SendError> {
        macro_rules! send {
            (call $method:ident($($name:ident: $type:ty),* $(,)?)) => {
                answered(client.call().$method(&Context::new(), $(self.read::<$type>(stringify!($name))),*).await)
            };
            (cast $method:ident($($name:ident: $type:ty),* $(,)?)) => {
                client.cast().$method(&Context::new(), $(self.read::<$type>(stringify!($name))),*).await
            };
            ($method:ident $arguments:tt) => {
                match self.kind {
                    Kind::Call => send!(call $method $arguments),
                    Kind::Cast => send!(cast $method $arguments),
                }
            };
        }
        type Properties = Map<String, Value>;
        match self.method.as_str() {
            "migrate_server" => send!(migrate_server(
                instance: NovaObject,
                scheduler_hint: Option<Properties>,
                live: bool,
                rebuild: bool,
                flavor: Option<NovaObject>,
                block_migration: Option<bool>,
                disk_over_commit: Option<bool>,
                reservations: Option<Vec<String>>,
                clean_shutdown: bool,
                request_spec: Option<ObjectOr<Row>>,
                host_list: Option<Vec<NovaObject>>,
            )),
            "build_instances" => send!(cast build_instances(
                instances: Vec<NovaObject>,
                image: Properties,
                filter_properties: Properties,
                admin_password: Option<String>,
                injected_files: Option<Vec<Value>>,
                requested_networks: Option<NovaObject>,
                security_groups: Value,
                block_device_mapping: Option<Vec<Row>>,
                legacy_bdm: bool,
                request_spec: Option<NovaObject>,
                host_lists: Option<Vec<Vec<NovaObject>>>,
            )),
            "schedule_and_build_instances" => send!(cast schedule_and_build_instances(
                build_requests: Vec<NovaObject>,
                request_specs: Vec<NovaObject>,
                image: Properties,
                admin_password: Option<String>,
                injected_files: Option<Vec<Value>>,
                requested_networks: Option<NovaObject>,
                block_device_mapping: Value,
                tags: Option<NovaObject>,
            )),
            "unshelve_instance" => send!(cast unshelve_instance(
                instance: NovaObject,
                request_spec: Option<NovaObject>,
            )),
            "rebuild_instance" => send!(cast rebuild_instance(
                instance: NovaObject,
                new_pass: Option<String>,
                injected_files: Option<Vec<Value>>,
                image_ref: Option<String>,
                orig_image_ref: Option<String>,
                orig_sys_metadata: Option<Properties>,
                bdms: Option<NovaObject>,
                recreate: bool,
                on_shared_storage: Option<bool>,
                preserve_ephemeral: bool,
                host: Option<String>,
                request_spec: Option<NovaObject>,
                reimage_boot_volume: bool,
                target_state: Option<String>,
            )),
            "live_migrate_instance" => send!(cast live_migrate_instance(
                instance: NovaObject,
                scheduler_hint: Option<Properties>,
                block_migration: Option<bool>,
                disk_over_commit: Option<bool>,
                request_spec: Option<NovaObject>,
            )),
            "cache_images" => send!(cast cache_images(aggregate: NovaObject, image_ids: Vec<String>)),
            "confirm_snapshot_based_resize" => send!(confirm_snapshot_based_resize(
                instance: NovaObject,
                migration: NovaObject,
            )),
            "revert_snapshot_based_resize" => send!(cast revert_snapshot_based_resize(
                instance: NovaObject,
                migration: NovaObject,
            )),
            "attach_volume" => send!(attach_volume(
                instance: NovaObject,
                volume: Properties,
                device: Option<String>,
                disk_bus: Option<String>,
                device_type: Option<String>,
                tag: Option<String>,
                supports_multiattach: bool,
                delete_on_termination: bool,
            )),
            other => panic!("'{other}' is no method of ComputeTask"),
        }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> T {
        let value = self.given.get(name).cloned().unwrap_or_default();
        serde_json::from_value(value).unwrap_or_else(|error| panic!("'{name}' of {}: {error}", self.method))
    }
}

/// The recorder's answer does not matter, so long as the call was sent.
fn answered<T, E: RpcError>(result: Result<T, CallError<E>>) -> Result<(), SendError> {
    match result {
        Err(CallError::Send(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Where Nova's client gives up although receivers of that version have a form of the method: it never goes below the
/// form of these versions, and under 1.7 it asks for 1.8.
fn only_nova_refuses(method: &str, cap: u32) -> bool {
    match method {
        "migrate_server" => (1..4).contains(&cap),
        "build_instances" => (2..5).contains(&cap) || cap == 7,
        _ => false,
    }
}

/// Compares one by one, so that the difference can be read.
fn same(sent: &Map<String, Value>, expected: &Map<String, Value>, at: &str) {
    let names = |args: &Map<String, Value>| args.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(sent), names(expected), "{at}");
    for (name, value) in expected {
        assert_eq!(&sent[name], value, "{at}: '{name}'");
    }
}

#[tokio::test]
async fn the_generated_client_sends_what_novas_sends_under_every_cap() {
    let (mut compared, mut further) = (0, 0);
    for (name, case) in cases() {
        for range in &case.sent {
            for cap in range.caps() {
                let recorder = Recorder::new();
                recorder.answer(&case.method, Value::Null);
                let client = ComputeTaskClient::new(&recorder.bus()).pinned(Version::new(1, cap));
                let result = case.send(&client).await;
                let at = format!("{name} under 1.{cap}");
                match &range.outcome {
                    Outcome::Refused { refused } if only_nova_refuses(&case.method, cap) => {
                        assert_eq!(refused, "RPCVersionCapError", "{at}");
                        let sent = recorder.take();
                        let fits = |version: &str| version.parse::<Version>().unwrap().minor <= cap;
                        let version = sent.first().and_then(|sent| sent.version.as_deref());
                        let withheld = matches!(result, Err(SendError::ArgumentNotInPin { .. }));
                        assert!(version.map_or(withheld, fits), "{at}: {result:?}, {version:?}");
                        further += 1;
                    }
                    Outcome::Refused { refused } => {
                        let pinned = matches!(
                            result,
                            Err(SendError::NotInPin { .. } | SendError::ArgumentNotInPin { .. })
                        );
                        assert!(pinned, "{at}: Nova raises {refused}, here it is {result:?}");
                        assert_eq!(recorder.take(), [], "{at}");
                    }
                    Outcome::Sent {
                        version,
                        left_out,
                        changed,
                    } => {
                        result.unwrap_or_else(|error| panic!("{at}: {error}"));
                        let [sent] = &recorder.take()[..] else {
                            panic!("{at}: one message");
                        };
                        assert_eq!(sent.version.as_ref(), Some(version), "{at}");
                        same(&sent.args, &case.args(left_out, changed), &at);
                        assert_eq!(
                            (&*sent.method, sent.is_call),
                            (&*case.method, case.kind == Kind::Call)
                        );
                        assert_eq!(sent.namespace.as_deref(), Some("compute_task"));
                    }
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 17 * 27, "{compared}");
    // Three of migrate_server, two of build_instances.
    assert_eq!(further, 3 * 3 + 2 * 4);
}
