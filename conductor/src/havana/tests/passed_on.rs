//! What is asked of other services: they are stand-ins on the bus, which tell what they are asked.

use std::time::Duration;

use conductor_api::havana::{Others as _, Row as Sent};
use rpc_runtime::{Bus, Context, Failure, Server};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Bench, OTHER, UUID, error, instance, sent};
use crate::notifier::testing::Heard;
use crate::peers::{Network, NetworkApi};

/// A method, and what it was asked about.
type Seen = (&'static str, Json);

/// What stand-ins tell.
struct Told(UnboundedReceiver<Seen>);

impl Told {
    /// The next request.
    async fn next(&mut self) -> Seen {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.recv()).await;
        next.expect("a request in time").expect("a stand-in")
    }
}

/// The stand-in for the network service.
struct Recorded(UnboundedSender<Seen>);

impl Recorded {
    fn new() -> (Self, Told) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), Told(receiver))
    }

    async fn serve(self, bus: &Bus, host: &str) -> Server {
        Server::builder(bus)
            .server(host)
            .serve::<NetworkApi, _>(self)
            .start()
            .await
            .unwrap()
    }

    fn tell(&self, method: &'static str, about: Json) {
        let _ = self.0.send((method, about));
    }
}

impl Network for Recorded {
    async fn migrate_instance_start(
        &self,
        _: &Context,
        uuid: String,
        factor: f64,
        project: String,
        source: String,
        dest: String,
        floating: Option<Vec<String>>,
    ) -> Result<Json, Failure> {
        self.tell(
            "migrate_instance_start",
            json!([uuid, factor, project, source, dest, floating]),
        );
        Ok(json!(null))
    }

    async fn migrate_instance_finish(
        &self,
        _: &Context,
        uuid: String,
        factor: f64,
        project: String,
        source: String,
        dest: String,
        floating: Option<Vec<String>>,
    ) -> Result<Json, Failure> {
        self.tell(
            "migrate_instance_finish",
            json!([uuid, factor, project, source, dest, floating]),
        );
        Err(Failure::new(
            "nova.exception",
            "NetworkNotFound",
            "Network 1 could not be found.",
        ))
    }
}

#[tokio::test]
async fn a_host_ends_the_rescue_of_an_instance_that_is_rescued() {
    let bench = Bench::new().await;
    let mut compute = Heard::listen_as(&bench.bus, "compute", "one").await;
    bench
        .put_instance(UUID, json!({"host": "one", "vm_state": "rescued"}))
        .await;
    bench
        .put_instance(OTHER, json!({"host": "one", "vm_state": "active"}))
        .await;
    let unrescue = async |uuid: &str, state: &str| {
        let instance = sent(json!({"uuid": uuid, "vm_state": state}));
        bench.havana.compute_unrescue(&bench.ctx, instance).await
    };
    unrescue(UUID, "rescued").await.unwrap();
    let told = compute.next().await;
    assert_eq!(
        (&told["method"], &told["version"]),
        (&json!("unrescue_instance"), &json!("2.0"))
    );
    let instance = &told["args"]["instance"];
    assert_eq!(
        (&instance["uuid"], &instance["task_state"]),
        (&json!(UUID), &json!("unrescuing"))
    );
    // It is being done already.
    assert_eq!(
        error(unrescue(UUID, "rescued").await).0,
        "UnexpectedTaskStateError"
    );
    let (class, text) = error(unrescue(OTHER, "active").await);
    assert_eq!(class, "InstanceInvalidState");
    assert!(text.contains("vm_state active. Cannot unrescue"), "{text}");
}

