//! Lists of instances that no filters choose.

use conductor_api::havana::{NovaError, Row as Sent};
use jiff::civil::DateTime;
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::{Caller, Havana, Joins, ever, rows};
use crate::store::{Condition, seconds_ago};

/// A period that instances ran in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    begin: DateTime,
    end: Option<DateTime>,
}

impl Period {
    pub(super) fn new(begin: &Json, end: Option<&Json>) -> Result<Self, NovaError> {
        Ok(Self {
            begin: rows::time_argument("begin", begin)?,
            end: end.map(|end| rows::time_argument("end", end)).transpose()?,
        })
    }
}

impl Havana {
    pub(super) async fn all_instances(&self, ctx: &Context) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::known(ctx)?;
        let found = self.store.select(&caller.own(caller.rows("instances"))).await?;
        self.joined(&found, &Joins::of_many(None)?, &caller).await
    }

    /// Those of a host; those of one of its nodes come without the rows of other tables.
    pub(super) async fn instances_of_host(
        &self,
        ctx: &Context,
        host: &str,
        node: Option<&str>,
        columns: Option<Vec<String>>,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::elevated(ctx)?;
        let mut query = caller.rows("instances").eq("host", host);
        let mut joins = Joins::of_host(columns)?;
        if let Some(node) = node {
            query = query.eq("node", node);
            joins = Joins::NONE;
        }
        let found = self.store.select(&query).await?;
        self.joined(&found, &joins, &caller).await
    }

    pub(super) async fn hung_in_rebooting(
        &self,
        ctx: &Context,
        seconds: i64,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::admin(ctx)?;
        let query = caller
            .rows("instances")
            .le("updated_at", seconds_ago(seconds))
            .eq("task_state", "rebooting");
        let found = self.store.select(&query).await?;
        self.joined(&found, &Joins::NONE, &caller).await
    }

    /// Those that ran in a period, also those that are deleted by now.
    pub(super) async fn active_in(
        &self,
        ctx: &Context,
        period: Period,
        project: Option<String>,
        host: Option<String>,
        joins: &Joins,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::known(ctx)?;
        let still = Condition::is_null("terminated_at");
        let after = Condition::gt("terminated_at", period.begin);
        let mut query = ever("instances").any_of([still, after]);
        if let Some(end) = period.end {
            query = query.lt("launched_at", end);
        }
        for (column, value) in [("project_id", project), ("host", host)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query = query.eq(column, value);
            }
        }
        let found = self.store.select(&query).await?;
        self.joined(&found, joins, &caller).await
    }
}
