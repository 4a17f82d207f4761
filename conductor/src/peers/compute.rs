//! nova-compute: what is done with instances on their hosts.

use conductor_api::{NovaObject, Row};
use rpc_runtime::{Context, Failure, rpc_api};
use serde_json::Value;

/// The compute service of today.
#[rpc_api(topic = "compute", version = "6.0")]
pub(crate) trait Compute {
    /// Builds an instance on this host, and tries the next of the list when it cannot.
    #[rpc(cast)]
    async fn build_and_run_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        image: Row,
        request_spec: NovaObject,
        filter_properties: Row,
        #[rpc(secret)] admin_password: Option<String>,
        injected_files: Option<Vec<Value>>,
        requested_networks: Option<NovaObject>,
        security_groups: Value,
        block_device_mapping: NovaObject,
        node: Option<String>,
        limits: Row,
        host_list: Vec<NovaObject>,
        accel_uuids: Vec<String>,
    );

    /// Starts an instance that is on this host.
    #[rpc(cast)]
    async fn start_instance(&self, ctx: &Context, instance: NovaObject);

    /// Builds an instance that was shelved, from the image that was made of it.
    #[rpc(cast)]
    async fn unshelve_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        image: Option<Row>,
        filter_properties: Row,
        node: Option<String>,
        request_spec: NovaObject,
        accel_uuids: Vec<String>,
    );
}

/// The compute service of Havana.
#[rpc_api(topic = "compute", version = "2.47")]
pub(crate) trait HavanaCompute {
    /// Ends the rescue of an instance.
    #[rpc(cast)]
    async fn unrescue_instance(&self, ctx: &Context, instance: Row);

    /// Writes the firewall rules of an instance anew.
    #[rpc(cast)]
    async fn refresh_instance_security_rules(&self, ctx: &Context, instance: Row);

    /// Starts an instance that is on this host.
    #[rpc(cast, since = "2.29")]
    async fn start_instance(&self, ctx: &Context, instance: NovaObject);

    /// Builds an instance that was shelved, from the image that was made of it.
    #[rpc(cast, since = "2.31")]
    async fn unshelve_instance(&self, ctx: &Context, instance: NovaObject, image: Option<Row>);

    /// Makes sure that an instance can move to this host while it runs. The answer is for whoever moves it.
    #[rpc(call, since = "2.38")]
    async fn check_can_live_migrate_destination(
        &self,
        ctx: &Context,
        instance: NovaObject,
        block_migration: Option<bool>,
        disk_over_commit: Option<bool>,
    ) -> Result<Value, Failure>;

    /// Moves an instance away from this host while it runs.
    #[rpc(cast, since = "2.42")]
    async fn live_migration(
        &self,
        ctx: &Context,
        instance: NovaObject,
        dest: String,
        block_migration: Option<bool>,
        migrate_data: Value,
    );

    /// Begins to move an instance to this host, or to resize it.
    #[rpc(cast, since = "2.43")]
    async fn prep_resize(
        &self,
        ctx: &Context,
        instance: NovaObject,
        instance_type: Row,
        image: Row,
        reservations: Vec<String>,
        request_spec: Row,
        filter_properties: Row,
        node: Option<String>,
    );
}
