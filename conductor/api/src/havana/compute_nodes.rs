//! Compute nodes and their resources.

use rpc_runtime::{Context, rpc_api};

use super::{NovaError, Row};

/// Compute nodes: what each has, and what of it is used. `stats` is a map in what is sent, and a list of rows in
/// what is answered.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait ComputeNodes {
    /// Registers a node.
    #[rpc(call, since = "1.33")]
    async fn compute_node_create(&self, ctx: &Context, values: Row) -> Result<Row, NovaError>;

    /// Writes columns and stats of a node; `prune_stats` forgets the stats that are not mentioned.
    #[rpc(call, idempotent, since = "1.33")]
    async fn compute_node_update(
        &self,
        ctx: &Context,
        node: Row,
        values: Row,
        #[rpc(default)] prune_stats: bool,
    ) -> Result<Row, NovaError>;

    /// Forgets a node and its stats.
    #[rpc(call, since = "1.44")]
    async fn compute_node_delete(&self, ctx: &Context, node: Row) -> Result<(), NovaError>;
}
