//! Migrations of instances between hosts.

use conductor_api::havana::{Code, Migrations, NovaError, Row as Sent};
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::caller::Caller;
use super::instances::Joins;
use super::{Havana, rows};
use crate::store::{Condition, Query, ReadDeleted, Row, seconds_ago};

/// The states of migrations that are over.
const OVER: [&str; 2] = ["confirmed", "reverted"];

impl Migrations for Havana {
    async fn migration_update(
        &self,
        ctx: &Context,
        migration: Sent,
        status: String,
    ) -> Result<Sent, NovaError> {
        Caller::elevated(ctx)?;
        let migration_id = rows::id(&migration, "id")?;
        let query = by_id(migration_id);
        let mut tx = self.store.begin().await?;
        tx.update(&query, &Row::new().with("status", status)).await?;
        let updated = tx.first(&query).await?;
        tx.commit().await?;
        updated.map(|row| rows::sent(&row)).ok_or(not_found(migration_id))
    }

    async fn migration_get(&self, ctx: &Context, migration_id: i64) -> Result<Sent, NovaError> {
        Caller::elevated(ctx)?;
        let found = self.store.first(&by_id(migration_id)).await?;
        found.map(|row| rows::sent(&row)).ok_or(not_found(migration_id))
    }

    async fn migration_get_unconfirmed_by_dest_compute(
        &self,
        ctx: &Context,
        confirm_window: i64,
        dest_compute: String,
    ) -> Result<Vec<Sent>, NovaError> {
        Caller::admin(ctx)?;
        let query = Query::of("migrations")
            .deleted(ReadDeleted::Yes)
            .le("updated_at", seconds_ago(confirm_window))
            .eq("status", "finished")
            .eq("dest_compute", dest_compute);
        Ok(rows::all_sent(&self.store.select(&query).await?))
    }

    async fn migration_create(
        &self,
        ctx: &Context,
        instance: Sent,
        mut values: Sent,
    ) -> Result<Sent, NovaError> {
        Caller::elevated(ctx)?;
        for (column, key) in [
            ("instance_uuid", "uuid"),
            ("source_compute", "host"),
            ("source_node", "node"),
        ] {
            let value = rows::field(&instance, key).cloned().unwrap_or_default();
            values.insert(column.to_owned(), value);
        }
        let row = rows::new_row(&self.store, "migrations", &values)?;
        Ok(rows::sent(&self.store.insert("migrations", &row).await?))
    }

    async fn migration_get_in_progress_by_host_and_node(
        &self,
        ctx: &Context,
        host: String,
        node: String,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::admin(ctx)?;
        let at = |compute, of_compute| {
            Condition::all_of([Condition::eq(compute, &host), Condition::eq(of_compute, &node)])
        };
        let query = caller
            .rows("migrations")
            .any_of([
                at("source_compute", "source_node"),
                at("dest_compute", "dest_node"),
            ])
            .not_in("status", OVER);
        let migrations = self.store.select(&query).await?;

        let uuids = migrations.iter().filter_map(|row| row.text("instance_uuid"));
        let instances = Query::of("instances").is_in("uuid", uuids);
        let instances = self.store.select(&instances).await?;
        let instances = self.joined(&instances, &Joins::SYSTEM_METADATA, &caller).await?;
        let instance_of = |uuid: &Json| {
            instances
                .iter()
                .find(|instance| instance.get("uuid") == Some(uuid))
        };
        let mut sent = rows::all_sent(&migrations);
        for migration in &mut sent {
            let uuid = migration.get("instance_uuid").unwrap_or(&Json::Null);
            let instance = instance_of(uuid).cloned().map_or(Json::Null, Json::Object);
            migration.insert("instance".to_owned(), instance);
        }
        Ok(sent)
    }
}

/// A migration, deleted or not.
fn by_id(id: i64) -> Query {
    Query::of("migrations").deleted(ReadDeleted::Yes).eq("id", id)
}

fn not_found(migration_id: i64) -> NovaError {
    NovaError::MigrationNotFound {
        migration_id,
        code: Code,
    }
}
