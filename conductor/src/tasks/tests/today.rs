//! Callers and peers of today.

use conductor_api::{ComputeTask as _, MigrateError, NovaObject};
use rpc_runtime::{CallError, Context};
use serde_json::{Map, Value, json};

use super::stage::{Stage, UUID, selection};
use crate::notifier::testing::Heard;
use crate::store::{Query, Row as Stored};

fn instance() -> NovaObject {
    NovaObject::new("Instance", "2.8")
        .with("uuid", UUID)
        .with("host", "a")
        .with("vm_state", "building")
        .with("project_id", "p")
        .with("user_id", "u")
        .with("system_metadata", json!({"image_os_type": "linux"}))
        .with("flavor", NovaObject::new("Flavor", "1.2").with("id", 1))
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other}"),
    }
}

async fn build(
    stage: &Stage,
    properties: Value,
    spec: Option<NovaObject>,
    hosts: Option<Vec<Vec<NovaObject>>>,
) {
    let (ctx, image) = (Context::admin(), map(json!({"id": "i", "checksum": null})));
    let (instances, password) = (vec![instance()], Some("secret".to_owned()));
    let groups = json!([]);
    let tasks = &stage.tasks;
    let built = tasks.build_instances(
        &ctx,
        instances,
        image,
        map(properties),
        password,
        None,
        None,
        groups,
        None,
        true,
        spec,
        hosts,
    );
    Box::pin(built).await;
}

#[tokio::test]
async fn an_instance_is_built_where_the_scheduler_says() {
    let mut stage = Stage::new(&["b"]).await;
    stage
        .instance(&[("vm_state", "building"), ("task_state", "scheduling")])
        .await;
    let disk = Stored::new()
        .with("instance_uuid", UUID)
        .with("device_name", "/dev/vda")
        .with("uuid", "d-1");
    stage.store.insert("block_device_mapping", &disk).await.unwrap();
    stage.selects(&["b", "c"]);
    build(&stage, json!({}), None, None).await;

    let asked = stage.next("scheduler", "select_destinations").await;
    assert_eq!(
        (&asked["uuids"], &asked["objects"], &asked["alternates"]),
        (&json!([UUID]), &json!(true), &json!(true))
    );
    let spec = &asked["spec"]["nova_object.data"];
    assert_eq!(
        (
            &spec["instance_uuid"],
            &spec["project_id"],
            &spec["num_instances"]
        ),
        (&json!(UUID), &json!("p"), &json!(1))
    );
    assert_eq!(spec["flavor"]["nova_object.data"]["id"], 1);
    assert_eq!(spec["image"]["nova_object.data"]["id"], "i");

    let told = stage.next("b", "build_and_run_instance").await;
    assert_eq!(told["instance"]["nova_object.data"]["availability_zone"], "east");
    assert_eq!(
        (&told["node"], &told["limits"]),
        (&json!("node-b"), &json!({"vcpu": 4}))
    );
    assert_eq!(
        told["properties"],
        json!({"limits": {"vcpu": 4}, "retry": {"num_attempts": 1, "hosts": [["b", "node-b"]]}})
    );
    assert_eq!(told["host_list"][0]["nova_object.data"]["service_host"], "c");
    assert_eq!(
        told["disks"]["nova_object.data"]["objects"][0]["nova_object.data"]["device_name"],
        "/dev/vda"
    );
    assert_eq!(told["password"], "secret");
    let retry = &told["spec"]["nova_object.data"]["retry"]["nova_object.data"];
    assert_eq!(
        retry["hosts"]["nova_object.data"]["objects"][0]["nova_object.data"]["host"],
        "b"
    );
    let row = stage.store.first(&Query::of("instances")).await.unwrap().unwrap();
    assert_eq!(row.text("availability_zone"), Some("east"));
    stage.ends().await;
}

#[tokio::test]
async fn an_instance_that_the_lists_of_hosts_forget_does_not_wait_for_ever() {
    let mut stage = Stage::new(&["b"]).await;
    stage.instance(&[("vm_state", "building")]).await;
    build(&stage, json!({}), None, Some(Vec::new())).await;
    stage.ends().await;
    let row = stage.store.first(&Query::of("instances")).await.unwrap().unwrap();
    assert_eq!(row.text("vm_state"), Some("error"));
}

#[tokio::test]
async fn hosts_that_were_chosen_before_are_taken_as_they_are() {
    let mut stage = Stage::new(&["b"]).await;
    stage.instance(&[("vm_state", "building")]).await;
    let spec = NovaObject::new("RequestSpec", "1.15")
        .with("id", 7)
        .with("num_instances", 1);
    build(&stage, json!({}), Some(spec), Some(vec![vec![selection("b")]])).await;
    let told = stage.next("b", "build_and_run_instance").await;
    assert_eq!(told["spec"]["nova_object.data"]["id"], 7);
    assert_eq!(told["host_list"], json!([]));

    // All of them have failed.
    let retry = json!({"retry": {"num_attempts": 2, "hosts": [["b", "node-b"]], "exc_reason": "full"}});
    build(&stage, retry, None, Some(vec![vec![]])).await;
    stage.ends().await;
    let row = stage.store.first(&Query::of("instances")).await.unwrap().unwrap();
    assert_eq!(
        (row.text("vm_state"), row.text("task_state")),
        (Some("error"), None)
    );
    let fault = stage
        .store
        .first(&Query::of("instance_faults"))
        .await
        .unwrap()
        .unwrap();
    let message = fault.text("message").unwrap();
    assert!(message.contains("Exhausted all hosts available"), "{message}");
    assert_eq!(
        (fault.int("code"), fault.text("host")),
        (Some(500), Some("conductor-1"))
    );
}

