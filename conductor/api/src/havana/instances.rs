//! Instances: read, written, forgotten.

use rpc_runtime::{Context, rpc_api};
use serde_json::Value;

use super::{NovaError, Row};

/// Instances. Rows of them come with `info_cache`, `security_groups`, `metadata` and `system_metadata`, unless
/// `columns_to_join` says otherwise.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Instances {
    /// Writes those columns that a compute host may write. `expected_task_state`, one or a list, is a precondition.
    #[rpc(call)]
    async fn instance_update(
        &self,
        ctx: &Context,
        instance_uuid: String,
        updates: Row,
        #[rpc(since = "1.38")] service: Option<String>,
    ) -> Result<Row, NovaError>;

    /// One, by its number.
    #[rpc(call, idempotent, since = "1.24")]
    async fn instance_get(&self, ctx: &Context, instance_id: i64) -> Result<Row, NovaError>;

    /// One, by its UUID.
    #[rpc(call, idempotent, since = "1.2")]
    async fn instance_get_by_uuid(
        &self,
        ctx: &Context,
        instance_uuid: String,
        #[rpc(since = "1.49")] columns_to_join: Option<Vec<String>>,
    ) -> Result<Row, NovaError>;

    /// All that the caller may see.
    #[rpc(call, idempotent, since = "1.23")]
    async fn instance_get_all(&self, ctx: &Context) -> Result<Vec<Row>, NovaError>;

    /// Those of a host, or of one of its nodes: then without the rows of other tables.
    #[rpc(call, idempotent, since = "1.2")]
    async fn instance_get_all_by_host(
        &self,
        ctx: &Context,
        host: String,
        #[rpc(since = "1.32")] node: Option<String>,
        #[rpc(since = "1.47")] columns_to_join: Option<Vec<String>>,
    ) -> Result<Vec<Row>, NovaError>;

    /// Those that fit every filter, in an order.
    #[rpc(call, idempotent, since = "1.15")]
    async fn instance_get_all_by_filters(
        &self,
        ctx: &Context,
        filters: Row,
        sort_key: String,
        sort_dir: String,
        #[rpc(since = "1.47")] columns_to_join: Option<Vec<String>>,
    ) -> Result<Vec<Row>, NovaError>;

    /// Those that were rebooting `timeout` seconds ago, and still are.
    #[rpc(call, idempotent, since = "1.15")]
    async fn instance_get_all_hung_in_rebooting(
        &self,
        ctx: &Context,
        timeout: i64,
    ) -> Result<Vec<Row>, NovaError>;

    /// Those that ran within a period, without the rows of other tables.
    #[rpc(call, idempotent, since = "1.15")]
    async fn instance_get_active_by_window(
        &self,
        ctx: &Context,
        begin: Value,
        end: Option<Value>,
        project_id: Option<String>,
        host: Option<String>,
    ) -> Result<Vec<Row>, NovaError>;

    /// Those that ran within a period.
    #[rpc(call, idempotent, since = "1.35")]
    async fn instance_get_active_by_window_joined(
        &self,
        ctx: &Context,
        begin: Value,
        end: Option<Value>,
        project_id: Option<String>,
        host: Option<String>,
    ) -> Result<Vec<Row>, NovaError>;

    /// Forgets one, its network information, its metadata, and of which security groups it is.
    #[rpc(call, since = "1.16")]
    async fn instance_destroy(&self, ctx: &Context, instance: Row) -> Result<(), NovaError>;

    /// Writes what is known of an instance's network.
    #[rpc(call, idempotent, since = "1.26")]
    async fn instance_info_cache_update(
        &self,
        ctx: &Context,
        instance: Row,
        values: Row,
    ) -> Result<(), NovaError>;

    /// Forgets what is known of an instance's network.
    #[rpc(call, idempotent, since = "1.17")]
    async fn instance_info_cache_delete(&self, ctx: &Context, instance: Row) -> Result<(), NovaError>;

    /// A flavor, by its number, with `extra_specs` as a map.
    #[rpc(call, idempotent, since = "1.18")]
    async fn instance_type_get(&self, ctx: &Context, instance_type_id: i64) -> Result<Row, NovaError>;
}
