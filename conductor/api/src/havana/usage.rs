//! Accounting: bandwidth, volumes, and the log of audits.

use rpc_runtime::{Context, rpc_api};
use serde_json::Value;

use super::{NovaError, Row};

/// What instances use, and which periods were audited.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Usage {
    /// Writes the bandwidth that an interface used in a period, unless no counter is given, and answers with it.
    #[rpc(call, idempotent, since = "1.5")]
    async fn bw_usage_update(
        &self,
        ctx: &Context,
        uuid: String,
        mac: String,
        start_period: Value,
        bw_in: Option<i64>,
        bw_out: Option<i64>,
        last_ctr_in: Option<i64>,
        last_ctr_out: Option<i64>,
        last_refreshed: Option<Value>,
        #[rpc(since = "1.54", default = true)] update_cells: bool,
    ) -> Result<Option<Row>, NovaError>;

    /// Writes what an instance did to a volume. `update_totals` ends a period: the totals grow, the counters begin
    /// anew.
    #[rpc(call, since = "1.19")]
    async fn vol_usage_update(
        &self,
        ctx: &Context,
        vol_id: String,
        rd_req: i64,
        rd_bytes: i64,
        wr_req: i64,
        wr_bytes: i64,
        instance: Row,
        last_refreshed: Option<Value>,
        #[rpc(default)] update_totals: bool,
    ) -> Result<(), NovaError>;

    /// The usage of volumes that was refreshed since.
    #[rpc(call, idempotent, since = "1.19")]
    async fn vol_get_usage_by_time(&self, ctx: &Context, start_time: Value) -> Result<Vec<Row>, NovaError>;

    /// Notifies of what an instance uses.
    #[rpc(call, since = "1.39")]
    async fn notify_usage_exists(
        &self,
        ctx: &Context,
        instance: Row,
        #[rpc(default)] current_period: bool,
        #[rpc(default = true)] ignore_missing_network_data: bool,
        system_metadata: Option<Value>,
        extra_usage_info: Option<Row>,
    ) -> Result<(), NovaError>;

    /// The entry of an audit, if there is one.
    #[rpc(call, idempotent, since = "1.37")]
    async fn task_log_get(
        &self,
        ctx: &Context,
        task_name: String,
        begin: Value,
        end: Value,
        host: Option<String>,
        state: Option<String>,
    ) -> Result<Option<Row>, NovaError>;

    /// An audit begins.
    #[rpc(call, since = "1.37")]
    async fn task_log_begin_task(
        &self,
        ctx: &Context,
        task_name: String,
        begin: Value,
        end: Value,
        host: String,
        task_items: Option<i64>,
        message: Option<String>,
    ) -> Result<(), NovaError>;

    /// An audit ends.
    #[rpc(call, since = "1.37")]
    async fn task_log_end_task(
        &self,
        ctx: &Context,
        task_name: String,
        begin: Value,
        end: Value,
        host: String,
        errors: i64,
        message: Option<String>,
    ) -> Result<(), NovaError>;
}
