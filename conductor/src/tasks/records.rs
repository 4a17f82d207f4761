//! What tasks write down: the state of an instance, its faults, and the events of its actions.

use std::fmt::Display;

use conductor_api::havana::Code;
use rpc_runtime::{Context, Failure, RpcError as _};
use serde_json::json;
use tracing::{debug, error, warn};

use super::errors::{TaskError, code, message};
use crate::notifier::Notifier;
use crate::store::{Order, Query, Row, Store, StoreError, Value, now};

/// Which task state an instance must have to be changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected<'a> {
    Anything,
    TaskState(&'a str),
}

/// The tables of instances.
#[derive(Clone, Debug)]
pub(super) struct Records {
    store: Store,
    /// Told of what failed.
    notifier: Notifier,
    /// Who writes.
    host: String,
}

impl Records {
    pub(super) fn new(store: Store, notifier: Notifier, host: &str) -> Self {
        Self {
            store,
            notifier,
            host: host.to_owned(),
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Changes the row of an instance, if it is in the task state that is expected.
    pub(super) async fn update(
        &self,
        uuid: &str,
        changes: &Row,
        expected: Expected<'_>,
    ) -> Result<(), TaskError> {
        let mut transaction = self.store.begin().await?;
        let query = Query::of("instances").eq("uuid", uuid);
        let row = transaction.first(&query.clone().locked()).await?;
        let row = row.ok_or_else(|| TaskError::not_found(uuid))?;
        if let Expected::TaskState(state) = expected
            && row.text("task_state") != Some(state)
        {
            return Err(TaskError::UnexpectedTaskStateError {
                instance_uuid: uuid.to_owned(),
                expected: json!({"task_state": [state]}),
                actual: json!({"task_state": row.text("task_state")}),
                code: Code,
            });
        }
        transaction.update(&query, changes).await?;
        Ok(transaction.commit().await?)
    }

    /// Notes that a task failed, and tells of it: the state that the instance is in now, and why.
    pub(super) async fn failed(
        &self,
        ctx: &Context,
        uuid: &str,
        method: &str,
        vm_state: Option<&str>,
        error: &TaskError,
    ) {
        warn!(instance = uuid, "compute_task {method} failed: {error}");
        let mut changes = Row::new().with("task_state", None::<&str>);
        if let Some(vm_state) = vm_state {
            changes.set("vm_state", vm_state);
        }
        let noted = async {
            self.update(uuid, &changes, Expected::Anything).await?;
            self.fault(uuid, &error.to_failure()).await?;
            Ok::<_, TaskError>(())
        };
        // It is the task's own error that is told.
        if let Err(problem) = noted.await {
            error!(instance = uuid, "the failure of {method} is not noted: {problem}");
        }
        let properties = json!({"uuid": uuid});
        let payload = json!({
            "request_spec": {"instance_properties": properties},
            "instance_properties": properties,
            "instance_id": uuid,
            "state": vm_state,
            "method": method,
            "reason": error.to_string(),
        });
        let publisher = self.notifier.publisher("compute_task");
        let event = format!("compute_task.{method}");
        self.notifier.error(ctx, &publisher, &event, payload).await;
    }

    async fn fault(&self, uuid: &str, failure: &Failure) -> Result<(), StoreError> {
        let row = Row::new()
            .with("instance_uuid", uuid)
            .with("code", code(failure))
            .with("message", shortened(message(failure)))
            .with(
                "details",
                format!("{}.{}: {}", failure.module, failure.class, failure.message),
            )
            .with("host", &self.host);
        self.store.insert("instance_faults", &row).await.map(drop)
    }

    /// Notes when a part of an action begins and how it ends, and does it.
    pub(super) async fn event<T, E: Display>(
        &self,
        ctx: &Context,
        uuid: &str,
        name: &str,
        task: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let begun = self.begin(ctx, uuid, name).await;
        let begun = begun.unwrap_or_else(|error| {
            error!(instance = uuid, "event {name} is not noted: {error}");
            None
        });
        let done = task.await;
        if let Some(event) = begun
            && let Err(error) = self.finish(&event, done.as_ref().err()).await
        {
            error!(instance = uuid, "the end of event {name} is not noted: {error}");
        }
        done
    }

    /// Begins an event of the action that the request is about, if there is one.
    async fn begin(&self, ctx: &Context, uuid: &str, name: &str) -> Result<Option<Row>, StoreError> {
        let actions = Query::of("instance_actions")
            .eq("instance_uuid", uuid)
            .eq("request_id", ctx.request_id());
        let Some(action) = self
            .store
            .first(&actions.order_by("id", Order::Descending))
            .await?
        else {
            debug!(instance = uuid, "no action of this request has events");
            return Ok(None);
        };
        let mut event = Row::new()
            .with("action_id", action.get("id").clone())
            .with("event", name)
            .with("start_time", now());
        let has_host = self
            .store
            .schema()
            .table("instance_actions_events")
            .is_some_and(|table| table.has("host"));
        if has_host {
            event.set("host", self.host.as_str());
        }
        self.store
            .insert("instance_actions_events", &event)
            .await
            .map(Some)
    }

    async fn finish(&self, event: &Row, error: Option<&impl Display>) -> Result<(), StoreError> {
        let mut changes = Row::new()
            .with("finish_time", now())
            .with("result", if error.is_some() { "Error" } else { "Success" });
        if let Some(error) = error {
            changes.set("traceback", error.to_string());
            let action = Query::of("instance_actions").eq("id", event.get("action_id").clone());
            self.store
                .update(&action, &Row::new().with("message", "Error"))
                .await?;
        }
        let event = Query::of("instance_actions_events").eq("id", event.get("id").clone());
        self.store.update(&event, &changes).await.map(drop)
    }

    /// Takes keys out of the system metadata of an instance.
    pub(super) async fn forget(&self, uuid: &str, keys: &[&str]) -> Result<(), StoreError> {
        let keys = keys.iter().map(|key| Value::from(*key));
        let rows = Query::of("instance_system_metadata")
            .eq("instance_uuid", uuid)
            .is_in("key", keys);
        self.store.soft_delete(&rows).await.map(drop)
    }
}

/// As much of a text as the column of a fault's message has room for.
fn shortened(text: &str) -> String {
    text.chars().take(255).collect()
}
