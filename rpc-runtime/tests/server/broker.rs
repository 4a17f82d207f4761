//! A bus that behaves as a broker does.

use std::sync::Arc;

use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{
    BoxFuture, Listen, Listener, Message, ReplySink, Route, Transport, TransportError,
};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// A bus in memory on which callers come back, as they do on a broker, and which takes messages only while it may.
#[derive(Debug)]
pub(crate) struct Broker {
    bus: Arc<MemoryTransport>,
    /// Who holds it keeps the bus from taking messages.
    pub(crate) takes: Semaphore,
}

impl Broker {
    pub(crate) fn new(bus: &str) -> Arc<Self> {
        Arc::new(Self {
            bus: MemoryTransport::named(bus),
            takes: Semaphore::new(1),
        })
    }
}

impl Transport for Broker {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.ready(deadline)
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        let sending = self.bus.send(route, message, deadline);
        Box::pin(async {
            let _turn = self.takes.acquire().await;
            sending.await
        })
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.open_replies(address, sink, deadline)
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        self.bus.listen(to)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.bus.close()
    }
}