#[tokio::test]
async fn an_instance_without_a_host_is_in_error() {
    let mut stage = Stage::new(&[]).await;
    stage
        .instance(&[("vm_state", "building"), ("task_state", "scheduling")])
        .await;
    let mut heard = Heard::listen_to(&stage.bus, "notifications.error").await;
    stage.finds_none();
    build(&stage, json!({}), None, None).await;
    stage.next("scheduler", "select_destinations").await;
    let told = heard.next().await;
    assert_eq!(told["event_type"], "compute_task.build_instances");
    assert_eq!(
        (&told["priority"], &told["publisher_id"]),
        (&json!("ERROR"), &json!("compute_task.conductor-1"))
    );
    assert_eq!(
        (&told["payload"]["instance_id"], &told["payload"]["state"]),
        (&json!(UUID), &json!("error"))
    );
    assert_eq!(told["payload"]["reason"], "No valid host was found. full");
    let tried = json!({"retry": {"num_attempts": 3, "hosts": [], "exc_reason": "no space"}});
    build(&stage, tried, None, None).await;
    stage.ends().await;
    let faults = stage.store.select(&Query::of("instance_faults")).await.unwrap();
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[0].text("message"), Some("No valid host was found. full"));
    assert!(
        faults[1]
            .text("message")
            .unwrap()
            .contains("Last exception: no space")
    );
}

#[tokio::test]
async fn an_offloaded_instance_is_built_on_any_host() {
    let mut stage = Stage::new(&["b"]).await;
    stage
        .instance(&[("vm_state", "shelved_offloaded"), ("task_state", "unshelving")])
        .await;
    stage.selects(&["b"]);
    let offloaded = instance()
        .with("vm_state", "shelved_offloaded")
        .with("system_metadata", json!({"shelved_image_id": "i"}));
    let spec = NovaObject::new("RequestSpec", "1.15")
        .with("force_hosts", json!(["a"]))
        .with("ignore_hosts", json!(["c"]));
    stage
        .client
        .cast()
        .unshelve_instance(&Context::admin(), &offloaded, Some(spec))
        .await
        .unwrap();
    let asked = stage.next("scheduler", "select_destinations").await;
    assert_eq!(asked["spec"]["nova_object.data"]["force_hosts"], Value::Null);
    let told = stage.next("b", "unshelve_instance").await;
    assert_eq!(told["image"]["id"], "i");
    assert_eq!(
        told["properties"],
        json!({"ignore_hosts": ["c"], "limits": {"vcpu": 4}})
    );
    stage.ends().await;
}

#[tokio::test]
async fn what_needs_another_service_is_refused_by_name() {
    let mut stage = Stage::new(&["a"]).await;
    stage
        .instance(&[("vm_state", "active"), ("task_state", "migrating")])
        .await;
    let ctx = Context::admin();
    let active = instance().with("vm_state", "active");
    let hint = Some(map(json!({"host": "b"})));
    let call = stage.client.call();
    let moved = call
        .migrate_server(
            &ctx, &active, &hint, true, false, None, None, None, None, true, None, None,
        )
        .await;
    let Err(CallError::Api(MigrateError::NotImplementedError(text))) = moved else {
        panic!("{moved:?}");
    };
    assert!(
        text.contains("migrate_server") && text.contains("placement"),
        "{text}"
    );
    let (vm_state, task_state, faults) = stage.state().await;
    assert_eq!((vm_state.as_deref(), task_state), (Some("active"), None));
    assert_eq!(faults, ["NotImplementedError"]);

    let volume = map(json!({"id": "v"}));
    let attached = call
        .attach_volume(&ctx, &active, volume, None, None, None, None, false, false)
        .await;
    let Err(CallError::Api(failure)) = attached else {
        panic!("{attached:?}");
    };
    assert_eq!(
        (failure.module.as_str(), failure.class.as_str()),
        ("builtins", "NotImplementedError")
    );
    stage.ends().await;
}

#[tokio::test]
async fn a_request_of_the_api_ends_in_an_instance_with_a_fault() {
    let mut stage = Stage::new(&[]).await;
    let request =
        NovaObject::new("BuildRequest", "1.3").with("instance", instance().with("task_state", "scheduling"));
    let spec = NovaObject::new("RequestSpec", "1.15");
    let (ctx, image) = (Context::admin(), map(json!({})));
    let scheduled = stage.tasks.schedule_and_build_instances(
        &ctx,
        vec![request],
        vec![spec],
        image,
        None,
        None,
        None,
        json!([]),
        None,
    );
    Box::pin(scheduled).await;
    stage.ends().await;
    let row = stage
        .store
        .first(&Query::of("instances").eq("uuid", UUID))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            row.text("vm_state"),
            row.text("task_state"),
            row.text("project_id")
        ),
        (Some("error"), None, Some("p"))
    );
    let fault = stage
        .store
        .first(&Query::of("instance_faults"))
        .await
        .unwrap()
        .unwrap();
    assert!(fault.text("details").unwrap().contains("API database"));
}
