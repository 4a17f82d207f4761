//! What holds for every database.

mod conditions;
mod rows;
mod transactions;
mod values;

use crate::store::{Query, Store};

/// The hosts of the services that a query finds, in its order.
async fn hosts(store: &Store, query: Query) -> Vec<String> {
    let rows = store.select(&query).await.unwrap();
    let hosts = rows.iter().map(|row| row.text("host").unwrap_or("-").to_owned());
    hosts.collect()
}