#[tokio::test]
async fn the_network_service_moves_an_instance() {
    let bench = Bench::new().await;
    let (recorded, mut seen) = Recorded::new();
    let _network = recorded.serve(&bench.bus, "two").await;
    let moved = || {
        sent(json!({
            "uuid": UUID, "project_id": "p",
            "system_metadata": [{"key": "instance_type_rxtx_factor", "value": "1.5"}],
        }))
    };
    let migration = || sent(json!({"source_compute": "one", "dest_compute": "two"}));
    let start = async |instance| {
        bench
            .havana
            .network_migrate_instance_start(&bench.ctx, instance, migration())
            .await
    };
    start(moved()).await.unwrap();
    let told = json!([UUID, 1.5, "p", "one", "two", null]);
    assert_eq!(seen.next().await, ("migrate_instance_start", told));
    assert_eq!(error(start(instance(UUID)).await).0, "KeyError");

    // With a network service on every host it is the one there, and it is told the addresses.
    bench.put_instance(UUID, json!({})).await;
    let network = json!({"multi_host": true, "label": "n"});
    bench.put("networks", network).await;
    let fixed = json!({"instance_uuid": UUID, "network_id": 1, "address": "10.0.0.7"});
    bench.put("fixed_ips", fixed).await;
    bench
        .put("floating_ips", json!({"fixed_ip_id": 1, "address": "192.0.2.7"}))
        .await;
    let finish = bench
        .havana
        .network_migrate_instance_finish(&bench.ctx, moved(), migration())
        .await;
    let told = json!([UUID, 1.5, "p", "one", "two", ["192.0.2.7"]]);
    assert_eq!(seen.next().await, ("migrate_instance_finish", told));
    // Its errors are passed on as they are.
    assert_eq!(
        error(finish),
        ("NetworkNotFound".into(), "Network 1 could not be found.".into())
    );
    // Nobody is at the other host.
    assert_eq!(error(start(moved()).await).0, "RPCException");
}

#[tokio::test]
async fn names_of_ec2_are_given_out_once() {
    let bench = Bench::new().await;
    let ids = async |values: Json| bench.havana.get_ec2_ids(&bench.ctx, sent(values)).await.unwrap();
    let first =
        ids(json!({"uuid": UUID, "image_ref": "image-1", "kernel_id": "", "ramdisk_id": "image-2"})).await;
    assert_eq!(
        serde_json::to_value(&first).unwrap(),
        json!({"instance-id": "i-00000001", "ami-id": "ami-00000001", "kernel-id": null, "ramdisk-id": "ari-00000002"})
    );
    let again = ids(json!({"uuid": OTHER, "image_ref": "image-2"})).await;
    assert_eq!(again["instance-id"].as_deref(), Some("i-00000002"));
    assert_eq!(again["ami-id"].as_deref(), Some("ami-00000002"));
}

#[tokio::test]
async fn what_is_not_done_is_refused_by_name() {
    let bench = Bench::new().await;
    let stop = bench.havana.compute_stop(&bench.ctx, instance(UUID), true).await;
    assert_eq!(error(stop), ("NotImplementedError".into(), "compute_stop".into()));
    let reboot = bench
        .havana
        .compute_reboot(&bench.ctx, instance(UUID), "SOFT".to_owned())
        .await;
    assert_eq!(
        error(reboot),
        ("NotImplementedError".into(), "compute_reboot".into())
    );
    let confirm = bench
        .havana
        .compute_confirm_resize(&bench.ctx, instance(UUID), Sent::new())
        .await;
    assert_eq!(
        error(confirm),
        ("NotImplementedError".into(), "compute_confirm_resize".into())
    );
}

#[tokio::test]
async fn builds_of_agents_are_found_by_three_names() {
    let bench = Bench::new().await;
    let row = json!({"hypervisor": "xen", "os": "linux", "architecture": "x86", "version": "7"});
    bench.put("agent_builds", row).await;
    let ask = async |os: &str| {
        let (hypervisor, architecture) = ("xen".to_owned(), "x86".to_owned());
        let found =
            bench
                .havana
                .agent_build_get_by_triple(&bench.ctx, hypervisor, os.to_owned(), architecture);
        found.await.unwrap()
    };
    assert_eq!(ask("linux").await.unwrap()["version"], "7");
    assert_eq!(ask("windows").await, None);
}
