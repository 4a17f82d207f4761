//! Quotas, what is used, and the log of audits.

use conductor_api::havana::{Quotas as _, Usage as _};
use rpc_runtime::Context;
use serde_json::{Value as Json, json};

use super::{Bench, UUID, error, sent};
use crate::store::{Query, Row};

/// A project that uses 4 instances, and has reserved 3 more and given back 1.
async fn reserved() -> Bench {
    let bench = Bench::new().await;
    let usage =
        json!({"project_id": "p", "user_id": "u", "resource": "instances", "in_use": 4, "reserved": 3});
    bench.put("quota_usages", usage).await;
    for (uuid, delta) in [("r1", 2), ("r2", 1), ("r3", -1)] {
        let row = json!({
            "uuid": uuid, "usage_id": 1, "project_id": "p", "user_id": "u", "resource": "instances",
            "delta": delta, "expire": "2999-01-01T00:00:00.0",
        });
        bench.put("reservations", row).await;
    }
    bench
}

async fn usage(bench: &Bench) -> (i64, i64) {
    let usages = bench.rows(Query::of("quota_usages")).await;
    (
        usages[0].int("in_use").unwrap(),
        usages[0].int("reserved").unwrap(),
    )
}

fn uuids(uuids: &[&str]) -> Vec<String> {
    uuids.iter().copied().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_was_reserved_is_used_or_free_again() {
    let bench = reserved().await;
    let project = Some("p".to_owned());
    let user = Some("u".to_owned());
    let committed = uuids(&["r1", "r3"]);
    bench
        .havana
        .quota_commit(&bench.ctx, committed, project, user)
        .await
        .unwrap();
    assert_eq!(usage(&bench).await, (5, 1));
    // Callers of before name no project.
    let ctx = Context::new();
    bench
        .havana
        .quota_rollback(&ctx, uuids(&["r2"]), None, None)
        .await
        .unwrap();
    assert_eq!(usage(&bench).await, (5, 0));
    assert_eq!(bench.count(Query::of("reservations")).await, 0);
    // What is settled is not settled again.
    bench
        .havana
        .quota_commit(&ctx, uuids(&["r1", "r2", "r3"]), None, None)
        .await
        .unwrap();
    assert_eq!(usage(&bench).await, (5, 0));
}

#[tokio::test]
async fn several_reservations_of_one_resource_add_up() {
    let bench = reserved().await;
    let ctx = Context::new().project("p").user("u");
    bench
        .havana
        .quota_commit(&ctx, uuids(&["r1", "r2"]), None, None)
        .await
        .unwrap();
    assert_eq!(usage(&bench).await, (7, 0));
}

#[tokio::test]
async fn bandwidth_is_written_unless_there_is_none() {
    let bench = Bench::new().await;
    let update = async |bw_in: Option<i64>, bw_out: Option<i64>| {
        let start = json!("2013-10-17T00:00:00.000000");
        let (uuid, mac) = (UUID.to_owned(), "aa:bb".to_owned());
        let written = bench.havana.bw_usage_update(
            &bench.ctx, uuid, mac, start, bw_in, bw_out, None, None, None, true,
        );
        written.await.unwrap()
    };
    assert_eq!(update(None, None).await, None);
    let first = update(Some(10), Some(20)).await.unwrap();
    assert_eq!(
        (&first["bw_in"], &first["bw_out"], &first["start_period"]),
        (&json!(10), &json!(20), &json!("2013-10-17T00:00:00.000000"))
    );
    let second = update(Some(30), Some(0)).await.unwrap();
    assert_eq!((&second["id"], &second["bw_in"]), (&first["id"], &json!(30)));
    assert_eq!(update(None, None).await.unwrap()["bw_in"], 30);
    assert_eq!(bench.count(Query::of("bw_usage_cache")).await, 1);
}

#[tokio::test]
async fn volumes_are_counted_by_instance() {
    let bench = Bench::new().await;
    let update = async |counted: i64, totals| {
        let instance = sent(json!({
            "uuid": UUID, "project_id": "p", "user_id": "u", "availability_zone": null,
        }));
        let updated = bench.havana.vol_usage_update(
            &bench.ctx,
            "v".to_owned(),
            counted,
            counted,
            counted,
            counted,
            instance,
            None,
            totals,
        );
        updated.await.unwrap();
        let row: Row = bench.rows(Query::of("volume_usage_cache")).await.swap_remove(0);
        (row.int("curr_write_bytes"), row.int("tot_write_bytes"))
    };
    assert_eq!(update(10, false).await.0, Some(10));
    assert_eq!(update(15, true).await, (Some(0), Some(15)));
    assert_eq!(update(8, false).await, (Some(8), Some(15)));
    // The counters of an instance that was started again.
    assert_eq!(update(2, false).await, (Some(2), Some(23)));
    let since = async |time: &str| {
        let found = bench.havana.vol_get_usage_by_time(&bench.ctx, time.into()).await;
        found.unwrap().len()
    };
    assert_eq!(since("2013-10-17T00:00:00.0").await, 1);
    assert_eq!(since("2999-10-17T00:00:00.0").await, 0);
}

#[tokio::test]
async fn an_audit_of_a_period_runs_once() {
    let bench = Bench::new().await;
    let (begin, end) = (json!("2013-10-01T00:00:00.0"), json!("2013-11-01T00:00:00.0"));
    let name = || "audit".to_owned();
    let begin_task = async |host: &str| {
        let (begin, end) = (begin.clone(), end.clone());
        let ctx = Context::new();
        bench
            .havana
            .task_log_begin_task(&ctx, name(), begin, end, host.to_owned(), Some(3), None)
            .await
    };
    let end_task = async |host: &str| {
        let (begin, end) = (begin.clone(), end.clone());
        let message = Some("done".to_owned());
        let ctx = Context::new();
        bench
            .havana
            .task_log_end_task(&ctx, name(), begin, end, host.to_owned(), 2, message)
            .await
    };
    let get = async |host: Option<&str>, state: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let (begin, end) = (begin.clone(), end.clone());
        let entry = bench
            .havana
            .task_log_get(&bench.ctx, name(), begin, end, own(host), own(state));
        entry.await.unwrap().map(Json::Object).unwrap_or_default()
    };
    assert_eq!(get(Some("one"), None).await, json!(null));
    assert_eq!(
        error(end_task("one").await),
        (
            "TaskNotRunning".into(),
            "Task audit is not running on host one".into()
        )
    );
    begin_task("one").await.unwrap();
    assert_eq!(
        error(begin_task("one").await),
        (
            "TaskAlreadyRunning".into(),
            "Task audit is already running on host one".into()
        )
    );
    begin_task("two").await.unwrap();
    assert_eq!(get(Some("one"), Some("RUNNING")).await["task_items"], 3);
    end_task("one").await.unwrap();
    assert_eq!(get(Some("one"), Some("RUNNING")).await, json!(null));
    let done = get(None, Some("DONE")).await;
    assert_eq!(
        (&done["host"], &done["errors"], &done["message"]),
        (&json!("one"), &json!(2), &json!("done"))
    );
}
