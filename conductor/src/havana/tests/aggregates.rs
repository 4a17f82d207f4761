//! Aggregates, their hosts and their metadata.

use conductor_api::havana::{Aggregates as _, Row as Sent};
use rpc_runtime::Context;
use serde_json::{Value as Json, json};

use super::{Bench, error, sent, texts};

fn aggregate(id: i64) -> Sent {
    sent(json!({"id": id}))
}

/// Two aggregates, and a caller without rights: all methods run with those of an administrator.
async fn cloud() -> (Bench, Context) {
    let bench = Bench::new().await;
    for name in ["fast", "slow"] {
        bench.put("aggregates", json!({"name": name})).await;
    }
    (bench, Context::new().user("u").project("p"))
}

#[tokio::test]
async fn hosts_are_put_in_and_taken_out() {
    let (bench, ctx) = cloud().await;
    let add = async |id| {
        bench
            .havana
            .aggregate_host_add(&ctx, aggregate(id), "one".to_owned())
            .await
    };
    let remove = async || {
        bench
            .havana
            .aggregate_host_delete(&ctx, aggregate(1), "one".to_owned())
            .await
    };
    let added = add(1).await.unwrap();
    assert_eq!(
        (&added["host"], &added["aggregate_id"]),
        (&json!("one"), &json!(1))
    );
    assert_eq!(
        error(add(1).await),
        (
            "AggregateHostExists".into(),
            "Aggregate 1 already has host one.".into()
        )
    );
    add(2).await.unwrap();
    assert_eq!(error(add(3).await).0, "AggregateNotFound");
    remove().await.unwrap();
    assert_eq!(
        error(remove().await),
        (
            "AggregateHostNotFound".into(),
            "Aggregate 1 has no host one.".into()
        )
    );
    add(1).await.unwrap();
}

#[tokio::test]
async fn metadata_is_added_replaced_and_deleted() {
    let (bench, ctx) = cloud().await;
    let add = async |metadata: Json, set_delete| {
        let added = bench
            .havana
            .aggregate_metadata_add(&ctx, aggregate(1), sent(metadata), set_delete);
        Json::Object(added.await.unwrap())
    };
    let details = async || bench.havana.aggregate_get(&ctx, 1).await.unwrap()["metadetails"].clone();
    let first = json!({"availability_zone": "z1", "ssd": "true"});
    assert_eq!(add(first.clone(), false).await, first);
    add(json!({"ssd": "false"}), false).await;
    assert_eq!(
        details().await,
        json!({"availability_zone": "z1", "ssd": "false"})
    );
    add(json!({"gpu": 2}), true).await;
    assert_eq!(details().await, json!({"gpu": "2"}));
    let delete = async || {
        bench
            .havana
            .aggregate_metadata_delete(&ctx, aggregate(1), "gpu".to_owned())
            .await
    };
    delete().await.unwrap();
    assert_eq!(
        error(delete().await),
        (
            "AggregateMetadataNotFound".into(),
            "Aggregate 1 has no metadata with key gpu.".into()
        )
    );
}

#[tokio::test]
async fn aggregates_are_found_by_their_hosts() {
    let (bench, ctx) = cloud().await;
    for (id, host) in [(1, "one"), (2, "one"), (2, "two")] {
        bench
            .havana
            .aggregate_host_add(&ctx, aggregate(id), host.to_owned())
            .await
            .unwrap();
    }
    for (id, metadata) in [
        (1, json!({"availability_zone": "z1", "ssd": "true"})),
        (2, json!({"availability_zone": "z2"})),
    ] {
        let added = bench
            .havana
            .aggregate_metadata_add(&ctx, aggregate(id), sent(metadata), false);
        added.await.unwrap();
    }
    let by_host = async |host: &str, key: Option<&str>| {
        let key = key.map(str::to_owned);
        bench
            .havana
            .aggregate_get_by_host(&ctx, host.to_owned(), key)
            .await
            .unwrap()
    };
    let both = by_host("one", None).await;
    assert_eq!(texts(&both, "name"), ["fast", "slow"]);
    assert_eq!(
        (&both[1]["hosts"], &both[1]["availability_zone"]),
        (&json!(["one", "two"]), &json!("z2"))
    );
    assert_eq!(texts(&by_host("one", Some("ssd")).await, "name"), ["fast"]);
    assert!(by_host("two", Some("ssd")).await.is_empty());

    let values = async |host: &str, key: Option<&str>| {
        let key = key.map(str::to_owned);
        let found = bench
            .havana
            .aggregate_metadata_get_by_host(&ctx, host.to_owned(), key)
            .await;
        serde_json::to_value(found.unwrap()).unwrap()
    };
    assert_eq!(
        values("one", Some("availability_zone")).await,
        json!({"availability_zone": ["z1", "z2"]})
    );
    assert_eq!(values("two", Some("ssd")).await, json!({}));
    assert_eq!(
        values("one", None).await,
        json!({"availability_zone": ["z1", "z2"], "ssd": ["true"]})
    );
    assert_eq!(
        error(bench.havana.aggregate_get(&ctx, 3).await),
        (
            "AggregateNotFound".into(),
            "Aggregate 3 could not be found.".into()
        )
    );
}
