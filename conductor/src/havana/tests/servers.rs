//! The methods on database servers: what they write there is what they read.

use conductor_api::havana::{
    Actions as _, Aggregates as _, BlockDevices as _, ComputeNodes as _, Instances as _, Quotas as _,
    Services as _, Usage as _,
};
use rpc_runtime::Context;
use serde_json::json;

use super::super::Options;
use super::{Bench, UUID, error, instance, sent};
use crate::store::Query;
use crate::store::testing::Lab;

#[tokio::test]
async fn on_postgres() {
    a_life(&Bench::over(Lab::postgres().await, Options::default()).await).await;
}

#[tokio::test]
async fn on_mariadb() {
    a_life(&Bench::over(Lab::mariadb().await, Options::default()).await).await;
}

/// A host comes up, and an instance lives and dies on it.
async fn a_life(bench: &Bench) {
    a_host_comes_up(bench).await;
    an_instance_is_built(bench).await;
    it_is_accounted_for(bench).await;
    it_goes(bench).await;
}

async fn a_host_comes_up(bench: &Bench) {
    let (havana, ctx) = (&bench.havana, &bench.ctx);
    let values = json!({"host": "one", "topic": "compute", "binary": "nova-compute", "report_count": 0});
    let service = havana.service_create(ctx, sent(values.clone())).await.unwrap();
    assert!(
        error(havana.service_create(ctx, sent(values)).await)
            .0
            .ends_with("Exists")
    );
    let beat = sent(json!({"report_count": 1}));
    let service = havana.service_update(ctx, service, beat).await.unwrap();
    assert_eq!(service["report_count"], 1);

    let values = sent(json!({
        "service_id": service["id"], "vcpus": 4, "memory_mb": 1024, "local_gb": 10, "vcpus_used": 0,
        "memory_mb_used": 0, "local_gb_used": 0, "hypervisor_type": "fake", "hypervisor_version": 1,
        "hypervisor_hostname": "node", "cpu_info": "{}", "host_ip": "10.0.0.1", "stats": {"io_workload": 1},
    }));
    let node = havana.compute_node_create(ctx, values).await.unwrap();
    let values = sent(json!({"vcpus_used": 1, "stats": {"num_vm_active": 1}}));
    let node = havana.compute_node_update(ctx, node, values, true).await.unwrap();
    assert_eq!(
        (&node["vcpus_used"], &node["host_ip"]),
        (&json!(1), &json!("10.0.0.1"))
    );
    assert_eq!(node["stats"].as_array().unwrap().len(), 1);

    let id = bench.put("aggregates", json!({"name": "fast"})).await;
    let aggregate = || sent(json!({"id": id}));
    havana
        .aggregate_host_add(ctx, aggregate(), "one".to_owned())
        .await
        .unwrap();
    let metadata = sent(json!({"availability_zone": "z"}));
    havana
        .aggregate_metadata_add(ctx, aggregate(), metadata, true)
        .await
        .unwrap();
    let found = havana.aggregate_get_by_host(ctx, "one".to_owned(), Some("availability_zone".to_owned()));
    assert_eq!(found.await.unwrap()[0]["availability_zone"], "z");
}

