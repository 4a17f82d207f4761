//! Rows are stored, changed and deleted as Nova does it.

use super::{hosts, services};
use crate::store::testing::{Lab, compute_service, on_every_database};
use crate::store::{Order, Query, ReadDeleted, Row, StoreError, Value};

on_every_database!(
    a_row_comes_back_as_it_was_stored,
    changes_are_counted_by_the_rows_found,
    deleted_rows_make_room_for_others,
    each_deleted_row_keeps_its_own_mark,
    what_is_unique_stays_so,
    rows_refer_to_rows_that_are_there,
    tables_without_a_mark_lose_rows_for_good,
    names_are_checked,
);

async fn a_row_comes_back_as_it_was_stored(lab: Lab) {
    let store = lab.open().await;
    let stored = store.insert("services", &compute_service("a")).await.unwrap();
    assert_eq!(stored.int("id"), Some(1));
    assert_eq!(stored.int("report_count"), Some(0));
    assert_eq!(stored.bool("disabled"), Some(false));
    assert_eq!(stored.int("deleted"), Some(0));
    assert!(stored.time("created_at").is_some());
    assert_eq!(stored.get("updated_at"), &Value::Null);
    assert_eq!(store.select(&services()).await.unwrap(), vec![stored.clone()]);
    // Another opening finds the same tables, and the same row.
    assert_eq!(lab.open().await.first(&services()).await.unwrap(), Some(stored));
}

async fn changes_are_counted_by_the_rows_found(lab: Lab) {
    let store = lab.open().await;
    let created = store
        .insert("services", &compute_service("a"))
        .await
        .unwrap()
        .time("created_at");
    store.insert("services", &compute_service("b")).await.unwrap();
    let a = Query::of("services").eq("host", "a");
    let changes = Row::new().with("report_count", 1).with("last_seen_up", created);
    assert_eq!(store.update(&a, &changes).await.unwrap(), 1);
    // The same values again: found, though nothing is different.
    let when = Row::new().with("updated_at", created);
    assert_eq!(store.update(&a, &when).await.unwrap(), 1);
    assert_eq!(store.update(&a, &when).await.unwrap(), 1);
    let changed = store.first(&services()).await.unwrap().unwrap();
    assert_eq!(changed.int("report_count"), Some(1));
    assert_eq!(changed.time("last_seen_up"), created);
    assert_eq!(changed.time("updated_at"), created);

    assert_eq!(store.update(&services_of_nobody(), &changes).await.unwrap(), 0);
    let all = Query::of("services");
    assert_eq!(store.update(&all, &Row::new()).await.unwrap(), 2);
    let touched = store.first(&services()).await.unwrap().unwrap();
    assert!(touched.time("updated_at") >= created);
}

fn services_of_nobody() -> Query {
    Query::of("services").eq("host", "nobody")
}

async fn deleted_rows_make_room_for_others(lab: Lab) {
    let store = lab.open().await;
    for host in ["a", "b"] {
        store.insert("services", &compute_service(host)).await.unwrap();
    }
    let a = Query::of("services").eq("host", "a");
    assert_eq!(store.soft_delete(&a).await.unwrap(), 1);
    assert_eq!(store.soft_delete(&a).await.unwrap(), 0);
    store.insert("services", &compute_service("a")).await.unwrap();
    assert_eq!(hosts(&store, services()).await, ["b", "a"]);
    let all = services().deleted(ReadDeleted::Yes);
    assert_eq!(hosts(&store, all).await, ["a", "b", "a"]);
    assert_eq!(store.count(&a).await.unwrap(), 1);
    assert_eq!(store.count(&a.deleted(ReadDeleted::Yes)).await.unwrap(), 2);
}

async fn each_deleted_row_keeps_its_own_mark(lab: Lab) {
    let store = lab.open().await;
    for _ in 0..2 {
        store.insert("services", &compute_service("a")).await.unwrap();
        store.soft_delete(&Query::of("services")).await.unwrap();
    }
    let only = services().deleted(ReadDeleted::Only);
    let deleted = store.select(&only).await.unwrap();
    assert_eq!(deleted.len(), 2);
    for row in deleted {
        assert_eq!(row.int("deleted"), row.int("id"));
        assert!(row.time("deleted_at").is_some());
        assert!(row.get("updated_at").is_null(), "a deletion is no update");
    }
}

