//! Instances: who may see which, and the methods that answer with one or forget one.

mod filters;
mod joins;
mod lists;
mod metadata;
mod name;
mod update;

use conductor_api::havana::{Code, Instances, NovaError, Row as Sent};
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Query, ReadDeleted, Row, Transaction};

pub(super) use joins::Joins;

const INFO_CACHES: &str = "instance_info_caches";

impl Instances for Havana {
    async fn instance_update(
        &self,
        ctx: &Context,
        instance_uuid: String,
        updates: Sent,
        service: Option<String>,
    ) -> Result<Sent, NovaError> {
        self.update_instance(ctx, &instance_uuid, updates, service).await
    }

    async fn instance_get(&self, ctx: &Context, instance_id: i64) -> Result<Sent, NovaError> {
        let caller = Caller::known(ctx)?;
        let query = caller.of_project(caller.rows("instances")).eq("id", instance_id);
        let found = self.store.first(&query).await?;
        let found = found.ok_or_else(|| not_found(instance_id))?;
        self.one_joined(&found, &Joins::of_one(None)?, &caller).await
    }

    async fn instance_get_by_uuid(
        &self,
        ctx: &Context,
        instance_uuid: String,
        columns_to_join: Option<Vec<String>>,
    ) -> Result<Sent, NovaError> {
        let caller = Caller::known(ctx)?;
        let found = self.store.first(&by_uuid(&caller, &instance_uuid)).await?;
        let found = found.ok_or_else(|| not_found(instance_uuid))?;
        self.one_joined(&found, &Joins::of_one(columns_to_join)?, &caller)
            .await
    }

    async fn instance_get_all(&self, ctx: &Context) -> Result<Vec<Sent>, NovaError> {
        self.all_instances(ctx).await
    }

    async fn instance_get_all_by_host(
        &self,
        ctx: &Context,
        host: String,
        node: Option<String>,
        columns_to_join: Option<Vec<String>>,
    ) -> Result<Vec<Sent>, NovaError> {
        self.instances_of_host(ctx, &host, node.as_deref(), columns_to_join)
            .await
    }

    async fn instance_get_all_by_filters(
        &self,
        ctx: &Context,
        filters: Sent,
        sort_key: String,
        sort_dir: String,
        columns_to_join: Option<Vec<String>>,
    ) -> Result<Vec<Sent>, NovaError> {
        self.filtered_instances(ctx, filters, &sort_key, &sort_dir, columns_to_join)
            .await
    }

    async fn instance_get_all_hung_in_rebooting(
        &self,
        ctx: &Context,
        timeout: i64,
    ) -> Result<Vec<Sent>, NovaError> {
        self.hung_in_rebooting(ctx, timeout).await
    }

    async fn instance_get_active_by_window(
        &self,
        ctx: &Context,
        begin: Json,
        end: Option<Json>,
        project_id: Option<String>,
        host: Option<String>,
    ) -> Result<Vec<Sent>, NovaError> {
        let period = lists::Period::new(&begin, end.as_ref())?;
        self.active_in(ctx, period, project_id, host, &Joins::NONE).await
    }

    async fn instance_get_active_by_window_joined(
        &self,
        ctx: &Context,
        begin: Json,
        end: Option<Json>,
        project_id: Option<String>,
        host: Option<String>,
    ) -> Result<Vec<Sent>, NovaError> {
        let period = lists::Period::new(&begin, end.as_ref())?;
        self.active_in(ctx, period, project_id, host, &Joins::of_many(None)?)
            .await
    }

    async fn instance_destroy(&self, ctx: &Context, instance: Sent) -> Result<(), NovaError> {
        let caller = Caller::known(ctx)?;
        let uuid = rows::text(&instance, "uuid")?;
        let mut tx = self.store.begin().await?;
        found(&mut tx, &caller, uuid).await.map_err(unexpected)?;
        tx.soft_delete(&Query::of("instances").eq("uuid", uuid)).await?;
        // System metadata stays: it says what the instance was.
        for table in [
            "security_group_instance_association",
            INFO_CACHES,
            "instance_metadata",
        ] {
            tx.soft_delete(&Query::of(table).eq("instance_uuid", uuid))
                .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn instance_info_cache_update(
        &self,
        ctx: &Context,
        instance: Sent,
        values: Sent,
    ) -> Result<(), NovaError> {
        let caller = Caller::known(ctx)?;
        let uuid = rows::text(&instance, "uuid")?;
        let mut cache = rows::columns(&self.store, INFO_CACHES, &values)?;
        let mut tx = self.store.begin().await?;
        let query = caller.rows(INFO_CACHES).eq("instance_uuid", uuid);
        match tx.first(&query.clone().locked()).await? {
            Some(row) if row.int("deleted") != Some(0) => {
                return Err(unexpected(NovaError::InstanceInfoCacheNotFound {
                    instance_uuid: uuid.to_owned(),
                    code: Code,
                }));
            }
            Some(_) => {
                tx.update(&query, &cache).await?;
            }
            None => {
                cache.set("instance_uuid", uuid);
                tx.insert(INFO_CACHES, &cache).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn instance_info_cache_delete(&self, ctx: &Context, instance: Sent) -> Result<(), NovaError> {
        let caller = Caller::known(ctx)?;
        let uuid = rows::text(&instance, "uuid")?;
        self.store
            .soft_delete(&caller.rows(INFO_CACHES).eq("instance_uuid", uuid))
            .await?;
        Ok(())
    }

    async fn instance_type_get(&self, ctx: &Context, instance_type_id: i64) -> Result<Sent, NovaError> {
        let caller = Caller::known(ctx)?;
        let query = caller.rows("instance_types").eq("id", instance_type_id);
        let flavor = self.store.first(&query).await?.ok_or_else(|| {
            unexpected(NovaError::FlavorNotFound {
                flavor_id: instance_type_id,
                code: Code,
            })
        })?;
        let specs = Query::of("instance_type_extra_specs").eq("instance_type_id", instance_type_id);
        let specs: Sent = self
            .store
            .select(&specs)
            .await?
            .iter()
            .map(metadata::pair)
            .collect();
        let mut sent = rows::sent(&flavor);
        sent.insert("extra_specs".to_owned(), specs.into());
        Ok(sent)
    }
}

fn not_found(instance: impl Into<Json>) -> NovaError {
    NovaError::InstanceNotFound {
        instance_id: instance.into(),
        code: Code,
    }
}

/// The instance of a UUID, if the caller may see it.
fn by_uuid(caller: &Caller, uuid: &str) -> Query {
    caller.of_project(caller.rows("instances")).eq("uuid", uuid)
}

/// An instance, held until the transaction ends.
async fn found(tx: &mut Transaction, caller: &Caller, uuid: &str) -> Result<Row, NovaError> {
    // The text itself, not what could be read from it: that is what the row has.
    let is_uuid = uuid::Uuid::parse_str(uuid).is_ok_and(|parsed| parsed.to_string() == *uuid);
    if !is_uuid {
        let uuid = uuid.to_owned();
        return Err(NovaError::InvalidUUID { uuid, code: Code });
    }
    let found = tx.first(&by_uuid(caller, uuid).locked()).await?;
    found.ok_or_else(|| not_found(uuid))
}

/// Rows of a table whatever became of them.
fn ever(table: &str) -> Query {
    Query::of(table).deleted(ReadDeleted::Yes)
}
