//! Security groups, and the firewall rules of the provider.

use std::collections::HashMap;

use conductor_api::havana::{NovaError, Row as Sent, SecurityGroups};
use rpc_runtime::Context;
use serde_json::Value as Json;
use tracing::debug;

use super::caller::Caller;
use super::instances::Joins;
use super::moves::not_sent;
use super::{Havana, rows};
use crate::store::{Query, Row};

const GROUPS: &str = "security_groups";
const RULES: &str = "security_group_rules";
const MEMBERS: &str = "security_group_instance_association";

impl SecurityGroups for Havana {
    async fn security_group_get_by_instance(
        &self,
        ctx: &Context,
        instance: Sent,
    ) -> Result<Vec<Sent>, NovaError> {
        Caller::known(ctx)?;
        let uuid = rows::text(&instance, "uuid")?;
        let members = self
            .store
            .select(&Query::of(MEMBERS).eq("instance_uuid", uuid))
            .await?;
        let ids = members.iter().filter_map(|row| row.int("security_group_id"));
        let groups = self.store.select(&Query::of(GROUPS).is_in("id", ids)).await?;
        let ids = groups.iter().filter_map(|row| row.int("id"));
        let rules = self
            .store
            .select(&Query::of(RULES).is_in("parent_group_id", ids))
            .await?;
        let grantees = self.grantees(&rules).await?;

        let sent = |group: &Row| {
            let mine = rules
                .iter()
                .filter(|rule| rule.get("parent_group_id") == group.get("id"));
            let mine: Vec<Sent> = mine
                .map(|rule| with_grantee(rule, |id| grantees.get(&id).map(rows::sent)))
                .collect();
            let mut sent = rows::sent(group);
            sent.insert("rules".to_owned(), mine.into());
            sent
        };
        Ok(groups.iter().map(sent).collect())
    }

    async fn security_group_rule_get_by_security_group(
        &self,
        ctx: &Context,
        secgroup: Sent,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::known(ctx)?;
        let query = caller
            .rows(RULES)
            .eq("parent_group_id", rows::id(&secgroup, "id")?);
        let rules = self.store.select(&query).await?;
        let mut grantees = HashMap::new();
        for (id, group) in self.grantees(&rules).await? {
            let members = self.members(&[id]).await?;
            let members = self.joined(&members, &Joins::OF_MEMBER, &caller).await?;
            let mut sent = rows::sent(&group);
            sent.insert("instances".to_owned(), members.into());
            grantees.insert(id, sent);
        }
        let sent = |rule: &Row| with_grantee(rule, |id| grantees.get(&id).cloned());
        Ok(rules.iter().map(sent).collect())
    }

    async fn provider_fw_rule_get_all(&self, ctx: &Context) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::admin(ctx)?;
        let rules = self.store.select(&caller.rows("provider_fw_rules")).await?;
        Ok(rows::all_sent(&rules))
    }

    async fn security_groups_trigger_handler(
        &self,
        _: &Context,
        event: String,
        args: Vec<Json>,
    ) -> Result<(), NovaError> {
        // As in a Nova without a handler of its own, nobody outside is to be told.
        debug!(event, ?args, "no handler of security groups");
        Ok(())
    }

    async fn security_groups_trigger_members_refresh(
        &self,
        ctx: &Context,
        group_ids: Vec<i64>,
    ) -> Result<(), NovaError> {
        let caller = Caller::known(ctx)?;
        let rules = self
            .store
            .select(&caller.rows(RULES).is_in("group_id", group_ids))
            .await?;
        let groups: Vec<i64> = rules
            .iter()
            .filter_map(|rule| rule.int("parent_group_id"))
            .collect();
        let members = self.members(&groups).await?;
        for instance in self.joined(&members, &Joins::NONE, &caller).await? {
            let Some(host) = rows::optional_text(&instance, "host") else {
                continue;
            };
            let compute = self.peers.havana_compute.on(host);
            let sent = compute
                .cast()
                .refresh_instance_security_rules(ctx, &instance)
                .await;
            sent.map_err(|error| not_sent(&error))?;
        }
        Ok(())
    }
}

/// A rule as it travels, with the group it lets in.
fn with_grantee(rule: &Row, group: impl Fn(i64) -> Option<Sent>) -> Sent {
    let grantee = rule.int("group_id").and_then(group);
    let mut sent = rows::sent(rule);
    sent.insert(
        "grantee_group".to_owned(),
        grantee.map_or(Json::Null, Json::Object),
    );
    sent
}

impl Havana {
    /// The groups that rules let in, by their numbers.
    async fn grantees(&self, rules: &[Row]) -> Result<HashMap<i64, Row>, NovaError> {
        let ids = rules.iter().filter_map(|rule| rule.int("group_id"));
        let groups = self.store.select(&Query::of(GROUPS).is_in("id", ids)).await?;
        let by_id = |group: Row| Some((group.int("id")?, group));
        Ok(groups.into_iter().filter_map(by_id).collect())
    }

    /// The instances that are in one of these groups.
    async fn members(&self, groups: &[i64]) -> Result<Vec<Row>, NovaError> {
        let members = Query::of(MEMBERS).is_in("security_group_id", groups.iter().copied());
        let members = self.store.select(&members).await?;
        let uuids = members.iter().filter_map(|row| row.text("instance_uuid"));
        Ok(self
            .store
            .select(&Query::of("instances").is_in("uuid", uuids))
            .await?)
    }
}
