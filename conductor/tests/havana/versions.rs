//! Callers of every age: what they leave out, and what they cannot ask for.

use rpc_runtime::testing::Broker;
use serde_json::json;

use crate::cloud::{Cloud, UUID, call};

#[tokio::test]
async fn callers_of_before_are_answered_too() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "versions").await;
    let row = json!([{
        "uuid": UUID, "project_id": "p", "user_id": "u", "host": "one", "node": "node-1", "deleted": 0,
    }]);
    cloud.put("instances", row).await;
    let metadata = json!([{"instance_uuid": UUID, "key": "role", "value": "web", "deleted": 0}]);
    cloud.put("instance_metadata", metadata).await;
    let unsupported = |version: &str, method: &str| {
        format!("Endpoint does not support RPC version {version}. Attempted method: {method}")
    };
    let instance = json!({"uuid": UUID});
    cloud
        .check([
            call("ping", json!({"arg": [1]}))
                .version("1.22")
                .gives(json!({"service": "conductor", "arg": [1]})),
            call("get_backdoor_port", json!({}))
                .version("1.6")
                .gives(json!(null)),
            call("instance_update", json!({"instance_uuid": UUID, "updates": {}}))
                .version("1.0")
                .gives(json!({"id": 1})),
            call("instance_get_by_uuid", json!({"instance_uuid": UUID}))
                .version("1.2")
                .gives(json!({
                    "metadata": [{"key": "role"}],
                })),
            call(
                "instance_get_by_uuid",
                json!({"instance_uuid": UUID, "columns_to_join": ["system_metadata"]}),
            )
            .version("1.49")
            .gives(json!({"metadata": [], "info_cache": null})),
            call("instance_get_all_by_host", json!({"host": "one"}))
                .version("1.2")
                .gives(json!([{"id": 1}])),
            call(
                "instance_get_all_by_host",
                json!({"host": "one", "node": "node-2"}),
            )
            .version("1.32")
            .gives(json!([])),
            call(
                "instance_get_all_by_filters",
                json!({"filters": {"host": "one"}, "sort_key": "id", "sort_dir": "desc"}),
            )
            .version("1.15")
            .gives(json!([{"metadata": [{"value": "web"}]}])),
            call(
                "block_device_mapping_get_all_by_instance",
                json!({"instance": instance}),
            )
            .version("1.13")
            .gives(json!([])),
            call("service_get_all_by", json!({"topic": "x"}))
                .version("1.21")
                .gives(json!([])),
            call("provider_fw_rule_get_all", json!({}))
                .version("1.9")
                .gives(json!([])),
            call("quota_commit", json!({"reservations": ["r"]}))
                .version("1.41")
                .gives(json!(null)),
            // The same method of the third major version, at the same time.
            call("provider_fw_rule_get_all", json!({}))
                .version("3.0")
                .gives(json!([])),
            call("ping", json!({"arg": 1}))
                .version("1.59")
                .raises("UnsupportedVersion", unsupported("1.59", "ping")),
            call("ping", json!({"arg": 1}))
                .version("2.0")
                .raises("UnsupportedVersion", unsupported("2.0", "ping")),
            call("fixed_ip_get_by_instance", json!({"instance": {}}))
                .version("1.41")
                .raises(
                    "NoSuchMethod",
                    "Endpoint does not support RPC method fixed_ip_get_by_instance",
                ),
        ])
        .await;
}
