//! Services, compute nodes, and which question gets which kind of answer.

use rpc_runtime::testing::Broker;
use serde_json::json;

use crate::cloud::{Cloud, call};

#[tokio::test]
async fn every_way_to_ask_for_services() {
    let broker = Broker::shared().await.unwrap();
    let mut cloud = Cloud::new(broker, "services").await;
    let create = |host: &str, topic: &str, enabled: bool| {
        let binary = format!("nova-{topic}");
        call(
            "service_create",
            json!({"values": {"host": host, "topic": topic, "binary": binary, "disabled": !enabled}}),
        )
        .gives(json!({"host": host, "disabled": !enabled, "report_count": 0, "deleted": 0}))
    };
    let node = json!({
        "service_id": 2, "vcpus": 8, "memory_mb": 1024, "local_gb": 10, "vcpus_used": 0, "memory_mb_used": 0,
        "local_gb_used": 0, "hypervisor_type": "fake", "hypervisor_version": 1, "hypervisor_hostname": "node-1",
        "cpu_info": "{}", "stats": {"io_workload": 0},
    });
    let ask = |args| call("service_get_all_by", args);
    cloud
        .check([
            create("one", "compute", true),
            create("two", "compute", false),
            create("one", "network", true),
            create("two", "network", false),
            call("compute_node_create", json!({"values": node})).gives(json!({
                "hypervisor_hostname": "node-1",
                "stats": [{"key": "io_workload", "value": "0", "deleted": 0}],
            })),
            // The conductor itself is a service too.
            ask(json!({"topic": null, "host": null, "binary": null})).gives(json!([
                {"binary": "nova-conductor"}, {"host": "one"}, {"host": "two"}, {"host": "one"}, {"host": "two"},
            ])),
            ask(json!({"topic": "compute", "host": "one"})).gives(json!([
                {"host": "one", "compute_node": [{"hypervisor_hostname": "node-1"}]},
            ])),
            ask(json!({"topic": "compute", "host": "two"})).gives(json!([{"disabled": true, "compute_node": []}])),
            ask(json!({"topic": "compute", "host": "three"}))
                .raises("ComputeHostNotFound", "Compute host three could not be found."),
            ask(json!({"topic": "network", "host": "one"})).gives(json!({"host": "one"})),
            ask(json!({"topic": "network", "host": "two"})).gives(json!(null)),
            ask(json!({"host": "two", "binary": "nova-network"})).gives(json!({"disabled": true})),
            ask(json!({"host": "two", "binary": "nova-cells"}))
                .raises("HostBinaryNotFound", "Could not find binary nova-cells on host two."),
            ask(json!({"topic": "compute"})).gives(json!([{"host": "one"}])),
            ask(json!({"host": "two"})).gives(json!([{"topic": "compute"}, {"topic": "network"}])),
            // The heartbeat.
            call("service_update", json!({"service": {"id": 2}, "values": {"report_count": 7}}))
                .gives(json!({"report_count": 7, "host": "one"})),
            call("service_update", json!({"service": {"id": 99}, "values": {}}))
                .raises("ServiceNotFound", "Service 99 could not be found."),
            call(
                "service_create",
                json!({"values": {"host": "one", "topic": "other", "binary": "nova-compute"}}),
            )
            .raises(
                "ServiceBinaryExists",
                "Service with host one binary nova-compute exists.",
            ),
            call(
                "service_create",
                json!({"values": {"host": "one", "topic": "compute", "binary": "nova-other"}}),
            )
            .raises(
                "ServiceTopicExists",
                "Service with host one topic compute exists.",
            ),
            call("service_destroy", json!({"service_id": 2})).gives(json!(null)),
            call("service_destroy", json!({"service_id": 2}))
                .raises("ServiceNotFound", "Service 2 could not be found."),
            call("compute_node_delete", json!({"node": {"id": 1}}))
                .raises("ComputeHostNotFound", "Compute host 1 could not be found."),
            ask(json!({})).context(json!({"user_id": "u", "project_id": "p"}))
                .raises("AdminRequired", "User does not have admin privileges"),
        ])
        .await;
}
