//! Accounting: bandwidth and volumes. The log of audits is in `tasks`.

use conductor_api::havana::{NovaError, Row as Sent, Usage};
use rpc_runtime::Context;
use serde_json::Value as Json;
use tracing::info;

use super::caller::Caller;
use super::tasks::Task;
use super::{Havana, rows};
use crate::store::{Condition, Query, ReadDeleted, Row, now};

const BANDWIDTH: &str = "bw_usage_cache";
const VOLUMES: &str = "volume_usage_cache";

/// What is counted of a volume.
const COUNTERS: [&str; 4] = ["reads", "read_bytes", "writes", "write_bytes"];

impl Usage for Havana {
    async fn bw_usage_update(
        &self,
        ctx: &Context,
        uuid: String,
        mac: String,
        start_period: Json,
        bw_in: Option<i64>,
        bw_out: Option<i64>,
        last_ctr_in: Option<i64>,
        last_ctr_out: Option<i64>,
        last_refreshed: Option<Json>,
        // There are no cells above this one to tell.
        _update_cells: bool,
    ) -> Result<Option<Sent>, NovaError> {
        Caller::known(ctx)?;
        let start = rows::time_argument("start_period", &start_period)?;
        let query = Query::of(BANDWIDTH)
            .deleted(ReadDeleted::Yes)
            .eq("start_period", start)
            .eq("uuid", &uuid)
            .eq("mac", &mac);
        let counters = [
            ("bw_in", bw_in),
            ("bw_out", bw_out),
            ("last_ctr_in", last_ctr_in),
            ("last_ctr_out", last_ctr_out),
        ];
        let mut tx = self.store.begin().await?;
        if counters.iter().any(|(_, value)| value.is_some()) {
            let refreshed = match &last_refreshed {
                Some(time) => rows::time_argument("last_refreshed", time)?,
                None => now(),
            };
            let values = Row::from_iter(counters).with("last_refreshed", refreshed);
            if tx.update(&query, &values).await? == 0 {
                let row = values.with("start_period", start).with("uuid", uuid);
                tx.insert(BANDWIDTH, &row.with("mac", mac)).await?;
            }
        }
        let usage = tx.first(&query).await?;
        tx.commit().await?;
        Ok(usage.map(|row| rows::sent(&row)))
    }

    async fn vol_usage_update(
        &self,
        ctx: &Context,
        vol_id: String,
        rd_req: i64,
        rd_bytes: i64,
        wr_req: i64,
        wr_bytes: i64,
        instance: Sent,
        // The moment of the call is the one that counts.
        _last_refreshed: Option<Json>,
        update_totals: bool,
    ) -> Result<(), NovaError> {
        Caller::known(ctx)?;
        let counted = [rd_req, rd_bytes, wr_req, wr_bytes];
        let mut values = Row::new();
        for (column, key) in [
            ("instance_uuid", "uuid"),
            ("project_id", "project_id"),
            ("user_id", "user_id"),
            ("availability_zone", "availability_zone"),
        ] {
            values.set(column, rows::optional_text(&instance, key));
        }
        let query = Query::of(VOLUMES)
            .deleted(ReadDeleted::Yes)
            .eq("volume_id", &vol_id);
        let mut tx = self.store.begin().await?;
        let usage = match tx.first(&query.clone().locked()).await? {
            Some(before) => {
                let query = query.eq("id", before.get("id").clone());
                let changes = volume_changes(&vol_id, &before, counted, update_totals, values);
                tx.update(&query, &changes).await?;
                tx.first(&query).await?.unwrap_or(before)
            }
            None => {
                let mut row = values.with("volume_id", vol_id);
                for refreshed in ["tot_last_refreshed", "curr_last_refreshed"] {
                    row.set(refreshed, now());
                }
                let prefix = if update_totals { "tot" } else { "curr" };
                for (counter, value) in COUNTERS.iter().zip(counted) {
                    row.set(&format!("{prefix}_{counter}"), value);
                }
                tx.insert(VOLUMES, &row).await?
            }
        };
        tx.commit().await?;
        self.notify_of_volume(ctx, &usage).await;
        Ok(())
    }

