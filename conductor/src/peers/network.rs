//! nova-network: the addresses of instances, as they move.

use rpc_runtime::{Context, Failure, rpc_api};
use serde_json::Value;

/// nova-network: any, or the one of a host.
#[rpc_api(topic = "network", version = "1.2")]
pub(crate) trait Network {
    /// Takes an instance's addresses off the host it leaves.
    #[rpc(call, since = "1.2")]
    async fn migrate_instance_start(
        &self,
        ctx: &Context,
        instance_uuid: String,
        rxtx_factor: f64,
        project_id: String,
        source: String,
        dest: String,
        floating_addresses: Option<Vec<String>>,
    ) -> Result<Value, Failure>;

    /// Puts an instance's addresses on the host it has come to.
    #[rpc(call, since = "1.2")]
    async fn migrate_instance_finish(
        &self,
        ctx: &Context,
        instance_uuid: String,
        rxtx_factor: f64,
        project_id: String,
        source: String,
        dest: String,
        floating_addresses: Option<Vec<String>>,
    ) -> Result<Value, Failure>;
}
