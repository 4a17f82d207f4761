//! What is asked of other services through the conductor, and what fits nowhere else.

use std::collections::BTreeMap;

use rpc_runtime::{Context, rpc_api};
use serde_json::Value;

use super::{NovaError, Row};
use crate::Pong;

/// Requests that the conductor passes on, and odds and ends.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Others {
    /// Answers with what it was sent; [`Base`](crate::Base) has taken its place.
    #[rpc(call, idempotent, since = "1.22")]
    async fn ping(&self, ctx: &Context, arg: Value) -> Result<Pong, NovaError>;

    /// The port of the debugging console; [`Base`](crate::Base) has taken its place.
    #[rpc(call, idempotent, since = "1.6")]
    async fn get_backdoor_port(&self, ctx: &Context) -> Result<Option<u16>, NovaError>;

    /// The build of an agent for guests, if there is one.
    #[rpc(call, idempotent, since = "1.10")]
    async fn agent_build_get_by_triple(
        &self,
        ctx: &Context,
        hypervisor: String,
        os: String,
        architecture: String,
    ) -> Result<Option<Row>, NovaError>;

    /// The names by which EC2 knows an instance and its images. They are made when there are none yet.
    #[rpc(call, idempotent, since = "1.42")]
    async fn get_ec2_ids(
        &self,
        ctx: &Context,
        instance: Row,
    ) -> Result<BTreeMap<String, Option<String>>, NovaError>;

    /// Has the network service begin the move of an instance.
    #[rpc(call, since = "1.41")]
    async fn network_migrate_instance_start(
        &self,
        ctx: &Context,
        instance: Row,
        migration: Row,
    ) -> Result<(), NovaError>;

    /// Has the network service end the move of an instance.
    #[rpc(call, since = "1.41")]
    async fn network_migrate_instance_finish(
        &self,
        ctx: &Context,
        instance: Row,
        migration: Row,
    ) -> Result<(), NovaError>;

    /// Has a host end the rescue of an instance.
    #[rpc(call, since = "1.48")]
    async fn compute_unrescue(&self, ctx: &Context, instance: Row) -> Result<(), NovaError>;

    /// Has a host stop an instance. No client has sent it since 1.55.
    #[rpc(call, since = "1.43")]
    async fn compute_stop(
        &self,
        ctx: &Context,
        instance: Row,
        #[rpc(default = true)] do_cast: bool,
    ) -> Result<(), NovaError>;

    /// Has a host confirm a resize. No client has sent it since 1.56.
    #[rpc(call, since = "1.46")]
    async fn compute_confirm_resize(
        &self,
        ctx: &Context,
        instance: Row,
        migration_ref: Row,
    ) -> Result<(), NovaError>;

    /// Has a host reboot an instance. No client sends it.
    #[rpc(call, since = "1.53")]
    async fn compute_reboot(
        &self,
        ctx: &Context,
        instance: Row,
        reboot_type: String,
    ) -> Result<(), NovaError>;
}
