//! Callers and peers of 2013.2: instances that are built and unshelved.

mod moves;

use conductor_api::{ComputeTask as _, NovaObject, Row};
use rpc_runtime::Context;
use serde_json::{Map, Value, json};

use super::stage::{Stage, UUID};
use crate::store::{Query, Row as Stored};

fn instance() -> NovaObject {
    NovaObject::new("Instance", "1.0")
        .with("uuid", UUID)
        .with("host", "a")
        .with("vm_state", "active")
        .with("power_state", 1)
        .with("memory_mb", 512)
        .with("instance_type_id", 5)
        .with(
            "system_metadata",
            json!({"instance_type_flavorid": "1", "instance_type_memory_mb": "512"}),
        )
}

fn flavor(id: i64) -> NovaObject {
    NovaObject::new("Flavor", "1.0")
        .with("id", id)
        .with("flavorid", "2")
        .with("memory_mb", 1024)
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn instances_are_built_by_the_scheduler() {
    let mut stage = Stage::new(&[]).await;
    let network = NovaObject::new("NetworkRequest", "1.0")
        .with("network_id", "n")
        .with("port_id", "p");
    let networks = NovaObject::new("NetworkRequestList", "1.0").with("objects", vec![Value::from(network)]);
    let properties = map(json!({"instance_type": Value::from(flavor(5))}));
    let disks: Vec<Row> = vec![map(json!({"device_name": "vda"}))];
    let ctx = Context::admin();
    let instances = vec![instance()];
    let cast = stage.client.pinned(rpc_runtime::Version::new(1, 6));
    let cast = cast.cast().build_instances(
        &ctx,
        &instances,
        map(json!({"id": "i"})),
        &properties,
        Some("secret".to_owned()),
        None,
        Some(networks),
        json!(["default"]),
        Some(disks),
        false,
        None,
        None,
    );
    cast.await.unwrap();
    let args = stage.next("scheduler", "run_instance").await;
    assert_eq!(args["spec"]["instance_uuids"], json!([UUID]));
    assert_eq!(args["spec"]["instance_properties"]["uuid"], UUID);
    assert_eq!(args["spec"]["instance_type"]["memory_mb"], 512);
    assert_eq!(
        args["spec"]["block_device_mapping"],
        json!([{"device_name": "vda"}])
    );
    assert_eq!(args["spec"]["security_group"], json!(["default"]));
    assert_eq!(args["networks"], json!([["n", null, "p"]]));
    assert_eq!(args["properties"]["instance_type"]["id"], 5);
    assert_eq!(
        (&args["password"], &args["legacy_bdm"], &args["first"]),
        (&json!("secret"), &json!(false), &json!(true))
    );
    stage.ends().await;
}

#[tokio::test]
async fn a_shelved_instance_is_started_where_it_is() {
    let mut stage = Stage::new(&["a"]).await;
    stage
        .instance(&[("vm_state", "shelved"), ("task_state", "unshelving")])
        .await;
    for key in ["shelved_at", "shelved_image_id", "other"] {
        let row = Stored::new()
            .with("instance_uuid", UUID)
            .with("key", key)
            .with("value", "x");
        stage
            .store
            .insert("instance_system_metadata", &row)
            .await
            .unwrap();
    }
    let shelved = instance().with("vm_state", "shelved");
    stage
        .client
        .cast()
        .unshelve_instance(&Context::admin(), &shelved, None)
        .await
        .unwrap();
    let args = stage.next("a", "start_instance").await;
    assert_eq!(args["instance"]["nova_object.data"]["task_state"], "powering-on");
    assert_eq!(stage.state().await.1.as_deref(), Some("powering-on"));
    // The second time it is not unshelving any more.
    stage
        .tasks
        .unshelve_instance(&Context::admin(), shelved, None)
        .await;
    stage.ends().await;
    let left = stage
        .store
        .select(&Query::of("instance_system_metadata"))
        .await
        .unwrap();
    let keys: Vec<_> = left.iter().map(|row| row.text("key")).collect();
    assert_eq!(keys, [Some("other")]);
}

#[tokio::test]
async fn an_offloaded_instance_is_built_again() {
    let mut stage = Stage::new(&["b"]).await;
    stage
        .instance(&[("vm_state", "shelved_offloaded"), ("task_state", "unshelving")])
        .await;
    stage.chooses("b");
    let metadata = json!({"shelved_image_id": "i", "image_os_type": "linux"});
    let offloaded = instance()
        .with("vm_state", "shelved_offloaded")
        .with("system_metadata", metadata);
    stage
        .client
        .cast()
        .unshelve_instance(&Context::admin(), &offloaded, None)
        .await
        .unwrap();
    stage.next("scheduler", "select_destinations").await;
    let args = stage.next("b", "unshelve_instance").await;
    assert_eq!(
        args["image"],
        json!({"id": "i", "properties": {"os_type": "linux"}})
    );

    // No host: it stays shelved, and may be tried again.
    stage.finds_none();
    stage
        .tasks
        .unshelve_instance(&Context::admin(), offloaded, None)
        .await;
    stage.next("scheduler", "select_destinations").await;
    stage.ends().await;
    let row = stage.store.first(&Query::of("instances")).await.unwrap().unwrap();
    assert_eq!(
        (row.text("vm_state"), row.text("task_state")),
        (Some("shelved_offloaded"), None)
    );
}

#[tokio::test]
async fn an_instance_that_is_not_shelved_is_in_error() {
    let mut stage = Stage::new(&[]).await;
    stage.instance(&[("vm_state", "active")]).await;
    stage
        .tasks
        .unshelve_instance(&Context::admin(), instance(), None)
        .await;
    stage.ends().await;
    let row = stage.store.first(&Query::of("instances")).await.unwrap().unwrap();
    assert_eq!(row.text("vm_state"), Some("error"));
}
