//! The block devices of instances.

use rpc_runtime::{Context, rpc_api};

use super::{NovaError, Row};

/// Block device mappings. Values may be of the old layout, which has a `virtual_name` and no `source_type`.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait BlockDevices {
    /// Writes a mapping: a new one, the one with the values' `id`, or, without `create`, the one of the instance's
    /// device, which is made if it is not there.
    #[rpc(call, since = "1.12")]
    async fn block_device_mapping_update_or_create(
        &self,
        ctx: &Context,
        values: Row,
        create: Option<bool>,
    ) -> Result<(), NovaError>;

    /// The mappings of an instance, in the old layout or as they are.
    #[rpc(call, idempotent, since = "1.13")]
    async fn block_device_mapping_get_all_by_instance(
        &self,
        ctx: &Context,
        instance: Row,
        #[rpc(since = "1.51", default = true)] legacy: bool,
    ) -> Result<Vec<Row>, NovaError>;

    /// Forgets mappings: those given, or that of a volume or a device of an instance.
    #[rpc(call, since = "1.14")]
    async fn block_device_mapping_destroy(
        &self,
        ctx: &Context,
        bdms: Option<Vec<Row>>,
        instance: Option<Row>,
        volume_id: Option<String>,
        device_name: Option<String>,
    ) -> Result<(), NovaError>;
}
