//! The events of actions on instances, and faults.

use conductor_api::havana::{Actions, Code, NovaError, Row as Sent};
use rpc_runtime::Context;

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Order, Query, Row};

const EVENTS: &str = "instance_actions_events";

impl Actions for Havana {
    async fn action_event_start(&self, ctx: &Context, values: Sent) -> Result<Sent, NovaError> {
        let action = self.action(ctx, &values).await?;
        let mut event = rows::columns(&self.store, EVENTS, &values)?;
        event.set("action_id", action.get("id").clone());
        Ok(rows::sent(&self.store.insert(EVENTS, &event).await?))
    }

    async fn action_event_finish(&self, ctx: &Context, values: Sent) -> Result<Sent, NovaError> {
        let action = self.action(ctx, &values).await?;
        let name = rows::text(&values, "event")?;
        let result = rows::text(&values, "result")?;
        let changes = rows::columns(&self.store, EVENTS, &values)?;
        let id = action.get("id").clone();

        let mut tx = self.store.begin().await?;
        let events = Caller::anybody(ctx)?.rows(EVENTS).eq("action_id", id.clone());
        let event = events.eq("event", name).order_by("id", Order::Ascending);
        let found = tx.first(&event).await?.ok_or_else(|| {
            unexpected(NovaError::InstanceActionEventNotFound {
                event: name.to_owned(),
                action_id: action.int("id").unwrap_or_default(),
                code: Code,
            })
        })?;
        let event = Query::of(EVENTS).eq("id", found.get("id").clone());
        tx.update(&event, &changes).await?;
        if result.eq_ignore_ascii_case("error") {
            let action = Query::of("instance_actions").eq("id", id);
            tx.update(&action, &Row::new().with("message", "Error")).await?;
        }
        let finished = tx.first(&event).await?.unwrap_or(found);
        tx.commit().await?;
        Ok(rows::sent(&finished))
    }

    async fn instance_fault_create(&self, _: &Context, values: Sent) -> Result<Sent, NovaError> {
        let fault = rows::columns(&self.store, "instance_faults", &values)?;
        Ok(rows::sent(&self.store.insert("instance_faults", &fault).await?))
    }
}

impl Havana {
    /// The action that the values of an event are about.
    async fn action(&self, ctx: &Context, values: &Sent) -> Result<Row, NovaError> {
        let instance_uuid = rows::text(values, "instance_uuid")?;
        let request_id = rows::text(values, "request_id")?;
        let actions = Caller::anybody(ctx)?.rows("instance_actions");
        let query = actions
            .eq("instance_uuid", instance_uuid)
            .eq("request_id", request_id);
        let found = self.store.first(&query).await?;
        found.ok_or_else(|| {
            unexpected(NovaError::InstanceActionNotFound {
                request_id: request_id.to_owned(),
                instance_uuid: instance_uuid.to_owned(),
                code: Code,
            })
        })
    }
}
