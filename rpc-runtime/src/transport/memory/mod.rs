//! The bus inside this process, with the semantics of the broker: what listens declares queues, which persist;
//! requests wait there; competing listeners share; what is not settled returns.
//!
//! For tests and for services whose caller and server are one program. It knows no socket and no byte of what it
//! carries. Sending does its work at once: the future it returns is ready, and costs no allocation.

mod bus;
mod queue;
mod state;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use tokio::time::Instant;

pub use self::queue::Limits;

use self::bus::Bus;
use super::names::{check_address, check_listen};
use super::{
    BoxFuture, Listen, Listener, ListenerControl, Message, ReplySink, Route, Transport, TransportError,
};

/// One participant of a bus in this process. What it opened ends when it is closed or dropped; the bus and what
/// waits on it end with the last participant.
#[derive(Debug)]
pub struct MemoryTransport {
    bus: Arc<Bus>,
    id: u64,
    closed: AtomicBool,
}

impl MemoryTransport {
    /// A participant of a bus of its own, which nobody else can find.
    pub fn new() -> Arc<Self> {
        Self::with_limits(Limits::default())
    }

    /// As [`new`](Self::new), with bounds of your own.
    pub fn with_limits(limits: Limits) -> Arc<Self> {
        Self::join(Bus::new(limits))
    }

    /// A participant of the bus of that name (`memory://name`): the same bus for everyone in this process.
    pub fn named(name: &str) -> Arc<Self> {
        static BUSES: Mutex<Option<HashMap<String, Weak<Bus>>>> = Mutex::new(None);
        let mut buses = BUSES.lock().unwrap_or_else(PoisonError::into_inner);
        let buses = buses.get_or_insert_default();
        if let Some(bus) = buses.get(name).and_then(Weak::upgrade) {
            return Self::join(bus);
        }
        buses.retain(|_, bus| bus.strong_count() > 0);
        let bus = Bus::new(Limits::default());
        buses.insert(name.to_owned(), Arc::downgrade(&bus));
        Self::join(bus)
    }

    /// A further participant of the same bus, with listeners and a reply address of its own.
    pub fn another(&self) -> Arc<Self> {
        Self::join(Arc::clone(&self.bus))
    }

    fn join(bus: Arc<Bus>) -> Arc<Self> {
        Arc::new(Self {
            id: bus.next_id(),
            bus,
            closed: AtomicBool::new(false),
        })
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.closed.load(Ordering::Acquire) {
            Err(TransportError::Closed)
        } else {
            Ok(())
        }
    }

    fn close_now(&self) {
        self.closed.store(true, Ordering::Release);
        self.bus.close(self.id);
    }

    /// After something was opened: `close` may have looked for it just before it was there.
    fn check_still_open(&self) -> Result<(), TransportError> {
        self.check_open().inspect_err(|_| self.bus.close(self.id))
    }
}

impl Drop for MemoryTransport {
    fn drop(&mut self) {
        self.close_now();
    }
}

impl Transport for MemoryTransport {
    fn ready(&self, _deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        at_once(self.check_open())
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        _deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        let send = || {
            self.check_open()?;
            // A reply address that somebody has was checked when it was opened.
            if !matches!(route, Route::Reply { .. }) {
                route.check()?;
            }
            self.bus.send(&route, message)
        };
        at_once(send())
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        _deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        at_once(
            self.check_open()
                .and_then(|()| check_address(&address))
                .and_then(|()| self.bus.open_address(self.id, address, sink))
                .and_then(|()| self.check_still_open()),
        )
    }

    fn restores_addresses(&self) -> bool {
        false
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        let listen = || {
            self.check_open()?;
            check_listen(&to)?;
            let (id, deliveries) = self.bus.listen(self.id, &to);
            let control = Box::new(Control {
                bus: Arc::clone(&self.bus),
                listener: id,
            });
            Ok(Listener { deliveries, control })
        };
        Box::pin(std::future::ready(listen()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.close_now();
        Box::pin(std::future::ready(()))
    }
}

struct Control {
    bus: Arc<Bus>,
    listener: u64,
}

impl ListenerControl for Control {
    fn stop(&self) -> BoxFuture<'_, ()> {
        self.bus.stop(self.listener);
        Box::pin(std::future::ready(()))
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.bus.stop(self.listener);
    }
}

/// Success without a byte of state: boxing it allocates nothing.
struct Done;

impl Future for Done {
    type Output = Result<(), TransportError>;

    fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(()))
    }
}

fn at_once(result: Result<(), TransportError>) -> BoxFuture<'static, Result<(), TransportError>> {
    match result {
        Ok(()) => Box::pin(Done),
        Err(error) => Box::pin(std::future::ready(Err(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Rejected;
    use crate::transport::samples::{listen_to, message, topic};

    /// A listener of a server, to topic `t`.
    fn listener(server: &str, prefetch: u16) -> Listen {
        Listen {
            server: server.into(),
            prefetch,
            ..listen_to("t")
        }
    }

    fn soon() -> Instant {
        Instant::now() + std::time::Duration::from_secs(10)
    }

    #[tokio::test]
    async fn a_name_is_one_bus_and_ends_with_its_last_participant() {
        let server = MemoryTransport::named("unit/a-name");
        let client = MemoryTransport::named("unit/a-name");
        let stranger = MemoryTransport::new();
        let mut listener = server.listen(listener("s", 1)).await.unwrap();
        client.send(topic("t"), message("hello"), soon()).await.unwrap();
        assert_eq!(listener.deliveries.recv().await.unwrap().body, "hello");
        assert!(stranger.send(topic("t"), message("x"), soon()).await.is_err());

        drop((server, client, listener));
        let later = MemoryTransport::named("unit/a-name");
        assert_eq!(
            later.send(topic("t"), message("x"), soon()).await,
            Err(TransportError::Unroutable(topic("t")))
        );
    }

    #[tokio::test]
    async fn a_full_queue_refuses() {
        let bus = MemoryTransport::with_limits(Limits {
            messages: 1,
            body: 8,
            ..Limits::default()
        });
        let listener = bus.listen(listener("s", 1)).await.unwrap();
        for outcome in [Ok(()), Ok(()), Err(TransportError::Rejected(Rejected::QueueFull))] {
            assert_eq!(bus.send(topic("t"), message("x"), soon()).await, outcome);
        }
        let large = bus.send(topic("t"), message("123456789"), soon()).await;
        assert!(matches!(
            large,
            Err(TransportError::Rejected(Rejected::Oversize { size: 9, .. }))
        ));
        drop(listener);
    }

    #[tokio::test]
    async fn unsettled_messages_return_in_order_when_a_participant_goes_away() {
        let bus = MemoryTransport::new();
        let other = bus.another();
        let mut first = bus.listen(listener("a", 3)).await.unwrap();
        for body in ["1", "2", "3", "4"] {
            other.send(topic("t"), message(body), soon()).await.unwrap();
        }
        let held = first.deliveries.recv().await.unwrap();
        bus.close().await;
        let mut second = other.listen(listener("b", 1)).await.unwrap();
        for (body, redelivered) in [("1", true), ("2", true), ("3", true), ("4", false)] {
            let delivery = second.deliveries.recv().await.unwrap();
            assert_eq!(delivery.body, body);
            assert_eq!(delivery.redelivered, redelivered, "message {body}");
            delivery.receipt.ack();
        }
        held.receipt.ack();
        assert_eq!(bus.ready(soon()).await, Err(TransportError::Closed));
    }
}
