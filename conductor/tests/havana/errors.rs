//! Errors that callers expect, and how they differ from others: in the log.

use rpc_runtime::testing::Broker;
use serde_json::json;

use crate::cloud::{Cloud, UUID, call};

#[tokio::test]
async fn what_callers_expect_is_no_failure_in_the_log() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "errors").await;
    cloud
        .put("aggregates", json!([{"name": "fast", "deleted": 0}]))
        .await;
    let host = json!({"aggregate": {"id": 1}, "host": "one"});
    cloud
        .check([
            call("service_get_all_by", json!({"topic": "compute", "host": "x"}))
                .raises("ComputeHostNotFound", "Compute host x could not be found."),
            call("service_get_all_by", json!({"host": "x", "binary": "y"}))
                .raises("HostBinaryNotFound", "Could not find binary y on host x."),
            call("service_update", json!({"service": {"id": 9}, "values": {}}))
                .raises("ServiceNotFound", "Service 9 could not be found."),
            call("service_destroy", json!({"service_id": 9}))
                .raises("ServiceNotFound", "Service 9 could not be found."),
            call("instance_get", json!({"instance_id": 9}))
                .raises("InstanceNotFound", "Instance 9 could not be found."),
            call("instance_get_by_uuid", json!({"instance_uuid": UUID}))
                .raises("InstanceNotFound", format!("Instance {UUID} could not be found.")),
            call(
                "instance_update",
                json!({"instance_uuid": UUID, "updates": {"id": 1}}),
            )
            .raises("KeyError", "unexpected update keyword 'id'"),
            call("migration_get", json!({"migration_id": 9}))
                .raises("MigrationNotFound", "Migration 9 could not be found."),
            call("migration_update", json!({"migration": {"id": 9}, "status": "x"}))
                .raises("MigrationNotFound", "Migration 9 could not be found."),
            call("aggregate_get", json!({"aggregate_id": 9}))
                .raises("AggregateNotFound", "Aggregate 9 could not be found."),
            call("aggregate_host_add", host.clone()).gives(json!({"host": "one"})),
            call("aggregate_host_add", host.clone())
                .raises("AggregateHostExists", "Aggregate 1 already has host one."),
            call("aggregate_host_delete", host.clone()).gives(json!(null)),
            call("aggregate_host_delete", host)
                .raises("AggregateHostNotFound", "Aggregate 1 has no host one."),
            call(
                "aggregate_metadata_delete",
                json!({"aggregate": {"id": 1}, "key": "k"}),
            )
            .raises(
                "AggregateMetadataNotFound",
                "Aggregate 1 has no metadata with key k.",
            ),
            // Nobody expects these.
            call("block_device_mapping_destroy", json!({}))
                .raises("Invalid", "Invalid block_device_mapping_destroy invocation"),
            call(
                "action_event_start",
                json!({"values": {"instance_uuid": UUID, "request_id": "r"}}),
            )
            .raises(
                "InstanceActionNotFound",
                format!("Action for request_id r on instance {UUID} not found"),
            ),
            call("compute_stop", json!({"instance": {}})).raises("NotImplementedError", "compute_stop"),
        ])
        .await;
    let lines = cloud.logged("compute_stop").await;
    let classes = ["Invalid", "InstanceActionNotFound", "NotImplementedError"];
    assert_eq!(lines.len(), classes.len(), "{lines:#?}");
    for (line, class) in lines.iter().zip(classes) {
        assert!(line.contains("ERROR") && line.contains(class), "{line}");
    }
}
