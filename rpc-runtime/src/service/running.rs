//! A service that is up: what can be asked of it, and the order in which it ends.

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::builder::Builder;
use super::manager::Hooks;
use super::periodic::{Reports, TaskReport};
use super::{BoxError, Identity, Manager, ServiceGroup};
use crate::bus::Bus;
use crate::server::{Server, Stopped};

/// A service that is up. Dropping it stops it at once; [`stop`](Self::stop) lets it finish what it has begun.
#[must_use = "a service that is dropped stops: keep it, and end it with .stop().await"]
pub struct Service {
    pub(super) identity: Identity,
    pub(super) bus: Bus,
    pub(super) server: Arc<Server>,
    pub(super) manager: Arc<dyn Hooks>,
    pub(super) group: Option<Arc<dyn ServiceGroup>>,
    pub(super) tasks: Reports,
    pub(super) backdoor: Option<u16>,
    /// Signs of life, and periodic tasks.
    pub(super) background: TaskTracker,
    pub(super) stopping: CancellationToken,
}

impl Service {
    /// Describes a service. The manager may be shared, behind an `Arc`.
    pub fn builder<M: Manager>(bus: &Bus, manager: impl Into<Arc<M>>) -> Builder<M> {
        Builder::new(bus, manager.into())
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Its periodic tasks as they stand.
    pub fn periodic_tasks(&self) -> Vec<TaskReport> {
        self.tasks.read()
    }

    /// The port of its inspection socket, if it has one on TCP.
    pub fn backdoor_port(&self) -> Option<u16> {
        self.backdoor
    }

    /// Tells the manager that settings may have changed.
    pub async fn reset(&self) {
        self.manager.reset().await;
    }

    /// Waits until it takes no more messages: after a stop, or because its bus was closed under it.
    pub async fn ended(&self) {
        self.server.ended().await;
    }

    /// Stops in order: takes no further messages, finishes those at work, then ends its signs of life and its
    /// periodic tasks. It stays a member of its group, which will see it go down.
    pub async fn stop(&self) -> Stopped {
        let stopped = self.server.stop().await;
        self.stopping.cancel();
        self.background.close();
        self.background.wait().await;
        info!(service = %self.identity, "stopped");
        stopped
    }

    /// Stops, and leaves its group for good.
    pub async fn kill(&self) -> Result<Stopped, BoxError> {
        let stopped = self.stop().await;
        if let Some(group) = &self.group {
            group.remove(&self.identity).await?;
        }
        Ok(stopped)
    }

    /// Does something beside the server, until the service stops.
    pub(super) fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.background.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = work => {}
            }
        });
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("identity", &self.identity)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
