//! Aggregates of hosts.

use std::collections::BTreeMap;

use rpc_runtime::{Context, rpc_api};

use super::{NovaError, Row};

/// Host aggregates. Rows of them have `hosts`, `metadetails` and `availability_zone` beside the columns.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Aggregates {
    /// Puts a host in.
    #[rpc(call, since = "1.3")]
    async fn aggregate_host_add(&self, ctx: &Context, aggregate: Row, host: String)
    -> Result<Row, NovaError>;

    /// Takes a host out.
    #[rpc(call, since = "1.3")]
    async fn aggregate_host_delete(
        &self,
        ctx: &Context,
        aggregate: Row,
        host: String,
    ) -> Result<(), NovaError>;

    /// One, by its number.
    #[rpc(call, idempotent, since = "1.11")]
    async fn aggregate_get(&self, ctx: &Context, aggregate_id: i64) -> Result<Row, NovaError>;

    /// Those with a host in them, and with a metadata key if one is given.
    #[rpc(call, idempotent, since = "1.7")]
    async fn aggregate_get_by_host(
        &self,
        ctx: &Context,
        host: String,
        key: Option<String>,
    ) -> Result<Vec<Row>, NovaError>;

    /// Writes metadata, and answers with it; `set_delete` forgets what is not mentioned.
    #[rpc(call, idempotent, since = "1.7")]
    async fn aggregate_metadata_add(
        &self,
        ctx: &Context,
        aggregate: Row,
        metadata: Row,
        #[rpc(default)] set_delete: bool,
    ) -> Result<Row, NovaError>;

    /// Forgets one key.
    #[rpc(call, since = "1.7")]
    async fn aggregate_metadata_delete(
        &self,
        ctx: &Context,
        aggregate: Row,
        key: String,
    ) -> Result<(), NovaError>;

    /// What the aggregates with a host in them say under a key: each value once.
    #[rpc(call, idempotent, since = "1.42")]
    async fn aggregate_metadata_get_by_host(
        &self,
        ctx: &Context,
        host: String,
        #[rpc(default = Some("availability_zone".to_owned()))] key: Option<String>,
    ) -> Result<BTreeMap<String, Vec<String>>, NovaError>;
}
