//! The methods over a database of a test's own, one file a theme.

mod accounting;
mod actions;
mod aggregates;
mod block_devices;
mod compute_nodes;
mod groups;
mod instances;
mod lists;
mod migrations;
mod notices;
mod objects;
mod passed_on;
mod servers;
mod services;

use std::fmt::Debug;
use std::sync::Arc;

use conductor_api::havana::{NovaError, Row as Sent};
use rpc_runtime::{Bus, Context};
use serde_json::{Value as Json, json};

use super::{Havana, Options};
use crate::notifier::{Driver, Notifier, Topics};
use crate::peers::{ComputeLevel, Peers, SchedulerLevel};
use crate::store::testing::Lab;
use crate::store::{Query, Row, Store};

const UUID: &str = "5cea5e2c-1bb2-4d6e-8f8b-4d2f0f2b1c01";
const OTHER: &str = "5cea5e2c-1bb2-4d6e-8f8b-4d2f0f2b1c02";

/// A manager, its database, and an administrator to call it.
struct Bench {
    havana: Havana,
    store: Store,
    bus: Bus,
    ctx: Context,
    _lab: Lab,
}

impl Bench {
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        Self::over(Lab::sqlite(), options).await
    }

    /// One over a database of any kind.
    async fn over(lab: Lab, options: Options) -> Self {
        let store = lab.open().await;
        let bus = Bus::memory();
        let notifier = Notifier::new(Driver::Messaging, &bus, &Topics::default(), "controller");
        let peers = Peers::new(&bus, SchedulerLevel::default(), ComputeLevel::default());
        Self {
            havana: Havana::new(store.clone(), peers, notifier, Arc::default(), options),
            store,
            bus,
            ctx: Context::admin(),
            _lab: lab,
        }
    }

    /// Puts a row into a table; its number.
    async fn put(&self, table: &str, values: Json) -> i64 {
        let row = super::rows::columns(&self.store, table, &sent(values)).unwrap();
        let stored = self.store.insert(table, &row).await.unwrap();
        stored.int("id").unwrap()
    }

    async fn put_instance(&self, uuid: &str, values: Json) -> i64 {
        let mut row = sent(values);
        row.insert("uuid".to_owned(), uuid.into());
        row.entry("project_id").or_insert("p".into());
        row.entry("user_id").or_insert("u".into());
        self.put("instances", row.into()).await
    }

    async fn rows(&self, query: Query) -> Vec<Row> {
        self.store.select(&query).await.unwrap()
    }

    async fn count(&self, query: Query) -> u64 {
        self.store.count(&query).await.unwrap()
    }
}

fn sent(value: Json) -> Sent {
    match value {
        Json::Object(map) => map,
        other => panic!("{other} is no row"),
    }
}

/// What a caller sends of an instance.
fn instance(uuid: &str) -> Sent {
    sent(json!({"uuid": uuid}))
}

/// The class and the text of an error.
fn error<T: Debug>(result: Result<T, NovaError>) -> (String, String) {
    use rpc_runtime::RpcError as _;
    let failure = result.unwrap_err().to_failure();
    (failure.class, failure.message)
}

fn texts<'r>(rows: impl IntoIterator<Item = &'r Sent>, key: &str) -> Vec<&'r str> {
    rows.into_iter().map(|row| row[key].as_str().unwrap()).collect()
}
