//! The log of audits: which period of which host is being accounted for, or was.

use conductor_api::havana::{Code, NovaError, Row as Sent};
use jiff::civil::DateTime;
use serde_json::Value as Json;

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Query, Row, StoreError};

/// An audit: what is done, for which period.
#[derive(Clone, Debug)]
pub(super) struct Task {
    name: String,
    begin: DateTime,
    end: DateTime,
}

impl Task {
    pub(super) fn new(name: String, begin: &Json, end: &Json) -> Result<Self, NovaError> {
        Ok(Self {
            name,
            begin: rows::time_argument("begin", begin)?,
            end: rows::time_argument("end", end)?,
        })
    }

    fn entries(&self, caller: &Caller) -> Query {
        caller
            .rows("task_log")
            .eq("task_name", &self.name)
            .eq("period_beginning", self.begin)
            .eq("period_ending", self.end)
    }
}

impl Havana {
    pub(super) async fn task_entry(
        &self,
        caller: &Caller,
        task: &Task,
        host: Option<String>,
        state: Option<String>,
    ) -> Result<Option<Sent>, NovaError> {
        let mut query = task.entries(caller);
        for (column, value) in [("host", host), ("state", state)] {
            if let Some(value) = value {
                query = query.eq(column, value);
            }
        }
        Ok(self.store.first(&query).await?.map(|row| rows::sent(&row)))
    }

    pub(super) async fn begin_audit(
        &self,
        task: Task,
        host: String,
        items: Option<i64>,
        message: Option<String>,
    ) -> Result<(), NovaError> {
        let mut row = Row::new()
            .with("task_name", &task.name)
            .with("host", &host)
            .with("period_beginning", task.begin)
            .with("period_ending", task.end)
            .with("state", "RUNNING")
            .with("message", message.unwrap_or_default());
        if let Some(items) = items {
            row.set("task_items", items);
        }
        match self.store.insert("task_log", &row).await {
            Err(StoreError::Duplicate { .. }) => Err(unexpected(NovaError::TaskAlreadyRunning {
                task_name: task.name,
                host,
                code: Code,
            })),
            inserted => Ok(inserted.map(drop)?),
        }
    }

    pub(super) async fn end_audit(
        &self,
        caller: &Caller,
        task: Task,
        host: String,
        errors: i64,
        message: Option<String>,
    ) -> Result<(), NovaError> {
        let mut changes = Row::new().with("state", "DONE").with("errors", errors);
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            changes.set("message", message);
        }
        let running = task.entries(caller).eq("host", &host);
        if self.store.update(&running, &changes).await? == 0 {
            return Err(unexpected(NovaError::TaskNotRunning {
                task_name: task.name,
                host,
                code: Code,
            }));
        }
        Ok(())
    }
}
