//! What may be written of an instance, and under which condition.

use rpc_runtime::testing::Broker;
use serde_json::{Value, json};

use crate::cloud::{Case, Cloud, OTHER, UUID, call};

fn update(updates: &Value) -> Case {
    call(
        "instance_update",
        json!({"instance_uuid": UUID, "updates": updates, "service": "compute"}),
    )
}

#[tokio::test]
async fn every_key_that_may_be_written_and_some_that_may_not() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "white_list").await;
    let row = json!([{"uuid": UUID, "project_id": "p", "user_id": "u", "deleted": 0}]);
    cloud.put("instances", row).await;
    let writable = [
        ("task_state", json!("spawning"), json!("spawning")),
        ("vm_state", json!("active"), json!("active")),
        ("power_state", json!(1), json!(1)),
        ("access_ip_v4", json!("10.0.0.7"), json!("10.0.0.7")),
        ("access_ip_v6", json!("fe80::7"), json!("fe80::7")),
        (
            "launched_at",
            json!("2013-10-17T12:00:00.000001"),
            json!("2013-10-17T12:00:00.000001"),
        ),
        (
            "terminated_at",
            json!("2013-10-17T12:00:00.5"),
            json!("2013-10-17T12:00:00.500000"),
        ),
        (
            "updated_at",
            json!("2013-10-18T00:00:00.000000"),
            json!("2013-10-18T00:00:00.000000"),
        ),
        ("host", json!("one"), json!("one")),
        ("node", json!("node-1"), json!("node-1")),
        ("memory_mb", json!(512), json!(512)),
        ("vcpus", json!(2), json!(2)),
        ("root_gb", json!(10), json!(10)),
        ("ephemeral_gb", json!(1), json!(1)),
        ("instance_type_id", json!(5), json!(5)),
        ("root_device_name", json!("/dev/vda"), json!("/dev/vda")),
        ("launched_on", json!("one"), json!("one")),
        ("progress", json!(50), json!(50)),
        ("vm_mode", json!("hvm"), json!("hvm")),
        ("default_ephemeral_device", json!("/dev/vdb"), json!("/dev/vdb")),
        ("default_swap_device", json!("/dev/vdc"), json!("/dev/vdc")),
        (
            "system_metadata",
            json!({"k": "v"}),
            json!([{"key": "k", "value": "v"}]),
        ),
        // A condition, not a column: it holds here.
        ("expected_task_state", json!("spawning"), json!(null)),
    ];
    let written = writable.into_iter().map(|(key, value, answer)| {
        let answer = match key {
            "expected_task_state" => json!({"task_state": "spawning", "name": "instance-00000001"}),
            key => json!({key: answer}),
        };
        update(&json!({key: value})).gives(answer)
    });
    cloud.check(written).await;

    let refused = [
        "id",
        "uuid",
        "project_id",
        "deleted",
        "display_name",
        "metadata",
        "expected_vm_state",
    ];
    let refused = refused.map(|key| {
        update(&json!({key: null})).raises("KeyError", format!("unexpected update keyword '{key}'"))
    });
    cloud.check(refused).await;
    let form = "time data 'now' does not match format '%Y-%m-%dT%H:%M:%S.%f'";
    let times = ["launched_at", "terminated_at", "updated_at"];
    cloud
        .check(times.map(|key| update(&json!({key: "now"})).raises("ValueError", form)))
        .await;
}

#[tokio::test]
async fn the_expected_state_and_who_may_update() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "expected_state").await;
    let row =
        json!([{"uuid": UUID, "project_id": "p", "user_id": "u", "deleted": 0, "task_state": "spawning"}]);
    cloud.put("instances", row).await;
    let of = |uuid: &str| call("instance_update", json!({"instance_uuid": uuid, "updates": {}}));
    let user = |project: &str| json!({"user_id": "somebody", "project_id": project});
    cloud
        .check([
            update(&json!({"vm_state": "active", "expected_task_state": "building"})).raises(
                "UnexpectedTaskStateError",
                r#"Unexpected task state: expecting ["building"] but the actual state is spawning"#,
            ),
            update(&json!({"expected_task_state": null})).raises(
                "UnexpectedTaskStateError",
                "Unexpected task state: expecting [null] but the actual state is spawning",
            ),
            update(&json!({"task_state": null, "expected_task_state": [null, "spawning"]}))
                // What was refused before was not written.
                .gives(json!({"task_state": null, "vm_state": null})),
            update(&json!({"expected_task_state": null})).gives(json!({"task_state": null})),
            of(OTHER).raises(
                "InstanceNotFound",
                format!("Instance {OTHER} could not be found."),
            ),
            of("7").raises("InvalidUUID", "Expected a uuid but received 7."),
            of(UUID).context(user("p")).gives(json!({"uuid": UUID})),
            of(UUID)
                .context(user("q"))
                .raises("InstanceNotFound", format!("Instance {UUID} could not be found.")),
            of(UUID)
                .context(json!({}))
                .raises("NotAuthorized", "Not authorized."),
            call("instance_destroy", json!({"instance": {"uuid": UUID}})).gives(json!(null)),
            of(UUID).raises("InstanceNotFound", format!("Instance {UUID} could not be found.")),
            // The context may want to see what is deleted.
            call(
                "instance_get_by_uuid",
                json!({"instance_uuid": UUID, "columns_to_join": null}),
            )
            .context(json!({"is_admin": true, "read_deleted": "yes"}))
            .gives(json!({"deleted": 1})),
        ])
        .await;
}
