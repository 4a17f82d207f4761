//! What was done to instances, and what went wrong.

use rpc_runtime::{Context, rpc_api};

use super::{NovaError, Row};

/// The events of actions on instances, and faults.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Actions {
    /// An event of an action begins. The values tell the instance and the request, which are the action's.
    #[rpc(call, since = "1.25")]
    async fn action_event_start(&self, ctx: &Context, values: Row) -> Result<Row, NovaError>;

    /// An event of an action ends, well or with the result `error`.
    #[rpc(call, since = "1.25")]
    async fn action_event_finish(&self, ctx: &Context, values: Row) -> Result<Row, NovaError>;

    /// Something went wrong with an instance.
    #[rpc(call, since = "1.36")]
    async fn instance_fault_create(&self, ctx: &Context, values: Row) -> Result<Row, NovaError>;
}
