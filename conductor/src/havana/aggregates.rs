//! Aggregates of hosts, their hosts and their metadata.

use std::collections::{BTreeMap, BTreeSet};

use conductor_api::havana::{Aggregates, Code, NovaError, Row as Sent};
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Query, Row, StoreError};

const HOSTS: &str = "aggregate_hosts";
const METADATA: &str = "aggregate_metadata";

impl Aggregates for Havana {
    async fn aggregate_host_add(
        &self,
        ctx: &Context,
        aggregate: Sent,
        host: String,
    ) -> Result<Sent, NovaError> {
        let aggregate_id = self.existing(ctx, &aggregate).await?;
        let exists = || NovaError::AggregateHostExists {
            aggregate_id,
            host: host.clone(),
            code: Code,
        };
        let there = Query::of(HOSTS)
            .eq("aggregate_id", aggregate_id)
            .eq("host", &host);
        let mut tx = self.store.begin().await?;
        if tx.first(&there).await?.is_some() {
            return Err(exists());
        }
        let row = Row::new().with("host", &host).with("aggregate_id", aggregate_id);
        let added = match tx.insert(HOSTS, &row).await {
            // Another was faster.
            Err(StoreError::Duplicate { .. }) => return Err(exists()),
            added => added?,
        };
        tx.commit().await?;
        Ok(rows::sent(&added))
    }

    async fn aggregate_host_delete(
        &self,
        ctx: &Context,
        aggregate: Sent,
        host: String,
    ) -> Result<(), NovaError> {
        let aggregate_id = self.existing(ctx, &aggregate).await?;
        let there = Query::of(HOSTS)
            .eq("aggregate_id", aggregate_id)
            .eq("host", &host);
        if self.store.soft_delete(&there).await? == 0 {
            return Err(NovaError::AggregateHostNotFound {
                aggregate_id,
                host,
                code: Code,
            });
        }
        Ok(())
    }

    async fn aggregate_get(&self, ctx: &Context, aggregate_id: i64) -> Result<Sent, NovaError> {
        let caller = Caller::elevated(ctx)?;
        let query = caller.rows("aggregates").eq("id", aggregate_id);
        let found = self.aggregates(&query).await?;
        found.into_iter().next().ok_or(not_found(aggregate_id))
    }

