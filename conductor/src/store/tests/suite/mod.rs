//! What holds for every database.

mod conditions;
mod rows;
mod transactions;
mod values;

use crate::store::{Query, Row, Store};

fn service(host: &str) -> Row {
    Row::new()
        .with("host", host)
        .with("binary", "nova-compute")
        .with("topic", "compute")
}

/// The hosts of the services that a query finds, in its order.
async fn hosts(store: &Store, query: Query) -> Vec<String> {
    let rows = store.select(&query).await.unwrap();
    let hosts = rows.iter().map(|row| row.text("host").unwrap_or("-").to_owned());
    hosts.collect()
}
