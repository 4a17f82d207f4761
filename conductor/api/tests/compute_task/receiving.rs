//! A server of today, asked as Nova's client asks under each version cap: every form is taken, and a manager gets that of
//! today.

use std::sync::{Arc, Mutex};

use conductor_api::{ComputeTask, ComputeTaskApi, MigrateError, NovaObject, ObjectOr, Row};
use rpc_runtime::wire::Argument;
use rpc_runtime::{Bus, Context, Failure, Server, UntypedClient};
use serde_json::{Map, Value, json};

use crate::recorded::{Outcome, cases};

type Properties = Map<String, Value>;

/// Keeps what it gets, as JSON.
#[derive(Clone, Default)]
struct Manager(Arc<Mutex<Value>>);

impl Manager {
    fn got(&self, arguments: Value) {
        *self.0.lock().unwrap() = arguments;
    }
}

impl ComputeTask for Manager {
    async fn migrate_server(
        &self,
        _: &Context,
        instance: NovaObject,
        _: Option<Properties>,
        _: bool,
        _: bool,
        flavor: Option<NovaObject>,
        _: Option<bool>,
        _: Option<bool>,
        reservations: Option<Vec<String>>,
        clean_shutdown: bool,
        _: Option<ObjectOr<Row>>,
        _: Option<Vec<NovaObject>>,
    ) -> Result<(), MigrateError> {
        self.got(json!([instance, flavor, reservations, clean_shutdown]));
        Ok(())
    }

    async fn build_instances(
        &self,
        _: &Context,
        instances: Vec<NovaObject>,
        _: Properties,
        filter_properties: Properties,
        _: Option<String>,
        _: Option<Vec<Value>>,
        requested_networks: Option<NovaObject>,
        _: Value,
        block_device_mapping: Option<Vec<Row>>,
        legacy_bdm: bool,
        _: Option<NovaObject>,
        _: Option<Vec<Vec<NovaObject>>>,
    ) {
        self.got(json!([
            instances,
            filter_properties,
            requested_networks,
            block_device_mapping,
            legacy_bdm
        ]));
    }

    async fn unshelve_instance(&self, _: &Context, instance: NovaObject, _: Option<NovaObject>) {
        self.got(json!(instance));
    }

    async fn rebuild_instance(
        &self,
        _: &Context,
        instance: NovaObject,
        _: Option<String>,
        _: Option<Vec<Value>>,
        _: Option<String>,
        _: Option<String>,
        _: Option<Properties>,
        _: Option<NovaObject>,
        _: bool,
        _: Option<bool>,
        _: bool,
        _: Option<String>,
        _: Option<NovaObject>,
        _: bool,
        _: Option<String>,
    ) {
        self.got(json!(instance));
    }

    async fn live_migrate_instance(
        &self,
        _: &Context,
        instance: NovaObject,
        _: Option<Properties>,
        _: Option<bool>,
        _: Option<bool>,
        _: Option<NovaObject>,
    ) {
        self.got(json!(instance));
    }

    async fn schedule_and_build_instances(
        &self,
        _: &Context,
        build_requests: Vec<NovaObject>,
        _: Vec<NovaObject>,
        _: Properties,
        _: Option<String>,
        _: Option<Vec<Value>>,
        _: Option<NovaObject>,
        _: Value,
        _: Option<NovaObject>,
    ) {
        self.got(json!(build_requests));
    }

    async fn cache_images(&self, _: &Context, aggregate: NovaObject, _: Vec<String>) {
        self.got(json!(aggregate));
    }

    async fn confirm_snapshot_based_resize(
        &self,
        _: &Context,
        instance: NovaObject,
        _: NovaObject,
    ) -> Result<(), Failure> {
        self.got(json!(instance));
        Ok(())
    }

    async fn revert_snapshot_based_resize(&self, _: &Context, instance: NovaObject, _: NovaObject) {
        self.got(json!(instance));
    }

    async fn attach_volume(
        &self,
        _: &Context,
        instance: NovaObject,
        _: Properties,
        _: Option<String>,
        _: Option<String>,
        _: Option<String>,
        _: Option<String>,
        _: bool,
        _: bool,
    ) -> Result<NovaObject, Failure> {
        self.got(json!(instance));
        Ok(NovaObject::new("BlockDeviceMapping", "1.21"))
    }
}

/// A conductor, and what its manager got last.
struct Conductor {
    bus: Bus,
    manager: Manager,
    server: Server,
}

impl Conductor {
    async fn start() -> Self {
        let (bus, manager) = (Bus::memory(), Manager::default());
        let server = Server::builder(&bus)
            .server("here")
            .serve::<ComputeTaskApi, _>(manager.clone())
            .start()
            .await
            .unwrap();
        Self { bus, manager, server }
    }

    /// What the manager gets of a request.
    async fn ask(&self, version: &str, method: &str, args: &Map<String, Value>) -> Result<Value, Failure> {
        let client = UntypedClient::new(&self.bus, "conductor")
            .namespace("compute_task")
            .version(version.parse().unwrap());
        let args: Vec<(&str, &dyn Argument)> = args
            .iter()
            .map(|(name, value)| (name.as_str(), value as _))
            .collect();
        // Methods that are cast may be called as well, and then tell how they ended.
        let called = client
            .call::<Value, Failure>(method, &Context::new(), &args)
            .await;
        called.map_err(|error| Failure::new("", "", error.to_string()))?;
        Ok(self.manager.0.lock().unwrap().take())
    }
}

