//! What is asked of other services through the conductor, and what fits nowhere else.

use std::collections::BTreeMap;

use conductor_api::Pong;
use conductor_api::havana::{Code, NovaError, Others, Row as Sent};
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::caller::Caller;
use super::errors::{not_implemented, unexpected};
use super::moves::{End, not_sent};
use super::{Havana, rows};
use crate::service::TOPIC;
use crate::store::Query;

impl Others for Havana {
    async fn ping(&self, _: &Context, arg: Json) -> Result<Pong, NovaError> {
        Ok(Pong {
            service: TOPIC.to_owned(),
            arg,
        })
    }

    async fn get_backdoor_port(&self, _: &Context) -> Result<Option<u16>, NovaError> {
        Ok(self.backdoor.get().copied())
    }

    async fn agent_build_get_by_triple(
        &self,
        ctx: &Context,
        hypervisor: String,
        os: String,
        architecture: String,
    ) -> Result<Option<Sent>, NovaError> {
        Caller::admin(ctx)?;
        let query = Query::of("agent_builds")
            .eq("hypervisor", hypervisor)
            .eq("os", os)
            .eq("architecture", architecture);
        Ok(self.store.first(&query).await?.map(|row| rows::sent(&row)))
    }

    async fn get_ec2_ids(
        &self,
        ctx: &Context,
        instance: Sent,
    ) -> Result<BTreeMap<String, Option<String>>, NovaError> {
        Caller::known(ctx)?;
        self.ec2_ids(&instance).await
    }

    async fn network_migrate_instance_start(
        &self,
        ctx: &Context,
        instance: Sent,
        migration: Sent,
    ) -> Result<(), NovaError> {
        self.move_network(ctx, End::Start, &instance, &migration).await
    }

    async fn network_migrate_instance_finish(
        &self,
        ctx: &Context,
        instance: Sent,
        migration: Sent,
    ) -> Result<(), NovaError> {
        self.move_network(ctx, End::Finish, &instance, &migration).await
    }

    async fn compute_unrescue(&self, ctx: &Context, instance: Sent) -> Result<(), NovaError> {
        let uuid = rows::text(&instance, "uuid")?;
        let state = rows::field(&instance, "vm_state").cloned().unwrap_or_default();
        if state != "rescued" {
            return Err(unexpected(NovaError::InstanceInvalidState {
                instance_uuid: uuid.to_owned(),
                attr: "vm_state".to_owned(),
                state,
                method: "unrescue".to_owned(),
                code: Code,
            }));
        }
        let instance = self.begin_task(ctx, uuid, "unrescuing").await?;
        let host = rows::text(&instance, "host")?;
        let compute = self.peers.havana_compute.on(host);
        let sent = compute.cast().unrescue_instance(ctx, &instance).await;
        sent.map_err(|error| not_sent(&error))
    }

    async fn compute_stop(&self, _: &Context, _: Sent, _: bool) -> Result<(), NovaError> {
        Err(not_implemented("compute_stop"))
    }

    async fn compute_confirm_resize(&self, _: &Context, _: Sent, _: Sent) -> Result<(), NovaError> {
        Err(not_implemented("compute_confirm_resize"))
    }

    async fn compute_reboot(&self, _: &Context, _: Sent, _: String) -> Result<(), NovaError> {
        Err(not_implemented("compute_reboot"))
    }
}
