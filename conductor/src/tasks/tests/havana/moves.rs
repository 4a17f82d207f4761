//! Instances that move: resized, or live.

use conductor_api::{MigrateError, NovaObject};
use rpc_runtime::{CallError, Context, Failure};
use serde_json::{Value, json};

use super::super::stage::{Stage, UUID};
use super::{flavor, instance, map};
use crate::store::{Query, Row as Stored};

async fn migrate(
    stage: &Stage,
    instance: &NovaObject,
    hint: Value,
    live: bool,
    flavor: Option<NovaObject>,
) -> Result<(), MigrateError> {
    let reservations = Some(vec!["r-1".to_owned()]);
    let call = stage.client.call();
    let (ctx, hint) = (Context::admin(), Some(map(hint)));
    let moved = call.migrate_server(
        &ctx,
        instance,
        &hint,
        live,
        false,
        &flavor,
        Some(true),
        Some(false),
        &reservations,
        true,
        None,
        None,
    );
    moved.await.map_err(|error| match error {
        CallError::Api(error) => error,
        other => panic!("{other}"),
    })
}

async fn live(stage: &Stage, instance: &NovaObject, destination: Option<&str>) -> Result<(), MigrateError> {
    migrate(stage, instance, json!({"host": destination}), true, None).await
}

#[tokio::test]
async fn a_resize_is_prepared_on_the_host_that_the_scheduler_chooses() {
    let mut stage = Stage::new(&["b"]).await;
    stage.instance(&[("vm_state", "active")]).await;
    let ctx_action = Stored::new()
        .with("instance_uuid", UUID)
        .with("action", "resize")
        .with("request_id", "req-1");
    let action = stage.store.insert("instance_actions", &ctx_action).await.unwrap();
    stage.chooses("b");
    let hint = Some(map(
        json!({"filter_properties": {"ignore_hosts": ["a"], "context": {}, "retry": {"num_attempts": 1, "hosts": []}}}),
    ));
    let ctx = Context::admin().with("request_id", "req-1");
    let call = stage.client.call();
    call.migrate_server(
        &ctx,
        instance(),
        &hint,
        false,
        false,
        Some(flavor(6)),
        None,
        None,
        Some(vec!["r".to_owned()]),
        true,
        None,
        None,
    )
    .await
    .unwrap();
    let asked = stage.next("scheduler", "select_destinations").await;
    assert_eq!(asked["spec"]["instance_type"]["extra_specs"], json!({}));
    assert_eq!(asked["properties"]["ignore_hosts"], json!(["a"]));
    let told = stage.next("b", "prep_resize").await;
    assert_eq!(told["flavor"]["id"], 6);
    assert_eq!(
        (&told["node"], &told["reservations"]),
        (&json!("node-b"), &json!(["r"]))
    );
    assert!(told["spec"]["instance_type"].get("extra_specs").is_none());
    assert_eq!(told["properties"]["retry"]["hosts"], json!([["b", "node-b"]]));
    assert_eq!(told["properties"]["limits"], json!({"memory_mb": 512}));
    assert!(told["properties"].get("context").is_none());
    let events = Query::of("instance_actions_events").eq("action_id", action.get("id").clone());
    let events = stage.store.select(&events).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].text("event"), events[0].text("result")),
        (Some("cold_migrate"), Some("Success"))
    );
    stage.ends().await;
}

