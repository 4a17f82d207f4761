//! What is done as a whole, and what happens when two want the same.

use super::{hosts, services};
use crate::store::testing::{Lab, compute_service, on_every_database};
use crate::store::{Query, Row, Store, StoreError};

on_every_database!(
    all_or_nothing,
    what_failed_has_no_effect,
    counters_that_many_raise_lose_nothing,
    one_of_many_makes_the_tables,
);

async fn all_or_nothing(lab: Lab) {
    let store = lab.open().await;
    let mut transaction = store.begin().await.unwrap();
    transaction
        .insert("services", &compute_service("a"))
        .await
        .unwrap();
    let changes = Row::new().with("report_count", 7);
    assert_eq!(
        transaction
            .update(&Query::of("services"), &changes)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        transaction
            .first(&services())
            .await
            .unwrap()
            .unwrap()
            .int("report_count"),
        Some(7)
    );
    assert_eq!(
        store.count(&services_only()).await.unwrap(),
        0,
        "not seen before its end"
    );
    transaction.commit().await.unwrap();
    assert_eq!(hosts(&store, services()).await, ["a"]);

    let mut dropped = store.begin().await.unwrap();
    dropped.soft_delete(&services_only()).await.unwrap();
    drop(dropped);
    let mut taken_back = store.begin().await.unwrap();
    taken_back.delete(&services_only()).await.unwrap();
    assert_eq!(taken_back.count(&services_only()).await.unwrap(), 0);
    taken_back.rollback().await.unwrap();
    assert_eq!(hosts(&store, services()).await, ["a"]);
}

fn services_only() -> Query {
    Query::of("services")
}

async fn what_failed_has_no_effect(lab: Lab) {
    let store = lab.open().await;
    let mut transaction = store.begin().await.unwrap();
    transaction
        .insert("services", &compute_service("a"))
        .await
        .unwrap();
    // A mistake that no database saw does no harm.
    let mistake = transaction.insert("services", &Row::new().with("none", 1)).await;
    assert!(
        matches!(mistake, Err(StoreError::NoSuchColumn { .. })),
        "{mistake:?}"
    );
    let refused = transaction.insert("services", &compute_service("a")).await;
    assert!(
        matches!(refused, Err(StoreError::Duplicate { .. })),
        "{refused:?}"
    );
    let more = transaction.insert("services", &compute_service("b")).await;
    assert!(matches!(more, Err(StoreError::Ended)), "{more:?}");
    assert!(matches!(transaction.commit().await, Err(StoreError::Ended)));
    assert_eq!(store.count(&services_only()).await.unwrap(), 0);
}

/// Reads a count and stores one more, without another between.
async fn raise(store: &Store) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let row = transaction.first(&services().locked()).await?.unwrap();
    let more = Row::new().with("report_count", row.int("report_count").unwrap() + 1);
    transaction.update(&services_only(), &more).await?;
    transaction.commit().await
}

async fn counters_that_many_raise_lose_nothing(lab: Lab) {
    let store = lab.open().await;
    store.insert("services", &compute_service("a")).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    raise(&store).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = store.first(&services()).await.unwrap().unwrap();
    assert_eq!(row.int("report_count"), Some(40));
}

async fn one_of_many_makes_the_tables(lab: Lab) {
    let openings = (0..4).map(|_| lab.open());
    for store in futures_util::future::join_all(openings).await {
        assert!(store.absent().is_empty());
        assert_eq!(store.count(&services_only()).await.unwrap(), 0);
    }
}
