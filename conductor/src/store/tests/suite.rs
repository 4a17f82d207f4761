//! What holds for every database.

use crate::store::testing::Lab;
use crate::store::{Order, Query, ReadDeleted, Row, Store, StoreError, Value};

fn service(host: &str) -> Row {
    Row::new()
        .with("host", host)
        .with("binary", "nova-compute")
        .with("topic", "compute")
}

fn services() -> Query {
    Query::of("services").order_by("id", Order::Ascending)
}

async fn hosts(store: &Store, query: Query) -> Vec<String> {
    let rows = store.select(&query).await.unwrap();
    rows.iter()
        .map(|row| row.text("host").unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_row_comes_back_as_it_was_stored() {
    let lab = Lab::sqlite();
    let store = lab.open().await;
    let stored = store.insert("services", &service("a")).await.unwrap();
    assert_eq!(stored.int("id"), Some(1));
    assert_eq!(stored.int("report_count"), Some(0));
    assert_eq!(stored.bool("disabled"), Some(false));
    assert_eq!(stored.int("deleted"), Some(0));
    assert!(stored.time("created_at").is_some());
    assert_eq!(stored.get("updated_at"), &Value::Null);
    assert_eq!(store.select(&services()).await.unwrap(), vec![stored.clone()]);

    let changes = Row::new()
        .with("report_count", 1)
        .with("last_seen_up", stored.time("created_at"));
    assert_eq!(
        store
            .update(&Query::of("services").eq("id", 1), &changes)
            .await
            .unwrap(),
        1
    );
    let changed = store.first(&services()).await.unwrap().unwrap();
    assert_eq!(changed.int("report_count"), Some(1));
    assert_eq!(changed.time("last_seen_up"), stored.time("created_at"));
    assert!(changed.time("updated_at") >= stored.time("created_at"));
}

#[tokio::test]
async fn deleted_rows_make_room_for_others() {
    let lab = Lab::sqlite();
    let store = lab.open().await;
    for host in ["a", "b"] {
        store.insert("services", &service(host)).await.unwrap();
    }
    match store.insert("services", &service("a")).await {
        Err(StoreError::Duplicate {
            table,
            constraint,
            columns,
        }) => {
            assert_eq!(table, "services");
            assert!(constraint.unwrap().starts_with("uniq_services0host0"));
            assert!(columns.contains(&"host".to_owned()), "{columns:?}");
        }
        other => panic!("{other:?}"),
    }
    let a = Query::of("services").eq("host", "a");
    assert_eq!(store.soft_delete(&a).await.unwrap(), 1);
    assert_eq!(store.soft_delete(&a).await.unwrap(), 0);
    store.insert("services", &service("a")).await.unwrap();
    assert_eq!(hosts(&store, services()).await, ["b", "a"]);
    assert_eq!(
        hosts(&store, services().deleted(ReadDeleted::Yes)).await,
        ["a", "b", "a"]
    );
    let only = store
        .select(&services().deleted(ReadDeleted::Only))
        .await
        .unwrap();
    assert_eq!(only.len(), 1);
    assert_eq!(only[0].int("deleted"), only[0].int("id"));
    assert!(only[0].time("deleted_at").is_some());
}

#[tokio::test]
async fn operations_can_be_spawned() {
    let lab = Lab::sqlite();
    let store = lab.open().await;
    let task = tokio::spawn(async move {
        let mut transaction = store.begin().await?;
        transaction.insert("services", &service("a")).await?;
        transaction.commit().await?;
        store.count(&Query::of("services")).await
    });
    assert_eq!(task.await.unwrap().unwrap(), 1);
}