    async fn aggregate_get_by_host(
        &self,
        ctx: &Context,
        host: String,
        key: Option<String>,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::elevated(ctx)?;
        let mut ids = self.aggregates_of(&host).await?;
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            let metadata = self.metadata(&ids, Some(&key)).await?;
            ids.retain(|id| metadata.iter().any(|row| row.int("aggregate_id") == Some(*id)));
        }
        self.aggregates(&caller.rows("aggregates").is_in("id", ids)).await
    }

    async fn aggregate_metadata_add(
        &self,
        ctx: &Context,
        aggregate: Sent,
        metadata: Sent,
        set_delete: bool,
    ) -> Result<Sent, NovaError> {
        let aggregate_id = self.existing(ctx, &aggregate).await?;
        let of_aggregate = || Query::of(METADATA).eq("aggregate_id", aggregate_id);
        let mut tx = self.store.begin().await?;
        if set_delete {
            tx.soft_delete(&of_aggregate().not_in("key", metadata.keys()))
                .await?;
        }
        for (key, value) in &metadata {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let query = of_aggregate().eq("key", key);
            if tx.update(&query, &Row::new().with("value", &value)).await? == 0 {
                let row = Row::new().with("aggregate_id", aggregate_id);
                tx.insert(METADATA, &row.with("key", key).with("value", value))
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(metadata)
    }

    async fn aggregate_metadata_delete(
        &self,
        ctx: &Context,
        aggregate: Sent,
        key: String,
    ) -> Result<(), NovaError> {
        let aggregate_id = self.existing(ctx, &aggregate).await?;
        let query = Query::of(METADATA)
            .eq("aggregate_id", aggregate_id)
            .eq("key", &key);
        if self.store.soft_delete(&query).await? == 0 {
            return Err(NovaError::AggregateMetadataNotFound {
                aggregate_id,
                metadata_key: key,
                code: Code,
            });
        }
        Ok(())
    }

    async fn aggregate_metadata_get_by_host(
        &self,
        ctx: &Context,
        host: String,
        key: Option<String>,
    ) -> Result<BTreeMap<String, Vec<String>>, NovaError> {
        let caller = Caller::elevated(ctx)?;
        let ids = self.aggregates_of(&host).await?;
        let there = self
            .store
            .select(&caller.rows("aggregates").is_in("id", ids))
            .await?;
        let ids: Vec<i64> = there.iter().filter_map(|row| row.int("id")).collect();
        let mut values = BTreeMap::<String, BTreeSet<String>>::new();
        for row in self
            .metadata(&ids, key.as_deref().filter(|key| !key.is_empty()))
            .await?
        {
            let (key, value) = key_and_value(&row);
            values.entry(key).or_default().insert(value);
        }
        Ok(values
            .into_iter()
            .map(|(key, values)| (key, values.into_iter().collect()))
            .collect())
    }
}

fn not_found(aggregate_id: i64) -> NovaError {
    NovaError::AggregateNotFound {
        aggregate_id,
        code: Code,
    }
}

fn key_and_value(row: &Row) -> (String, String) {
    let text = |column| row.text(column).unwrap_or_default().to_owned();
    (text("key"), text("value"))
}

impl Havana {
    /// The number of the aggregate that a caller means, if there is such a one.
    async fn existing(&self, ctx: &Context, aggregate: &Sent) -> Result<i64, NovaError> {
        let caller = Caller::elevated(ctx)?;
        let id = rows::id(aggregate, "id")?;
        let found = self.store.first(&caller.rows("aggregates").eq("id", id)).await?;
        found.map(|_| id).ok_or_else(|| unexpected(not_found(id)))
    }

    /// The numbers of the aggregates with a host in them.
    async fn aggregates_of(&self, host: &str) -> Result<Vec<i64>, NovaError> {
        let hosts = self.store.select(&Query::of(HOSTS).eq("host", host)).await?;
        Ok(hosts.iter().filter_map(|row| row.int("aggregate_id")).collect())
    }

    async fn metadata(&self, aggregates: &[i64], key: Option<&str>) -> Result<Vec<Row>, NovaError> {
        let mut query = Query::of(METADATA).is_in("aggregate_id", aggregates.iter().copied());
        if let Some(key) = key {
            query = query.eq("key", key);
        }
        Ok(self.store.select(&query).await?)
    }

    /// Aggregates as they travel: with their hosts and metadata, and the zone among it.
    async fn aggregates(&self, query: &Query) -> Result<Vec<Sent>, NovaError> {
        let aggregates = self.store.select(query).await?;
        let ids: Vec<i64> = aggregates.iter().filter_map(|row| row.int("id")).collect();
        let metadata = self.metadata(&ids, None).await?;
        let hosts = Query::of(HOSTS).is_in("aggregate_id", ids);
        let hosts = self.store.select(&hosts).await?;
        let sent = |aggregate: &Row| {
            let mine = |row: &&Row| row.get("aggregate_id") == aggregate.get("id");
            let details: Sent = metadata
                .iter()
                .filter(mine)
                .map(|row| {
                    let (key, value) = key_and_value(row);
                    (key, value.into())
                })
                .collect();
            let hosts: Vec<Json> = hosts
                .iter()
                .filter(mine)
                .map(|row| rows::json(row.get("host")))
                .collect();
            let zone = details.get("availability_zone").cloned().unwrap_or_default();
            let mut sent = rows::sent(aggregate);
            sent.insert("hosts".to_owned(), hosts.into());
            sent.insert("metadetails".to_owned(), details.into());
            sent.insert("availability_zone".to_owned(), zone);
            sent
        };
        Ok(aggregates.iter().map(sent).collect())
    }
}
