//! The compute tasks as nova-api of 2013.2 asks for them: instances as rows, and the scheduler of its time.

use std::time::Duration;

use rpc_runtime::Bus;
use rpc_runtime::testing::Broker;
use rpc_runtime::transport::{Listen, Listener};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::cloud::{Cloud, UUID, call};

const LIMIT: Duration = Duration::from_secs(60);

/// The row of an instance that runs on the host cmp1.
fn instance() -> Value {
    json!({
        "id": 7,
        "uuid": UUID,
        "host": "cmp1",
        "vm_state": "active",
        "power_state": 1,
        "memory_mb": 512,
        "instance_type_id": 1,
        "deleted": 0,
        "created_at": "2013-10-17T12:00:00.000000",
        "metadata": [],
        "system_metadata": [
            {"key": "instance_type_memory_mb", "value": "512"},
            {"key": "instance_type_flavorid", "value": "1"},
        ],
        "info_cache": {"network_info": "[]"},
        "security_groups": [{"name": "default"}],
    })
}

/// What nova-api asks to move it to another host.
pub(crate) fn migrate(host: &str, live: bool) -> Value {
    json!({
        "instance": instance(),
        "scheduler_hint": {"host": host},
        "live": live,
        "rebuild": false,
        "flavor": null,
        "block_migration": false,
        "disk_over_commit": false,
        "reservations": null,
    })
}

#[tokio::test]
async fn what_keeps_an_instance_from_moving_is_an_exception_of_nova() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "moves").await;
    cloud
        .put(
            "instances",
            json!([{"uuid": UUID, "vm_state": "active", "task_state": "migrating", "deleted": 0}]),
        )
        .await;
    // A service that has just been made is up.
    let service = |host: &str, created: &str| {
        json!({"host": host, "binary": "nova-compute", "topic": "compute", "report_count": 0, "disabled": 0,
               "deleted": 0, "created_at": created})
    };
    let now = jiff::Timestamp::now()
        .strftime("%Y-%m-%d %H:%M:%S.%6f")
        .to_string();
    let services = json!([
        service("cmp1", &now),
        service("cmp2", "2013-10-17 12:00:00.000000")
    ]);
    cloud.put("services", services).await;

    let task = |args| {
        call("migrate_server", args)
            .namespace("compute_task")
            .version("1.4")
    };
    cloud
        .check([
            task(migrate("cmp1", true)).raises(
                "UnableToMigrateToSelf",
                format!("Unable to migrate instance ({UUID}) to current host (cmp1)."),
            ),
            task(migrate("cmp2", true)).raises(
                "ComputeServiceUnavailable",
                "Compute service of cmp2 is unavailable at this time.",
            ),
            task(migrate("cmp1", false)).raises(
                "NotImplementedError",
                "migrate_server: either live without a flavor, or not live with one",
            ),
        ])
        .await;
}

#[tokio::test]
async fn instances_to_be_built_reach_the_scheduler() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "builds").await;
    let bus = Bus::connect(&cloud.url()).await.unwrap();
    let mut scheduler = listen(&bus).await;
    let args = json!({
        "instances": [instance()],
        "image": {"id": "i"},
        "filter_properties": {"instance_type": {"id": 1, "name": "m1.tiny"}},
        "admin_password": "secret",
        "injected_files": [],
        "requested_networks": [["net", null, "port"]],
        "security_groups": ["default"],
        "block_device_mapping": [{"device_name": "vda"}],
        "legacy_bdm": false,
    });
    cloud.cast("build_instances", args, "compute_task", "1.5").await;

    let message = next(&mut scheduler).await;
    assert_eq!(
        (&message["method"], &message["version"]),
        (&json!("run_instance"), &json!("2.9"))
    );
    let args = &message["args"];
    assert_eq!(args["request_spec"]["instance_uuids"], json!([UUID]));
    assert_eq!(args["request_spec"]["instance_type"]["memory_mb"], 512);
    assert_eq!(
        args["request_spec"]["instance_properties"]["security_groups"],
        json!([{"name": "default"}])
    );
    assert_eq!(
        args["request_spec"]["block_device_mapping"],
        json!([{"device_name": "vda"}])
    );
    assert_eq!(
        args["filter_properties"]["instance_type"],
        json!({"id": 1, "name": "m1.tiny"})
    );
    assert_eq!(args["requested_networks"], json!([["net", null, "port"]]));
    assert_eq!(
        (&args["is_first_time"], &args["legacy_bdm_in_spec"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(message["_context_is_admin"], true);
    bus.close().await;
}

/// Takes what a scheduler would.
async fn listen(bus: &Bus) -> Listener {
    let listen = Listen {
        exchange: bus.settings().control_exchange.clone(),
        topic: "scheduler".into(),
        server: "scheduler-1".into(),
        prefetch: 10,
    };
    bus.transport().listen(listen).await.unwrap()
}

/// The next message, out of its envelope.
async fn next(listener: &mut Listener) -> Value {
    let delivery = timeout(LIMIT, listener.deliveries.recv()).await;
    let delivery = delivery.expect("a message in time").expect("a listener");
    delivery.receipt.ack();
    let envelope: Value = serde_json::from_slice(&delivery.body).unwrap();
    serde_json::from_str(envelope["oslo.message"].as_str().unwrap()).unwrap()
}
