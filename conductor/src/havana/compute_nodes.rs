//! Compute nodes and their stats.
//!
//! In 2013.2 stats are rows of a table of their own. A database of today has a column for them instead, with a JSON
//! text; the answer is the same.

use std::collections::BTreeMap;

use conductor_api::havana::{Code, ComputeNodes, NovaError, Row as Sent};
use rpc_runtime::Context;
use serde_json::{Map, Value as Json};

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Query, Row, Transaction, now};

const STATS: &str = "compute_node_stats";

/// Stats by their keys, as texts.
type Stats = BTreeMap<String, String>;

impl ComputeNodes for Havana {
    async fn compute_node_create(&self, ctx: &Context, mut values: Sent) -> Result<Sent, NovaError> {
        Caller::admin(ctx)?;
        let stats = taken_stats(&mut values);
        let row = rows::new_row(&self.store, "compute_nodes", &values)?;
        let mut tx = self.store.begin().await?;
        let node = tx.insert("compute_nodes", &row).await?;
        self.write_stats(&mut tx, &node, &stats, false).await?;
        tx.commit().await?;
        self.node_sent(node, false).await
    }

    async fn compute_node_update(
        &self,
        ctx: &Context,
        node: Sent,
        mut values: Sent,
        prune_stats: bool,
    ) -> Result<Sent, NovaError> {
        let caller = Caller::admin(ctx)?;
        let id = rows::id(&node, "id")?;
        let stats = taken_stats(&mut values);
        let mut changes = rows::columns(&self.store, "compute_nodes", &values)?;
        // Even if nothing else changes: whoever keeps a copy of the node sees that it was reported again.
        if changes.get("updated_at").is_null() {
            changes.set("updated_at", now());
        }
        let query = caller.rows("compute_nodes").eq("id", id);
        let mut tx = self.store.begin().await?;
        let found = tx.first(&query.clone().locked()).await?;
        let found = found.ok_or_else(|| unexpected(not_found(id)))?;
        self.write_stats(&mut tx, &found, &stats, prune_stats).await?;
        tx.update(&query, &changes).await?;
        let node = tx.first(&query).await?.ok_or_else(|| unexpected(not_found(id)))?;
        tx.commit().await?;
        self.node_sent(node, true).await
    }

    async fn compute_node_delete(&self, ctx: &Context, node: Sent) -> Result<(), NovaError> {
        let caller = Caller::admin(ctx)?;
        let id = rows::id(&node, "id")?;
        let mut tx = self.store.begin().await?;
        if tx.soft_delete(&caller.rows("compute_nodes").eq("id", id)).await? == 0 {
            return Err(unexpected(not_found(id)));
        }
        if self.has_stats_table() {
            tx.soft_delete(&caller.rows(STATS).eq("compute_node_id", id))
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

fn not_found(id: i64) -> NovaError {
    NovaError::ComputeHostNotFound {
        host: id.into(),
        code: Code,
    }
}

/// Takes the stats out of what is sent; they are no column.
fn taken_stats(values: &mut Sent) -> Stats {
    let Some(Json::Object(stats)) = values.remove("stats") else {
        return Stats::new();
    };
    let text = |value: Json| match value {
        Json::String(text) => text,
        other => other.to_string(),
    };
    stats.into_iter().map(|(key, value)| (key, text(value))).collect()
}

/// The stats that a column holds.
fn column_stats(node: &Row) -> Stats {
    let mut values = Map::new();
    let stats = node
        .text("stats")
        .and_then(|text| serde_json::from_str(text).ok());
    values.insert("stats".to_owned(), stats.unwrap_or(Json::Null));
    taken_stats(&mut values)
}

impl Havana {
    fn has_stats_table(&self) -> bool {
        self.store.schema().table(STATS).is_some()
    }

    /// Writes the stats of a node that are new or other than before, and forgets the others if `prune` says so.
    async fn write_stats(
        &self,
        tx: &mut Transaction,
        node: &Row,
        stats: &Stats,
        prune: bool,
    ) -> Result<(), NovaError> {
        if stats.is_empty() && !prune {
            return Ok(());
        }
        if !self.has_stats_table() {
            let mut merged = if prune { Stats::new() } else { column_stats(node) };
            merged.extend(stats.clone());
            let text = serde_json::to_string(&merged).unwrap_or_default();
            let query = Query::of("compute_nodes").eq("id", node.get("id").clone());
            tx.update(&query, &Row::new().with("stats", text)).await?;
            return Ok(());
        }
        let id = node.get("id");
        let of_node = Query::of(STATS).eq("compute_node_id", id.clone());
        let existing = tx.select(&of_node).await?;
        let old = |key: &str| existing.iter().find(|row| row.text("key") == Some(key));
        for (key, value) in stats {
            match old(key) {
                Some(row) if row.text("value") == Some(value) => {}
                Some(row) => {
                    let query = Query::of(STATS).eq("id", row.get("id").clone());
                    tx.update(&query, &Row::new().with("value", value)).await?;
                }
                None => {
                    let row = Row::new().with("key", key).with("value", value);
                    tx.insert(STATS, &row.with("compute_node_id", id.clone())).await?;
                }
            }
        }
        if prune {
            tx.soft_delete(&of_node.not_in("key", stats.keys())).await?;
        }
        Ok(())
    }

    /// A node as it travels, with its stats, and with its service if that is asked for.
    async fn node_sent(&self, node: Row, with_service: bool) -> Result<Sent, NovaError> {
        let id = node.get("id").clone();
        let mut sent = rows::sent(&node);
        let stats: Vec<Sent> = if self.has_stats_table() {
            let query = Query::of(STATS).eq("compute_node_id", id);
            rows::all_sent(&self.store.select(&query).await?)
        } else {
            let row = |(key, value): (String, String)| {
                let row = Row::new().with("key", key).with("value", value);
                rows::sent(&row.with("compute_node_id", id.clone()))
            };
            column_stats(&node).into_iter().map(row).collect()
        };
        sent.insert("stats".to_owned(), stats.into());
        if with_service {
            let query = Query::of("services").eq("id", node.get("service_id").clone());
            let service = self.store.first(&query).await?;
            let service = service.map_or(Json::Null, |row| rows::sent(&row).into());
            sent.insert("service".to_owned(), service);
        }
        Ok(sent)
    }
}
