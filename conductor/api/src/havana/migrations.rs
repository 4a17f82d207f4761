//! Migrations of instances between hosts.

use rpc_runtime::{Context, rpc_api};

use super::{NovaError, Row};

/// Migrations.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Migrations {
    /// Sets the status of one.
    #[rpc(call, idempotent, since = "1.1")]
    async fn migration_update(&self, ctx: &Context, migration: Row, status: String)
    -> Result<Row, NovaError>;

    /// One, deleted or not.
    #[rpc(call, idempotent, since = "1.4")]
    async fn migration_get(&self, ctx: &Context, migration_id: i64) -> Result<Row, NovaError>;

    /// Those that finished on a host `confirm_window` seconds ago, and are neither confirmed nor reverted.
    #[rpc(call, idempotent, since = "1.20")]
    async fn migration_get_unconfirmed_by_dest_compute(
        &self,
        ctx: &Context,
        confirm_window: i64,
        dest_compute: String,
    ) -> Result<Vec<Row>, NovaError>;

    /// A new one, away from where the instance is.
    #[rpc(call, since = "1.30")]
    async fn migration_create(&self, ctx: &Context, instance: Row, values: Row) -> Result<Row, NovaError>;

    /// Those from or to a node that are neither confirmed nor reverted, each with its `instance`.
    #[rpc(call, idempotent, since = "1.31")]
    async fn migration_get_in_progress_by_host_and_node(
        &self,
        ctx: &Context,
        host: String,
        node: String,
    ) -> Result<Vec<Row>, NovaError>;
}
