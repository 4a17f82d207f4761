//! Reservations against quotas.

use rpc_runtime::{Context, rpc_api};

use super::NovaError;

/// What was reserved is used, or is not. The project and the user are those of the context when they are not given.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Quotas {
    /// What was reserved is in use now.
    #[rpc(call, since = "1.41")]
    async fn quota_commit(
        &self,
        ctx: &Context,
        reservations: Vec<String>,
        #[rpc(since = "1.45")] project_id: Option<String>,
        #[rpc(since = "1.45")] user_id: Option<String>,
    ) -> Result<(), NovaError>;

    /// What was reserved is free again.
    #[rpc(call, since = "1.41")]
    async fn quota_rollback(
        &self,
        ctx: &Context,
        reservations: Vec<String>,
        #[rpc(since = "1.45")] project_id: Option<String>,
        #[rpc(since = "1.45")] user_id: Option<String>,
    ) -> Result<(), NovaError>;
}
