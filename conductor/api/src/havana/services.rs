//! Services and their heartbeats.

use rpc_runtime::{Context, rpc_api};
use serde_json::Value;

use super::{NovaError, Row};

/// Services: which there are, and which of them are alive.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Services {
    /// The services of a topic, a host or a binary, or all. What is answered depends on what is given: see the rows
    /// of the table.
    ///
    /// | given | answer |
    /// | --- | --- |
    /// | nothing | a list of all |
    /// | topic `compute` and host | a list of one, with its compute nodes under `compute_node` |
    /// | another topic and host | one that is enabled, or null |
    /// | host and binary | one |
    /// | topic | a list of those that are enabled |
    /// | host | a list |
    #[rpc(call, idempotent, since = "1.21")]
    async fn service_get_all_by(
        &self,
        ctx: &Context,
        topic: Option<String>,
        host: Option<String>,
        #[rpc(since = "1.28")] binary: Option<String>,
    ) -> Result<Value, NovaError>;

    /// Registers a service.
    #[rpc(call, since = "1.27")]
    async fn service_create(&self, ctx: &Context, values: Row) -> Result<Row, NovaError>;

    /// Forgets a service and its compute nodes.
    #[rpc(call, since = "1.29")]
    async fn service_destroy(&self, ctx: &Context, service_id: i64) -> Result<(), NovaError>;

    /// Writes columns of a service. With a `report_count` that grows it is the heartbeat.
    #[rpc(call, idempotent, since = "1.34")]
    async fn service_update(&self, ctx: &Context, service: Row, values: Row) -> Result<Row, NovaError>;
}