/// The data of an object, or of each of several, without what plain forms cannot tell.
fn data(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(data).collect(),
        Value::Object(members) => members
            .get("nova_object.data")
            .map_or_else(|| value.clone(), shallow),
        other => other.clone(),
    }
}

/// The fields that hold no objects: those within stay plain, as Nova's own manager leaves them.
fn shallow(data: &Value) -> Value {
    let fields = data.as_object().into_iter().flatten();
    fields
        .filter(|(_, value)| !value.is_object() && !value.is_array())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[tokio::test]
async fn every_message_of_novas_client_is_taken_and_understood() {
    let conductor = Conductor::start().await;
    let mut messages = 0;
    for (name, case) in cases() {
        let given = |name: &str| data(&case.given[name]);
        for range in &case.sent {
            let Outcome::Sent {
                version,
                left_out,
                changed,
            } = &range.outcome
            else {
                continue;
            };
            let args = case.args(left_out, changed);
            let got = conductor.ask(version, &case.method, &args).await;
            let got = got.unwrap_or_else(|failure| panic!("{name} at {version}: {failure}"));
            match case.method.as_str() {
                "migrate_server" => {
                    assert_eq!(data(&got[0]), given("instance"), "{name} at {version}");
                    assert_eq!(data(&got[1]), given("flavor"), "{name} at {version}");
                    assert_eq!(got[2], given("reservations"), "{name} at {version}");
                    let shutdown = args.get("clean_shutdown").cloned().unwrap_or(Value::Bool(true));
                    assert_eq!(got[3], shutdown, "{name} at {version}");
                }
                "build_instances" => {
                    assert_eq!(data(&got[0]), given("instances"), "{name} at {version}");
                    let flavor = "instance_type";
                    let properties = &case.given["filter_properties"];
                    assert_eq!(
                        data(&got[1][flavor]),
                        data(&properties[flavor]),
                        "{name} at {version}"
                    );
                    let networks = |list: &Value| data(&list["nova_object.data"]["objects"]);
                    let (found, asked) = (networks(&got[2]), networks(&case.given["requested_networks"]));
                    for (found, mut asked) in found
                        .as_array()
                        .unwrap()
                        .iter()
                        .zip(asked.as_array().unwrap().clone())
                    {
                        if args["requested_networks"].is_array() {
                            // A list has no place for it.
                            asked.as_object_mut().unwrap().remove("tag");
                        }
                        assert_eq!(*found, asked, "{name} at {version}");
                    }
                    let devices = args.get("block_device_mapping").cloned().unwrap_or_default();
                    assert_eq!(got[3], devices, "{name} at {version}");
                    assert_eq!(got[4], *args.get("legacy_bdm").unwrap_or(&Value::Bool(true)));
                }
                "schedule_and_build_instances" => {
                    assert_eq!(got, case.given["build_requests"], "{name} at {version}");
                }
                "cache_images" => assert_eq!(got, case.given["aggregate"]),
                _ => assert_eq!(got, case.given["instance"], "{name} at {version}"),
            }
            messages += 1;
        }
    }
    assert!(messages >= 40, "{messages}");
    let _ = conductor.server.stop().await;
}

#[tokio::test]
async fn rows_of_2013_are_instances() {
    let conductor = Conductor::start().await;
    let row = json!({
        "id": 26,
        "name": "instance-0000001a",
        "uuid": "u",
        "created_at": "2013-10-17T09:00:00.000000",
        "system_metadata": [{"key": "image_min_disk", "value": "4"}],
        "deleted": 0,
    });
    let args = json!({
        "instances": [row],
        "image": {},
        "filter_properties": {"instance_type": {"id": 7, "name": "small"}},
        "admin_password": null,
        "injected_files": [],
        "requested_networks": [["net", null, null]],
        "security_groups": ["default"],
        "block_device_mapping": [],
        "legacy_bdm": false,
    });
    let got = conductor
        .ask("1.5", "build_instances", args.as_object().unwrap())
        .await
        .unwrap();
    let instance: NovaObject = serde_json::from_value(got[0][0].clone()).unwrap();
    assert_eq!(
        (instance.name.as_str(), instance.text("uuid")),
        ("Instance", Some("u"))
    );
    assert_eq!(instance.text("created_at"), Some("2013-10-17T09:00:00Z"));
    assert_eq!(
        instance.require::<Value>("system_metadata"),
        Ok(json!({"image_min_disk": "4"}))
    );
    assert_eq!(instance.require::<bool>("deleted"), Ok(false));
    let flavor: NovaObject = serde_json::from_value(got[1]["instance_type"].clone()).unwrap();
    assert_eq!((flavor.name.as_str(), flavor.require("id")), ("Flavor", Ok(7)));
    assert_eq!((&got[3], &got[4]), (&json!([]), &json!(false)));
    let _ = conductor.server.stop().await;
}
