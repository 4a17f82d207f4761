//! Security groups, and the firewall rules of the provider.

use rpc_runtime::{Context, rpc_api};
use serde_json::Value;

use super::{NovaError, Row};

/// Security groups and firewall rules.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait SecurityGroups {
    /// Those of an instance, with their rules.
    #[rpc(call, idempotent, since = "1.8")]
    async fn security_group_get_by_instance(
        &self,
        ctx: &Context,
        instance: Row,
    ) -> Result<Vec<Row>, NovaError>;

    /// The rules of one, each with the group it lets in and that group's instances.
    #[rpc(call, idempotent, since = "1.8")]
    async fn security_group_rule_get_by_security_group(
        &self,
        ctx: &Context,
        secgroup: Row,
    ) -> Result<Vec<Row>, NovaError>;

    /// The rules for everybody.
    #[rpc(call, idempotent, since = "1.9")]
    async fn provider_fw_rule_get_all(&self, ctx: &Context) -> Result<Vec<Row>, NovaError>;

    /// Tells whoever handles security groups outside of Nova.
    #[rpc(call, since = "1.40")]
    async fn security_groups_trigger_handler(
        &self,
        ctx: &Context,
        event: String,
        args: Vec<Value>,
    ) -> Result<(), NovaError>;

    /// Has the hosts of all instances that let these groups in refresh their rules.
    #[rpc(call, since = "1.40")]
    async fn security_groups_trigger_members_refresh(
        &self,
        ctx: &Context,
        group_ids: Vec<i64>,
    ) -> Result<(), NovaError>;
}
