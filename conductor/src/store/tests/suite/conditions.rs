//! Which rows a query finds, and in which order.

use super::hosts;
use crate::store::testing::{Lab, compute_service, on_every_database};
use crate::store::{Condition, Order, Query, Row, Store, Value, literally};

on_every_database!(comparisons, alternatives, patterns, orders_and_parts);

/// Services on hosts a to d; of which c has no topic.
async fn four(lab: &Lab) -> Store {
    let store = lab.open().await;
    for (host, count) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        let topic: Option<&str> = if host == "c" { None } else { Some("compute") };
        let row = compute_service(host)
            .with("report_count", count)
            .with("topic", topic);
        store.insert("services", &row).await.unwrap();
    }
    store
}

fn services() -> Query {
    Query::of("services").order_by("id", Order::Ascending)
}

async fn comparisons(lab: Lab) {
    let store = four(&lab).await;
    for (query, found) in [
        (services().eq("host", "b"), "b"),
        (services().ne("host", "b"), "a c d"),
        (services().lt("report_count", 2), "a"),
        (services().le("report_count", 2), "a b"),
        (services().gt("report_count", 2), "c d"),
        (services().ge("report_count", 2), "b c d"),
        (services().ge("report_count", 2).ne("host", "d"), "b c"),
        (services().eq("topic", "compute"), "a b d"),
        // Null is neither the same nor another.
        (services().ne("topic", "other"), "a b d"),
        (services().is_null("topic"), "c"),
        (services().eq("topic", Value::Null), "c"),
        (services().ne("topic", Value::Null), "a b d"),
        (services().lt("topic", Value::Null), ""),
        (
            services().eq("disabled", false).is_in("host", ["d", "a", "x"]),
            "a d",
        ),
        (services().is_in("host", [""; 0]), ""),
        (services().not_in("host", ["d", "a"]), "b c"),
        (services().not_in("host", [""; 0]), "a b c d"),
        (services().is_in("report_count", [2, 3]), "b c"),
    ] {
        assert_eq!(hosts(&store, query.clone()).await.join(" "), found, "{query:?}");
    }
}

async fn alternatives(lab: Lab) {
    let store = four(&lab).await;
    let either = [
        Condition::eq("host", "a"),
        Condition::all_of([
            Condition::gt("report_count", 2),
            Condition::ne("topic", Value::Null),
        ]),
    ];
    for (query, found) in [
        (services().any_of(either.clone()), "a d"),
        (services().any_of(either).eq("host", "d"), "d"),
        (services().any_of([]), ""),
        (services().with(Condition::all_of([])), "a b c d"),
        (
            services().any_of([Condition::any_of([]), Condition::eq("host", "b")]),
            "b",
        ),
    ] {
        assert_eq!(hosts(&store, query.clone()).await.join(" "), found, "{query:?}");
    }
}

async fn patterns(lab: Lab) {
    let store = lab.open().await;
    for host in ["node-1", "node_2", "100%", "back\\slash"] {
        store.insert("services", &compute_service(host)).await.unwrap();
    }
    for (pattern, found) in [
        ("node%".to_owned(), "node-1 node_2"),
        ("node_1".to_owned(), "node-1"),
        (literally("node_2"), "node_2"),
        (format!("%{}", literally("%")), "100%"),
        (format!("{}%", literally("back\\")), "back\\slash"),
        ("none".to_owned(), ""),
    ] {
        let query = services().like("host", &*pattern);
        assert_eq!(hosts(&store, query).await.join(" "), found, "{pattern}");
    }
}

async fn orders_and_parts(lab: Lab) {
    let store = four(&lab).await;
    let by = |column, order| Query::of("services").order_by(column, order);
    for (query, found) in [
        (by("host", Order::Descending), "d c b a"),
        (
            by("topic", Order::Ascending).order_by("host", Order::Descending),
            "c d b a",
        ),
        (
            by("topic", Order::Descending).order_by("host", Order::Ascending),
            "a b d c",
        ),
        (services().limit(2), "a b"),
        (services().limit(0), ""),
        (services().limit(u64::MAX), "a b c d"),
    ] {
        assert_eq!(hosts(&store, query.clone()).await.join(" "), found, "{query:?}");
    }
    let first = store.first(&by("host", Order::Descending)).await.unwrap();
    assert_eq!(first.unwrap().text("host"), Some("d"));
    assert_eq!(
        store.first(&services().eq("host", "x")).await.unwrap(),
        None::<Row>
    );
}
