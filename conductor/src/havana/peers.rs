//! The services of 2013.2 that requests are passed on to, as far as they are asked here.

use conductor_api::havana::Row;
use rpc_runtime::{Context, Failure, rpc_api};
use serde_json::Value;

/// nova-compute: addressed by host.
#[rpc_api(topic = "compute", version = "2.0")]
pub(super) trait Compute {
    /// Ends the rescue of an instance.
    #[rpc(cast)]
    async fn unrescue_instance(&self, ctx: &Context, instance: Row);

    /// Writes the firewall rules of an instance anew.
    #[rpc(cast)]
    async fn refresh_instance_security_rules(&self, ctx: &Context, instance: Row);
}

/// nova-network: any, or the one of a host.
#[rpc_api(topic = "network", version = "1.2")]
pub(super) trait Network {
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