async fn an_instance_is_built(bench: &Bench) {
    let (havana, ctx) = (&bench.havana, &bench.ctx);
    bench.put_instance(UUID, json!({"task_state": "spawning"})).await;
    let updates = sent(json!({
        "vm_state": "active", "task_state": null, "expected_task_state": "spawning", "host": "one", "node": "node",
        "launched_at": "2013-10-17T12:00:00.000000", "access_ip_v4": "10.0.0.7", "system_metadata": {"image": "i"},
    }));
    let updated = havana
        .instance_update(ctx, UUID.to_owned(), updates, None)
        .await
        .unwrap();
    assert_eq!(
        (&updated["launched_at"], &updated["access_ip_v4"]),
        (&json!("2013-10-17T12:00:00.000000"), &json!("10.0.0.7"))
    );
    let info = sent(json!({"network_info": "[]"}));
    havana
        .instance_info_cache_update(ctx, instance(UUID), info)
        .await
        .unwrap();
    let swap = sent(json!({"instance_uuid": UUID, "device_name": "/dev/vdb", "virtual_name": "swap"}));
    havana
        .block_device_mapping_update_or_create(ctx, swap, None)
        .await
        .unwrap();
    let mappings = havana.block_device_mapping_get_all_by_instance(ctx, instance(UUID), true);
    assert_eq!(mappings.await.unwrap()[0]["virtual_name"], "swap");

    let action = json!({"action": "create", "instance_uuid": UUID, "request_id": "req-1"});
    bench.put("instance_actions", action).await;
    let event =
        || sent(json!({"event": "run", "instance_uuid": UUID, "request_id": "req-1", "result": "Error"}));
    havana.action_event_start(ctx, event()).await.unwrap();
    havana.action_event_finish(ctx, event()).await.unwrap();
    assert_eq!(
        bench.rows(Query::of("instance_actions")).await[0].text("message"),
        Some("Error")
    );

    let filters =
        sent(json!({"host": ["one"], "deleted": false, "system_metadata": {"image": "i"}, "node": "^no"}));
    let (key, dir) = ("created_at".to_owned(), "desc".to_owned());
    let found = havana
        .instance_get_all_by_filters(ctx, filters, key, dir, None)
        .await
        .unwrap();
    assert_eq!(
        (found.len(), &found[0]["info_cache"]["network_info"]),
        (1, &json!("[]"))
    );
}

async fn it_is_accounted_for(bench: &Bench) {
    let (havana, ctx) = (&bench.havana, &bench.ctx);
    let usage = json!({"project_id": "p", "user_id": "u", "resource": "cores", "in_use": 0, "reserved": 2});
    let usage = bench.put("quota_usages", usage).await;
    let reservation = json!({
        "uuid": "r", "usage_id": usage, "project_id": "p", "user_id": "u", "resource": "cores", "delta": 2,
        "expire": "2030-01-01T00:00:00.0",
    });
    bench.put("reservations", reservation).await;
    let user = Context::new().project("p").user("u");
    havana
        .quota_commit(&user, vec!["r".to_owned()], None, None)
        .await
        .unwrap();
    let usage = &bench.rows(Query::of("quota_usages")).await[0];
    assert_eq!((usage.int("in_use"), usage.int("reserved")), (Some(2), Some(0)));

    let start = || json!("2013-10-01T00:00:00.000000");
    for bytes in [Some(5), Some(7), None] {
        let (uuid, mac) = (UUID.to_owned(), "aa:bb".to_owned());
        let used = havana.bw_usage_update(ctx, uuid, mac, start(), bytes, None, None, None, None, true);
        assert_eq!(used.await.unwrap().unwrap()["bw_in"], bytes.unwrap_or(7));
    }
    let owner = || sent(json!({"uuid": UUID, "project_id": "p", "user_id": "u", "availability_zone": null}));
    for totals in [false, true] {
        let used = havana.vol_usage_update(ctx, "v".to_owned(), 1, 2, 3, 4, owner(), None, totals);
        used.await.unwrap();
    }
    let volume = &bench.rows(Query::of("volume_usage_cache")).await[0];
    assert_eq!(
        (volume.int("curr_reads"), volume.int("tot_write_bytes")),
        (Some(0), Some(4))
    );

    let end = json!("2013-11-01T00:00:00.000000");
    let begin = async || {
        let (task, host) = ("audit".to_owned(), "one".to_owned());
        havana
            .task_log_begin_task(ctx, task, start(), end.clone(), host, Some(1), None)
            .await
    };
    begin().await.unwrap();
    assert_eq!(error(begin().await).0, "TaskAlreadyRunning");
}

async fn it_goes(bench: &Bench) {
    let (havana, ctx) = (&bench.havana, &bench.ctx);
    havana.instance_destroy(ctx, instance(UUID)).await.unwrap();
    let again = havana.instance_destroy(ctx, instance(UUID)).await;
    assert_eq!(error(again).0, "InstanceNotFound");
    let all = ctx.clone().with("read_deleted", "yes");
    let gone = havana
        .instance_get_by_uuid(&all, UUID.to_owned(), None)
        .await
        .unwrap();
    assert_eq!(gone["deleted"], gone["id"]);
    let service = bench.rows(Query::of("services")).await[0].int("id").unwrap();
    havana.service_destroy(ctx, service).await.unwrap();
    assert_eq!(bench.count(Query::of("compute_nodes")).await, 0);
}
