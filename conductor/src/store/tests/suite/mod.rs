//! What holds for every database.

mod conditions;
mod rows;
mod transactions;
mod values;

use crate::store::{Order, Query, Store};

/// Every service, the first one first.
fn services() -> Query {
    Query::of("services").order_by("id", Order::Ascending)
}

/// The hosts of the services that a query finds, in its order.
async fn hosts(store: &Store, query: Query) -> Vec<String> {
    let rows = store.select(&query).await.unwrap();
    let hosts = rows.iter().map(|row| row.text("host").unwrap_or("-").to_owned());
    hosts.collect()
}
