//! A bus that lies in memory and acts as a broker does.

use std::sync::Arc;

use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{
    BoxFuture, Listen, Listener, Message, ReplySink, Route, Transport, TransportError,
};
use tokio::time::Instant;

/// A bus in memory on which callers come back, as they do on a broker.
#[derive(Debug)]
pub(crate) struct Restoring(pub(crate) Arc<MemoryTransport>);

impl Transport for Restoring {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        self.0.ready(deadline)
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        self.0.send(route, message, deadline)
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        self.0.open_replies(address, sink, deadline)
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        self.0.listen(to)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
    }
}
