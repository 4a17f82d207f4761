//! Periodic tasks: a spacing written out, one that is computed, and none.
use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;
/// A manager.
pub struct Warehouse<S> {
    store: S,
}
impl<S: Store> Warehouse<S> {
    /// Once an hour.
    async fn recount(&self, ctx: &Context) -> Result<(), StoreError> {
        self.store.recount(ctx).await
    }
    /// As often as the store wants it.
    #[cfg(feature = "audit")]
    async fn audit(&self, ctx: &Context) {
        self.store.audit(ctx).await;
    }
    /// In every pass.
    async fn sweep(&self, _: &Context) {}
    /// No task.
    fn halls(&self) -> usize {
        self.store.halls()
    }
}
impl<S: Store> ::rpc_runtime::service::PeriodicTasks for Warehouse<S> {
    fn periodic_tasks(
        &self,
    ) -> ::std::vec::Vec<::rpc_runtime::service::PeriodicTask<Self>> {
        let mut list = ::std::vec::Vec::new();
        list.push(
            ::rpc_runtime::service::PeriodicTask::new(
                    "recount",
                    |manager, ctx| ::std::boxed::Box::pin(async move {
                        ::rpc_runtime::service::periodic::Outcome::into_result(
                            Self::recount(manager, ctx).await,
                        )
                    }),
                )
                .spacing(::core::time::Duration::from_millis(3600000u64))
                .run_immediately(),
        );
        #[cfg(feature = "audit")]
        list.push(
            ::rpc_runtime::service::PeriodicTask::new(
                    "audit",
                    |manager, ctx| ::std::boxed::Box::pin(async move {
                        ::rpc_runtime::service::periodic::Outcome::into_result(
                            Self::audit(manager, ctx).await,
                        )
                    }),
                )
                .spacing(self.store.audit_interval())
                .enabled(self.store.audits()),
        );
        list.push(
            ::rpc_runtime::service::PeriodicTask::new(
                "sweep",
                |manager, ctx| ::std::boxed::Box::pin(async move {
                    ::rpc_runtime::service::periodic::Outcome::into_result(
                        Self::sweep(manager, ctx).await,
                    )
                }),
            ),
        );
        list
    }
}
