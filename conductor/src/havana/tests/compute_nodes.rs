//! Compute nodes and their stats.

use std::collections::BTreeMap;

use conductor_api::havana::{ComputeNodes as _, Row as Sent};
use serde_json::json;

use super::{Bench, error, sent};
use crate::store::{Query, ReadDeleted};

fn values() -> Sent {
    sent(json!({
        "service_id": 1, "vcpus": 4, "memory_mb": 1024, "local_gb": 10, "vcpus_used": 0,
        "memory_mb_used": 0, "local_gb_used": 0, "hypervisor_type": "fake", "hypervisor_version": 1,
        "hypervisor_hostname": "node", "cpu_info": "{}", "stats": {"num_vm_active": 1, "io_workload": "0"},
    }))
}

async fn created(bench: &Bench) -> Sent {
    let node = bench.havana.compute_node_create(&bench.ctx, values());
    node.await.unwrap()
}

/// The stats of an answer: rows of keys and values.
fn stats(node: &Sent) -> BTreeMap<&str, &str> {
    node["stats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["key"].as_str().unwrap(), row["value"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn stats_are_written_as_a_map_and_read_as_rows() {
    let bench = Bench::new().await;
    let service = json!({"host": "one", "topic": "compute", "binary": "nova-compute"});
    bench.put("services", service).await;
    let node = created(&bench).await;
    assert_eq!(
        stats(&node),
        BTreeMap::from([("io_workload", "0"), ("num_vm_active", "1")])
    );
    assert!(!node.contains_key("service"));

    let update = async |values, prune| {
        let id = sent(json!({"id": node["id"]}));
        bench
            .havana
            .compute_node_update(&bench.ctx, id, sent(values), prune)
            .await
            .unwrap()
    };
    let changed = json!({"vcpus_used": 2, "stats": {"num_vm_active": 2, "num_vm_error": 1}});
    let updated = update(changed, false).await;
    assert_eq!(
        stats(&updated),
        BTreeMap::from([
            ("io_workload", "0"),
            ("num_vm_active", "2"),
            ("num_vm_error", "1")
        ])
    );
    assert_eq!(
        (&updated["vcpus_used"], &updated["service"]["host"]),
        (&json!(2), &json!("one"))
    );

    let pruned = update(json!({"stats": {"num_vm_active": 2}}), true).await;
    assert_eq!(stats(&pruned), BTreeMap::from([("num_vm_active", "2")]));
    let forgotten = Query::of("compute_node_stats").deleted(ReadDeleted::Only);
    assert_eq!(bench.count(forgotten).await, 2);
}

#[tokio::test]
async fn a_report_always_moves_the_time_of_the_row() {
    let bench = Bench::new().await;
    let node = created(&bench).await;
    let update = async |values| {
        let id = sent(json!({"id": node["id"]}));
        bench
            .havana
            .compute_node_update(&bench.ctx, id, sent(values), false)
            .await
    };
    assert!(update(json!({})).await.unwrap()["updated_at"].is_string());
    let given = "2013-10-17T01:02:03.000004";
    let updated = update(json!({"updated_at": given})).await.unwrap();
    assert_eq!(updated["updated_at"], given);
}

#[tokio::test]
async fn a_node_is_forgotten_with_its_stats() {
    let bench = Bench::new().await;
    let node = created(&bench).await;
    bench
        .havana
        .compute_node_delete(&bench.ctx, node.clone())
        .await
        .unwrap();
    assert_eq!(bench.count(Query::of("compute_node_stats")).await, 0);
    let gone = (
        "ComputeHostNotFound".to_owned(),
        "Compute host 1 could not be found.".to_owned(),
    );
    assert_eq!(
        error(bench.havana.compute_node_delete(&bench.ctx, node.clone()).await),
        gone
    );
    let lost = bench
        .havana
        .compute_node_update(&bench.ctx, node, sent(json!({})), false)
        .await;
    assert_eq!(error(lost), gone);
}
