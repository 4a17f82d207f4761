//! What a service asks of the managers it serves.

use super::{BoxError, Identity, PeriodicTasks};
use crate::server::RpcServer;
use crate::transport::BoxFuture;

/// The managers of a service, and what is to be done around their methods. Every hook may be left out.
///
/// `#[derive(RpcServer)]` makes the dispatcher of a struct of managers, `#[periodic_tasks]` its tasks; a manager without
/// tasks says `impl PeriodicTasks for Warehouse {}`.
pub trait Manager: RpcServer + PeriodicTasks {
    /// Before anything else: nobody knows of the service yet. An error ends the start.
    fn init_host(&self, service: &Identity) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _ = service;
        async { Ok(()) }
    }

    /// After the service has its place in the group, and before it listens. An error ends the start.
    fn pre_start_hook(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// The port of the inspection socket, if there is one on TCP; what `get_backdoor_port` is to answer.
    fn backdoor(&self, port: u16) {
        let _ = port;
    }

    /// When it listens, and may be called already. An error ends the start.
    fn post_start_hook(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// Settings that can change may have changed (SIGHUP).
    fn reset(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// The hooks that outlive the start, of a manager whose type is forgotten.
pub(super) trait Hooks: Send + Sync {
    fn reset(&self) -> BoxFuture<'_, ()>;
}

impl<M: Manager> Hooks for M {
    fn reset(&self) -> BoxFuture<'_, ()> {
        Box::pin(Manager::reset(self))
    }
}