    async fn vol_get_usage_by_time(&self, ctx: &Context, start_time: Json) -> Result<Vec<Sent>, NovaError> {
        Caller::known(ctx)?;
        let since = rows::time_argument("start_time", &start_time)?;
        let query = Query::of(VOLUMES).deleted(ReadDeleted::Yes).any_of([
            Condition::is_null("tot_last_refreshed"),
            Condition::gt("tot_last_refreshed", since),
            Condition::is_null("curr_last_refreshed"),
            Condition::gt("curr_last_refreshed", since),
        ]);
        Ok(rows::all_sent(&self.store.select(&query).await?))
    }

    async fn notify_usage_exists(
        &self,
        ctx: &Context,
        instance: Sent,
        current_period: bool,
        // What is known of the network is in the cache or nowhere: the network service is not asked.
        _ignore_missing_network_data: bool,
        // Nova does not use it either: the instance has it.
        _system_metadata: Option<Json>,
        extra_usage_info: Option<Sent>,
    ) -> Result<(), NovaError> {
        self.notify_of_existence(ctx, &instance, current_period, extra_usage_info)
            .await
    }

    async fn task_log_get(
        &self,
        ctx: &Context,
        task_name: String,
        begin: Json,
        end: Json,
        host: Option<String>,
        state: Option<String>,
    ) -> Result<Option<Sent>, NovaError> {
        let caller = Caller::admin(ctx)?;
        self.task_entry(&caller, &Task::new(task_name, &begin, &end)?, host, state)
            .await
    }

    async fn task_log_begin_task(
        &self,
        ctx: &Context,
        task_name: String,
        begin: Json,
        end: Json,
        host: String,
        task_items: Option<i64>,
        message: Option<String>,
    ) -> Result<(), NovaError> {
        Caller::elevated(ctx)?;
        self.begin_audit(Task::new(task_name, &begin, &end)?, host, task_items, message)
            .await
    }

    async fn task_log_end_task(
        &self,
        ctx: &Context,
        task_name: String,
        begin: Json,
        end: Json,
        host: String,
        errors: i64,
        message: Option<String>,
    ) -> Result<(), NovaError> {
        let caller = Caller::elevated(ctx)?;
        self.end_audit(
            &caller,
            Task::new(task_name, &begin, &end)?,
            host,
            errors,
            message,
        )
        .await
    }
}

/// What changes of a volume's usage. Counters that have fallen began anew since, as those of an instance do that is
/// started again: what they had come to goes into the totals.
fn volume_changes(
    volume: &str,
    before: &Row,
    counted: [i64; 4],
    update_totals: bool,
    mut values: Row,
) -> Row {
    let counter = |prefix: &str, name: &str| before.int(&format!("{prefix}_{name}")).unwrap_or(0);
    let pairs = || COUNTERS.iter().zip(counted);
    let restarted = pairs().any(|(name, value)| value < counter("curr", name));
    if restarted {
        info!(
            volume,
            "a volume has lower counters than before: its instance was started again"
        );
    }
    if !update_totals {
        values.set("curr_last_refreshed", now());
    }
    if update_totals || restarted {
        values.set("tot_last_refreshed", now());
    }
    for (name, value) in pairs() {
        let total = counter("tot", name);
        let earlier = if restarted { counter("curr", name) } else { 0 };
        let now_counted = if update_totals { value } else { 0 };
        if update_totals || restarted {
            // Counters are what a peer says they are.
            let total = total.saturating_add(earlier).saturating_add(now_counted);
            values.set(&format!("tot_{name}"), total);
        }
        values.set(&format!("curr_{name}"), if update_totals { 0 } else { value });
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counters and totals of reads after an update; the other counters go along.
    fn after(current: i64, total: i64, counted: i64, update_totals: bool) -> (Option<i64>, Option<i64>) {
        let before = Row::from_iter(
            COUNTERS
                .iter()
                .flat_map(|name| [(format!("curr_{name}"), current), (format!("tot_{name}"), total)]),
        );
        let changes = volume_changes("v", &before, [counted; 4], update_totals, Row::new());
        (changes.int("curr_reads"), changes.int("tot_reads"))
    }

    #[test]
    fn totals_grow_when_a_period_ends_and_when_counters_fall() {
        assert_eq!(after(10, 100, 15, false), (Some(15), None));
        assert_eq!(after(10, 100, 15, true), (Some(0), Some(115)));
        assert_eq!(after(10, 100, 4, false), (Some(4), Some(110)));
        assert_eq!(after(10, 100, 4, true), (Some(0), Some(114)));
        assert_eq!(after(10, i64::MAX, 15, true), (Some(0), Some(i64::MAX)));
    }
}
