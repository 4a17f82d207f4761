//! Periodic tasks: a spacing written out, one that is computed, and none.

use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;

/// A manager.
pub struct Warehouse<S> {
    store: S,
}

#[periodic_tasks]
impl<S: Store> Warehouse<S> {
    /// Once an hour.
    #[periodic_task(spacing = "1h", run_immediately)]
    async fn recount(&self, ctx: &Context) -> Result<(), StoreError> {
        self.store.recount(ctx).await
    }

    /// As often as the store wants it.
    #[cfg(feature = "audit")]
    #[periodic_task(spacing = self.store.audit_interval(), enabled = self.store.audits())]
    async fn audit(&self, ctx: &Context) {
        self.store.audit(ctx).await;
    }

    /// In every pass.
    #[periodic_task]
    async fn sweep(&self, _: &Context) {}

    /// No task.
    fn halls(&self) -> usize {
        self.store.halls()
    }
}
