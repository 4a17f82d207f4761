//! A bus in memory that does not do all that it is asked for.

use std::future::pending;
use std::sync::Arc;

use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{
    BoxFuture, Listen, Listener, Message, ReplySink, Route, Transport, TransportError,
};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

/// One that is as it should be, until a field says otherwise.
#[derive(Debug)]
pub(crate) struct Unruly {
    bus: Arc<MemoryTransport>,
    /// While it has none, no reply address is opened.
    pub(crate) opens: Semaphore,
    pub(crate) confirms: Confirms,
}

/// What is said of a message that was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Confirms {
    Yes,
    Never,
    /// The connection breaks instead.
    Breaks,
}

impl Unruly {
    pub(crate) fn new(bus: Arc<MemoryTransport>) -> Self {
        Self {
            bus,
            opens: Semaphore::new(1),
            confirms: Confirms::Yes,
        }
    }
}

impl Transport for Unruly {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.ready(deadline)
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.bus.send(route, message, deadline).await?;
            match self.confirms {
                Confirms::Yes => Ok(()),
                Confirms::Never => pending().await,
                Confirms::Breaks => Err(TransportError::Lost("as asked".to_owned())),
            }
        })
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            let Ok(opens) = timeout_at(deadline, self.opens.acquire()).await else {
                return Err(TransportError::Lost("as asked".to_owned()));
            };
            drop(opens);
            self.bus.open_replies(address, sink, deadline).await
        })
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        self.bus.listen(to)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.bus.close()
    }
}
