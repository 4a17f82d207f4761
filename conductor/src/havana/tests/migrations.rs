//! Migrations: made, in progress, never confirmed.

use conductor_api::havana::Migrations as _;
use rpc_runtime::Context;
use serde_json::json;

use super::{Bench, OTHER, UUID, error, sent, texts};
use crate::store::{Query, ReadDeleted};

#[tokio::test]
async fn one_is_made_away_from_where_the_instance_is() {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({})).await;
    let instance = sent(json!({"uuid": UUID, "host": "one", "node": "n1"}));
    let values = sent(json!({"dest_compute": "two", "dest_node": "n2", "status": "pre-migrating"}));
    // It runs with the rights of an administrator.
    let user = Context::new().user("u").project("p");
    let made = bench
        .havana
        .migration_create(&user, instance, values)
        .await
        .unwrap();
    for (column, expected) in [
        ("instance_uuid", UUID),
        ("source_compute", "one"),
        ("source_node", "n1"),
        ("dest_compute", "two"),
        ("status", "pre-migrating"),
    ] {
        assert_eq!(made[column], expected);
    }
    let updated = bench
        .havana
        .migration_update(&user, made.clone(), "finished".to_owned())
        .await
        .unwrap();
    assert_eq!(updated["status"], "finished");
    assert_eq!(bench.havana.migration_get(&user, 1).await, Ok(updated));

    bench.store.soft_delete(&Query::of("migrations")).await.unwrap();
    assert_eq!(bench.havana.migration_get(&user, 1).await.unwrap()["deleted"], 1);
    bench
        .havana
        .migration_update(&user, made, "error".to_owned())
        .await
        .unwrap();
    let gone = Query::of("migrations")
        .deleted(ReadDeleted::Only)
        .eq("status", "error");
    assert_eq!(bench.count(gone).await, 1);
    let missing = (
        "MigrationNotFound".to_owned(),
        "Migration 9 could not be found.".to_owned(),
    );
    assert_eq!(error(bench.havana.migration_get(&user, 9).await), missing);
    let nine = sent(json!({"id": 9}));
    let lost = bench.havana.migration_update(&user, nine, "x".to_owned()).await;
    assert_eq!(error(lost), missing);
}

#[tokio::test]
async fn those_in_progress_at_a_node_come_with_their_instances() {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({"host": "one"})).await;
    bench.put_instance(OTHER, json!({"deleted": 2})).await;
    let row = json!({"instance_uuid": UUID, "key": "image", "value": "i"});
    bench.put("instance_system_metadata", row).await;
    let migration = |uuid: &str, source: [&str; 2], dest: [&str; 2], status: &str| {
        json!({
            "instance_uuid": uuid, "status": status,
            "source_compute": source[0], "source_node": source[1],
            "dest_compute": dest[0], "dest_node": dest[1],
        })
    };
    for row in [
        migration(UUID, ["one", "n1"], ["two", "n2"], "migrating"),
        migration(OTHER, ["two", "n2"], ["one", "n1"], "finished"),
        migration(UUID, ["one", "n1"], ["two", "n2"], "confirmed"),
        migration(UUID, ["one", "n1"], ["two", "n2"], "reverted"),
        migration(UUID, ["one", "n9"], ["two", "n1"], "error"),
    ] {
        bench.put("migrations", row).await;
    }
    let at = async |host: &str, node: &str| {
        let (host, node) = (host.to_owned(), node.to_owned());
        bench
            .havana
            .migration_get_in_progress_by_host_and_node(&bench.ctx, host, node)
            .await
            .unwrap()
    };
    let found = at("one", "n1").await;
    assert_eq!(texts(&found, "status"), ["migrating", "finished"]);
    let instance = &found[0]["instance"];
    assert_eq!(
        (&instance["name"], &instance["system_metadata"][0]["value"]),
        (&json!("instance-00000001"), &json!("i"))
    );
    // An instance that is not there any more.
    assert_eq!(found[1]["instance"], json!(null));
    assert_eq!(texts(&at("two", "n1").await, "status"), ["error"]);
    assert!(at("three", "n1").await.is_empty());
}

#[tokio::test]
async fn those_that_nobody_confirms() {
    let bench = Bench::new().await;
    for (status, dest, updated) in [
        ("finished", "one", "2013-10-17T00:00:00.0"),
        ("finished", "two", "2013-10-17T00:00:00.0"),
        ("migrating", "one", "2013-10-17T00:00:00.0"),
        ("finished", "one", "2999-10-17T00:00:00.0"),
    ] {
        let row = json!({"status": status, "dest_compute": dest, "updated_at": updated});
        bench.put("migrations", row).await;
    }
    let ask = bench
        .havana
        .migration_get_unconfirmed_by_dest_compute(&bench.ctx, 60, "one".to_owned());
    let found = ask.await.unwrap();
    assert_eq!(
        found.iter().map(|row| &row["id"]).collect::<Vec<_>>(),
        [&json!(1)]
    );
    // A peer may say what it likes.
    for (seconds, count) in [(i64::MAX, 0), (i64::MIN, 2)] {
        let ask =
            bench
                .havana
                .migration_get_unconfirmed_by_dest_compute(&bench.ctx, seconds, "one".to_owned());
        assert_eq!(ask.await.unwrap().len(), count, "{seconds}");
    }
}