async fn what_is_unique_stays_so(lab: Lab) {
    let store = lab.open().await;
    store
        .insert("services", &compute_service("a").with("uuid", "u"))
        .await
        .unwrap();
    let duplicate = |result: Result<Row, StoreError>| match result {
        Err(StoreError::Duplicate {
            table,
            constraint,
            columns,
        }) => {
            assert_eq!(table, "services");
            (constraint.unwrap(), columns.join(" "))
        }
        other => panic!("{other:?}"),
    };
    let other_topic = compute_service("a").with("topic", "other");
    assert_eq!(
        duplicate(store.insert("services", &other_topic).await),
        (
            "uniq_services0host0binary0deleted".to_owned(),
            "host binary deleted".to_owned()
        )
    );
    let other_binary = compute_service("a").with("binary", "other");
    assert_eq!(
        duplicate(store.insert("services", &other_binary).await).0,
        "uniq_services0host0topic0deleted"
    );
    let same_uuid = compute_service("b").with("uuid", "u");
    assert_eq!(
        duplicate(store.insert("services", &same_uuid).await),
        ("services_uuid_idx".to_owned(), "uuid".to_owned())
    );
    // Nulls are not the same, and an update can be refused as well.
    let b = store.insert("services", &compute_service("b")).await.unwrap();
    let c = store.insert("services", &compute_service("c")).await.unwrap();
    assert!(b.get("uuid").is_null() && c.get("uuid").is_null());
    let to_c = Row::new().with("host", "c");
    let refused = store.update(&Query::of("services").eq("host", "b"), &to_c).await;
    assert!(
        matches!(refused, Err(StoreError::Duplicate { .. })),
        "{refused:?}"
    );
    assert_eq!(hosts(&store, services()).await, ["a", "b", "c"]);
}

async fn rows_refer_to_rows_that_are_there(lab: Lab) {
    let store = lab.open().await;
    let fault = Row::new().with("instance_uuid", "none").with("code", 500);
    let refused = store.insert("instance_faults", &fault).await;
    assert!(
        matches!(refused, Err(StoreError::Reference { .. })),
        "{refused:?}"
    );

    store
        .insert("instances", &Row::new().with("uuid", "none"))
        .await
        .unwrap();
    store.insert("instance_faults", &fault).await.unwrap();
    let refused = store.delete(&Query::of("instances")).await;
    assert!(
        matches!(refused, Err(StoreError::Reference { .. })),
        "{refused:?}"
    );
    // Nothing is lost that is only marked.
    assert_eq!(store.soft_delete(&Query::of("instances")).await.unwrap(), 1);
}

async fn tables_without_a_mark_lose_rows_for_good(lab: Lab) {
    let store = lab.open().await;
    let tag = |tag: &str| Row::new().with("resource_id", "i").with("tag", tag);
    let stored = store.insert("tags", &tag("web")).await.unwrap();
    assert_eq!(stored, tag("web"));
    store.insert("tags", &tag("db")).await.unwrap();
    let again = store.insert("tags", &tag("db")).await;
    assert!(matches!(again, Err(StoreError::Duplicate { .. })), "{again:?}");

    let tags = Query::of("tags").deleted(ReadDeleted::Only);
    assert_eq!(
        store.count(&tags).await.unwrap(),
        2,
        "there is nothing to filter by"
    );
    let refused = store.soft_delete(&Query::of("tags")).await;
    assert!(
        matches!(refused, Err(StoreError::NoSuchColumn { .. })),
        "{refused:?}"
    );
    assert_eq!(store.delete(&Query::of("tags").eq("tag", "db")).await.unwrap(), 1);
    assert_eq!(store.select(&Query::of("tags")).await.unwrap(), [tag("web")]);
}

async fn names_are_checked(lab: Lab) {
    let store = lab.open().await;
    let odd = "id\" = 1 OR \"id";
    let table = store.select(&Query::of("services; DROP TABLE services")).await;
    assert!(matches!(table, Err(StoreError::NoSuchTable(_))), "{table:?}");
    for refused in [
        store.select(&Query::of("services").eq(odd, 1)).await.map(|_| ()),
        store
            .select(&Query::of("services").order_by(odd, Order::Ascending))
            .await
            .map(|_| ()),
        store
            .insert("services", &compute_service("a").with(odd, 1))
            .await
            .map(|_| ()),
        store
            .update(&Query::of("services"), &Row::new().with(odd, 1))
            .await
            .map(|_| ()),
    ] {
        assert!(
            matches!(refused, Err(StoreError::NoSuchColumn { .. })),
            "{refused:?}"
        );
    }
    let part = store.delete(&Query::of("services").limit(1)).await;
    assert!(matches!(part, Err(StoreError::Unsupported(_))), "{part:?}");
}