#[tokio::test]
async fn without_a_host_a_resize_gives_all_back() {
    let mut stage = Stage::new(&[]).await;
    stage
        .instance(&[("vm_state", "active"), ("task_state", "resize_prep")])
        .await;
    let usage = Stored::new()
        .with("project_id", "p")
        .with("resource", "ram")
        .with("in_use", 1)
        .with("reserved", 7);
    let usage = stage.store.insert("quota_usages", &usage).await.unwrap();
    let reservation = Stored::new()
        .with("uuid", "r-1")
        .with("usage_id", usage.get("id").clone())
        .with("delta", 5)
        .with("resource", "ram");
    stage.store.insert("reservations", &reservation).await.unwrap();

    for (id, text) in [
        (6, "No valid host found for resize"),
        (5, "No valid host found for cold migrate"),
    ] {
        stage.finds_none();
        let hint = json!({"filter_properties": {}});
        let error = migrate(&stage, &instance(), hint, false, Some(flavor(id)))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, MigrateError::NoValidHost { reason, .. } if reason == text),
            "{error}"
        );
        stage.next("scheduler", "select_destinations").await;
    }
    let (vm_state, task_state, faults) = stage.state().await;
    assert_eq!((vm_state.as_deref(), task_state), (Some("active"), None));
    assert_eq!(
        faults,
        ["No valid host was found. full", "No valid host was found. full"]
    );
    let usage = stage
        .store
        .first(&Query::of("quota_usages"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(usage.int("reserved"), Some(2));
    assert_eq!(stage.store.count(&Query::of("reservations")).await.unwrap(), 0);
    stage.ends().await;
}

#[tokio::test]
async fn a_running_instance_moves_where_it_is_told_to() {
    let mut stage = Stage::new(&["a", "b"]).await;
    stage.instance(&[("vm_state", "active")]).await;
    stage.agrees(Ok(json!({"is_shared_storage": true})));
    live(&stage, &instance(), Some("b")).await.unwrap();
    assert_eq!(
        stage.next("b", "check_can_live_migrate_destination").await,
        json!([true, false])
    );
    let told = stage.next("a", "live_migration").await;
    assert_eq!(
        told,
        json!({"dest": "b", "block": true, "data": {"is_shared_storage": true}})
    );
    stage.ends().await;
}

#[tokio::test]
async fn the_scheduler_is_asked_until_a_host_agrees() {
    let mut stage = Stage::new(&["a", "b", "c"]).await;
    stage.instance(&[("vm_state", "active")]).await;
    let mut unfit = Failure::new("nova.exception", "InvalidCPUInfo", "Unacceptable CPU info: flags");
    unfit.kwargs = map(json!({"reason": "flags", "code": 400}));
    stage.chooses("b");
    stage.agrees(Err(unfit));
    stage.chooses("c");
    stage.agrees(Ok(json!({})));
    live(&stage, &instance(), None).await.unwrap();
    let first = stage.next("scheduler", "select_destinations").await;
    assert_eq!(first["properties"]["ignore_hosts"], json!(["a"]));
    stage.next("b", "check_can_live_migrate_destination").await;
    let second = stage.next("scheduler", "select_destinations").await;
    assert_eq!(second["properties"]["ignore_hosts"], json!(["a", "b"]));
    stage.next("c", "check_can_live_migrate_destination").await;
    assert_eq!(stage.next("a", "live_migration").await["dest"], "c");

    // A scheduler that names a host again is not asked for ever.
    stage.chooses("a");
    let error = live(&stage, &instance(), None).await.unwrap_err();
    assert!(matches!(error, MigrateError::NoValidHost { .. }), "{error}");
    stage.next("scheduler", "select_destinations").await;
    stage.ends().await;
}

#[tokio::test]
async fn what_keeps_an_instance_from_moving_is_told_and_noted() {
    let mut stage = Stage::new(&["a", "b", "old", "other", "full", "down"]).await;
    stage
        .instance(&[("vm_state", "active"), ("task_state", "migrating")])
        .await;
    let change = async |table: &str, host: &str, change: Stored| {
        let row = Query::of(table).eq("host", host);
        stage.store.update(&row, &change).await.unwrap();
    };
    change(
        "compute_nodes",
        "old",
        Stored::new().with("hypervisor_version", 1),
    )
    .await;
    change(
        "compute_nodes",
        "other",
        Stored::new().with("hypervisor_type", "xen"),
    )
    .await;
    change("compute_nodes", "full", Stored::new().with("free_ram_mb", 512)).await;
    change("services", "down", Stored::new().with("forced_down", true)).await;

    for (host, class) in [
        ("a", "UnableToMigrateToSelf"),
        ("old", "DestinationHypervisorTooOld"),
        ("other", "InvalidHypervisorType"),
        ("full", "MigrationPreCheckError"),
        ("down", "ComputeServiceUnavailable"),
        ("nowhere", "ComputeServiceUnavailable"),
    ] {
        let error = live(&stage, &instance(), Some(host)).await.unwrap_err();
        assert_eq!(rpc_runtime::RpcError::to_failure(&error).class, class, "{host}");
    }
    let (vm_state, task_state, faults) = stage.state().await;
    assert_eq!(
        (vm_state.as_deref(), task_state, faults.len()),
        (Some("active"), None, 6)
    );

    // What callers do not expect puts the instance in error.
    stage.agrees(Err(Failure::new("builtins", "OSError", "broken")));
    let error = live(&stage, &instance(), Some("b")).await.unwrap_err();
    assert_eq!(rpc_runtime::RpcError::to_failure(&error).class, "MigrationError");
    stage.next("b", "check_can_live_migrate_destination").await;
    let stopped = instance().with("power_state", 4);
    let error = live(&stage, &stopped, Some("b")).await.unwrap_err();
    assert_eq!(rpc_runtime::RpcError::to_failure(&error).class, "MigrationError");
    let (vm_state, _, faults) = stage.state().await;
    assert_eq!(vm_state.as_deref(), Some("error"));
    assert_eq!(
        faults.last().map(String::as_str),
        Some("Instance 9ae5e4a0-0000-4000-8000-000000000001 is not running.")
    );
    stage.ends().await;
}

#[tokio::test]
async fn a_move_is_live_or_has_a_flavor() {
    let mut stage = Stage::new(&[]).await;
    for (live, flavor) in [(true, Some(flavor(6))), (false, None)] {
        let error = migrate(&stage, &instance(), json!({}), live, flavor)
            .await
            .unwrap_err();
        assert!(matches!(error, MigrateError::NotImplementedError(_)), "{error}");
    }
    stage.ends().await;
}
