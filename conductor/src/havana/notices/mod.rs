//! What these methods tell of: changes of instances, and what instances and volumes use.

mod payload;
mod period;

use std::fmt;
use std::str::FromStr;

use conductor_api::havana::{NovaError, Row as Sent};
use jiff::civil::DateTime;
use rpc_runtime::Context;
use serde_json::{Map, Value as Json, json};

use super::{Havana, rows};
use crate::store::{Query, ReadDeleted, Row, now};

pub(crate) use period::AuditPeriod;

/// Which changes of an instance are told (`notify_on_state_change`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum StateChanges {
    #[default]
    None,
    /// That of the machine, and every other update without states.
    Machine,
    /// That of the task as well.
    MachineAndTask,
}

impl FromStr for StateChanges {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "" | "none" => Self::None,
            "vm_state" => Self::Machine,
            "vm_and_task_state" => Self::MachineAndTask,
            _ => return Err("write none, vm_state or vm_and_task_state"),
        })
    }
}

impl fmt::Display for StateChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Machine => "vm_state",
            Self::MachineAndTask => "vm_and_task_state",
        })
    }
}

impl Havana {
    /// Tells that an instance was updated. `before` is its row of then, `after` all of it as it travels.
    pub(super) async fn notify_of_update(&self, ctx: &Context, before: &Row, after: &Sent, service: &str) {
        if self.notifier.is_silent() || self.options.state_changes == StateChanges::None {
            return;
        }
        let states = payload::states(before, after, self.options.state_changes);
        let begin = self.options.audit_period.begin(now());
        let bandwidth = match self.bandwidth(after, begin).await {
            Ok(bandwidth) => bandwidth,
            // It is in the log; the update is told without.
            Err(_) => Json::Null,
        };
        let mut told = payload::instance(after);
        told.extend(states);
        told.insert(
            "audit_period_beginning".to_owned(),
            payload::python_time(begin).into(),
        );
        told.insert(
            "audit_period_ending".to_owned(),
            payload::python_time(now()).into(),
        );
        told.insert("bandwidth".to_owned(), bandwidth);
        let publisher = self.notifier.publisher(service);
        self.notifier
            .info(ctx, &publisher, "compute.instance.update", told.into())
            .await;
    }

    /// Tells of what an instance uses: in the current period so far, or in the last one.
    pub(super) async fn notify_of_existence(
        &self,
        ctx: &Context,
        instance: &Sent,
        current_period: bool,
        extra: Option<Map<String, Json>>,
    ) -> Result<(), NovaError> {
        if self.notifier.is_silent() {
            return Ok(());
        }
        let (begin, end) = match current_period {
            true => (self.options.audit_period.begin(now()), now()),
            false => self.options.audit_period.last(now()),
        };
        let mut told = payload::instance(instance);
        told.insert(
            "audit_period_beginning".to_owned(),
            payload::python_time(begin).into(),
        );
        told.insert("audit_period_ending".to_owned(), payload::python_time(end).into());
        told.insert("bandwidth".to_owned(), self.bandwidth(instance, begin).await?);
        told.extend(extra.unwrap_or_default());
        // In the name of the host that the instance is on.
        let publisher = format!(
            "compute.{}",
            rows::optional_text(instance, "host").unwrap_or_default()
        );
        self.notifier
            .info(ctx, &publisher, "compute.instance.exists", told.into())
            .await;
        Ok(())
    }

    /// Tells of what a volume's usage is now.
    pub(super) async fn notify_of_volume(&self, ctx: &Context, usage: &Row) {
        let told = payload::volume(usage);
        let publisher = self.notifier.publisher("conductor");
        self.notifier.info(ctx, &publisher, "volume.usage", told).await;
    }

    /// What each network of an instance has carried since: by its label.
    async fn bandwidth(&self, instance: &Sent, since: DateTime) -> Result<Json, NovaError> {
        let uuid = rows::text(instance, "uuid")?;
        let query = Query::of("bw_usage_cache")
            .deleted(ReadDeleted::Yes)
            .eq("uuid", uuid)
            .eq("start_period", since);
        let labels = payload::network_labels(instance);
        let usages = self.store.select(&query).await?;
        let carried = usages.iter().filter_map(|usage| {
            let label = labels.get(usage.text("mac")?)?;
            let bytes = |column| rows::json(usage.get(column));
            let both = json!({"bw_in": bytes("bw_in"), "bw_out": bytes("bw_out")});
            Some((label.clone(), both))
        });
        Ok(carried.collect::<Map<_, _>>().into())
    }
}
