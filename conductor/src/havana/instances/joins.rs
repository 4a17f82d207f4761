//! The rows of other tables that travel with an instance.

use std::collections::HashMap;

use conductor_api::havana::{NovaError, Row as Sent};
use serde_json::Value as Json;

use super::super::errors::unexpected;
use super::{Caller, Havana, INFO_CACHES, ever, rows};
use crate::store::{Query, Row};

/// Which of them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(in super::super) struct Joins {
    info_cache: bool,
    security_groups: bool,
    rules: bool,
    metadata: bool,
    pub(in super::super) system_metadata: bool,
    pci_devices: bool,
}

impl Joins {
    pub(in super::super) const NONE: Self = Self {
        info_cache: false,
        security_groups: false,
        rules: false,
        metadata: false,
        system_metadata: false,
        pci_devices: false,
    };

    pub(in super::super) const SYSTEM_METADATA: Self = Self {
        system_metadata: true,
        ..Self::NONE
    };

    /// Network information and system metadata: what a host needs to know of the members of a security group.
    pub(in super::super) const OF_MEMBER: Self = Self {
        info_cache: true,
        ..Self::SYSTEM_METADATA
    };

    /// The joins of a single instance, which always has its network information and its security groups.
    pub(super) fn of_one(columns: Option<Vec<String>>) -> Result<Self, NovaError> {
        let always = Self {
            info_cache: true,
            security_groups: true,
            rules: true,
            ..Self::NONE
        };
        always.and(&columns.unwrap_or_else(|| names(&["metadata", "system_metadata"])))
    }

    /// The joins of lists: all, if none are named.
    pub(super) fn of_many(columns: Option<Vec<String>>) -> Result<Self, NovaError> {
        let all = || names(&["info_cache", "security_groups", "metadata", "system_metadata"]);
        Self::NONE.and(&columns.unwrap_or_else(all))
    }

    /// The joins of the instances of a host: columns choose among the metadata alone.
    pub(super) fn of_host(columns: Option<Vec<String>>) -> Result<Self, NovaError> {
        let always = Self {
            info_cache: true,
            security_groups: true,
            ..Self::NONE
        };
        always.and(&columns.unwrap_or_else(|| names(&["metadata", "system_metadata"])))
    }

    fn and(mut self, columns: &[String]) -> Result<Self, NovaError> {
        for column in columns {
            match &**column {
                "info_cache" => self.info_cache = true,
                "security_groups" => self.security_groups = true,
                "security_groups.rules" => (self.security_groups, self.rules) = (true, true),
                "metadata" => self.metadata = true,
                "system_metadata" => self.system_metadata = true,
                "pci_devices" => self.pci_devices = true,
                other => {
                    let text = format!("an instance has no relation '{other}' to join");
                    return Err(unexpected(NovaError::ValueError(text)));
                }
            }
        }
        Ok(self)
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(str::to_owned).collect()
}

/// Rows by the instance they belong to.
type ByInstance = HashMap<String, Vec<Json>>;

fn by_instance<'r>(rows: impl IntoIterator<Item = (&'r Row, Sent)>) -> ByInstance {
    let mut grouped = ByInstance::new();
    for (row, sent) in rows {
        let uuid = row.text("instance_uuid").unwrap_or_default();
        grouped.entry(uuid.to_owned()).or_default().push(sent.into());
    }
    grouped
}

impl Havana {
    pub(super) async fn one_joined(
        &self,
        instance: &Row,
        joins: &Joins,
        caller: &Caller,
    ) -> Result<Sent, NovaError> {
        let joined = self.joined(std::slice::from_ref(instance), joins, caller).await?;
        Ok(joined.into_iter().next().unwrap_or_default())
    }

    /// Instances as they travel: with their names, and the rows that are joined. Metadata is there in any case, if
    /// only as an empty list.
    pub(in super::super) async fn joined(
        &self,
        instances: &[Row],
        joins: &Joins,
        caller: &Caller,
    ) -> Result<Vec<Sent>, NovaError> {
        let uuids: Vec<&str> = instances.iter().filter_map(|row| row.text("uuid")).collect();
        let of_these = |query: Query| query.is_in("instance_uuid", uuids.iter().copied());
        let mut lists: Vec<(&str, ByInstance)> = Vec::new();
        for (name, table, wanted) in [
            ("metadata", "instance_metadata", joins.metadata),
            (
                "system_metadata",
                "instance_system_metadata",
                joins.system_metadata,
            ),
        ] {
            let rows = if wanted {
                self.related(of_these(caller.rows(table))).await?
            } else {
                ByInstance::new()
            };
            lists.push((name, rows));
        }
        if joins.security_groups {
            lists.push(("security_groups", self.groups_of(&uuids, joins.rules).await?));
        }
        if joins.pci_devices {
            let devices = of_these(Query::of("pci_devices")).eq("status", "allocated");
            lists.push(("pci_devices", self.related(devices).await?));
        }
        let mut caches = match joins.info_cache {
            true => Some(self.related(of_these(ever(INFO_CACHES))).await?),
            false => None,
        };

        let joined = instances.iter().map(|instance| {
            let uuid = instance.text("uuid").unwrap_or_default();
            let mut sent = rows::sent(instance);
            sent.insert("name".to_owned(), self.name_of(instance).into());
            for (name, rows) in &mut lists {
                let mine = rows.remove(uuid).unwrap_or_default();
                sent.insert((*name).to_owned(), mine.into());
            }
            if let Some(caches) = &mut caches {
                let mine = caches.remove(uuid).and_then(|rows| rows.into_iter().next());
                sent.insert("info_cache".to_owned(), mine.unwrap_or(Json::Null));
            }
            sent
        });
        Ok(joined.collect())
    }

    pub(in super::super) fn name_of(&self, instance: &Row) -> String {
        super::name::name(&self.options.instance_name_template, instance)
    }

    async fn related(&self, query: Query) -> Result<ByInstance, NovaError> {
        let found = self.store.select(&query).await?;
        Ok(by_instance(found.iter().map(|row| (row, rows::sent(row)))))
    }

    /// The security groups of instances, with their rules if those are wanted.
    async fn groups_of(&self, instances: &[&str], with_rules: bool) -> Result<ByInstance, NovaError> {
        let members = Query::of("security_group_instance_association");
        let members = members.is_in("instance_uuid", instances.iter().copied());
        let members = self.store.select(&members).await?;
        let ids = members.iter().filter_map(|row| row.int("security_group_id"));
        let groups = Query::of("security_groups").is_in("id", ids);
        let groups = self.store.select(&groups).await?;
        let mut rules = Vec::new();
        if with_rules {
            let ids = groups.iter().filter_map(|row| row.int("id"));
            let query = Query::of("security_group_rules").is_in("parent_group_id", ids);
            rules = self.store.select(&query).await?;
        }
        let sent = |group: &Row| {
            let mut sent = rows::sent(group);
            if with_rules {
                let mine = rules
                    .iter()
                    .filter(|rule| rule.get("parent_group_id") == group.get("id"));
                let mine: Vec<Sent> = mine.map(rows::sent).collect();
                sent.insert("rules".to_owned(), mine.into());
            }
            sent
        };
        Ok(by_instance(members.iter().filter_map(|member| {
            let group = groups
                .iter()
                .find(|group| group.get("id") == member.get("security_group_id"))?;
            Some((member, sent(group)))
        })))
    }
}
