//! Nova's objects in the form of 2013.2, beside those of today.

use rpc_runtime::testing::Broker;
use serde_json::json;

use crate::cloud::{Cloud, UUID, call};

#[tokio::test]
async fn objects_of_then_and_of_today_are_the_same_rows() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "objects").await;
    let row = json!([{
        "uuid": UUID, "project_id": "p", "user_id": "u", "host": "one", "vm_state": "active", "deleted": 0,
    }]);
    cloud.put("instances", row).await;
    let instance = |version: &str| {
        json!({
            "nova_object.name": "Instance",
            "nova_object.namespace": "nova",
            "nova_object.version": version,
            "nova_object.data": {"uuid": UUID, "id": 1, "task_state": "rebooting"},
            "nova_object.changes": ["task_state"],
        })
    };
    let of_class = |class: &str, method: &str, version: &str, args| {
        call(
            "object_class_action",
            json!({
                "objname": class, "objmethod": method, "objver": version, "args": args, "kwargs": {},
            }),
        )
    };
    cloud
        .check([
            call(
                "object_action",
                json!({
                    "objinst": instance("1.0"), "objmethod": "save", "args": [],
                    "kwargs": {"expected_task_state": [null]},
                }),
            )
            .gives(json!([{}, null])),
            of_class("InstanceList", "get_by_host", "1.0", json!(["one"])).gives(json!({
                "nova_object.version": "1.0",
                "nova_object.data": {"objects": [{
                    "nova_object.version": "1.0",
                    "nova_object.data": {"uuid": UUID, "task_state": "rebooting", "deleted": false},
                }]},
            })),
            // The same row, as nova-compute of today asks for it.
            call(
                "object_class_action_versions",
                json!({
                    "objname": "Instance", "objmethod": "get_by_uuid", "args": [UUID], "kwargs": {},
                    "object_versions": {"Instance": "2.8"},
                }),
            )
            .version("3.0")
            .gives(json!({
                "nova_object.version": "2.8",
                "nova_object.data": {"task_state": "rebooting", "compute_id": null},
            })),
            of_class("Pigeon", "get", "1.0", json!([]))
                .raises("UnsupportedObjectError", "Unsupported object type Pigeon"),
            of_class("Instance", "get_by_uuid", "1.9", json!([UUID])).raises(
                "IncompatibleObjectVersion",
                "Version 1.9 of Instance is not supported",
            ),
        ])
        .await;
}
