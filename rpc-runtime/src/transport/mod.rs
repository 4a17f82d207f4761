//! The seam between the runtime and a bus: routes, messages, receipts and the [`Transport`] trait.
//!
//! A transport moves bytes between names. It knows no envelope, no method and no API; the conformance suite in
//! the workspace's `tests` crate says what each one must do.

pub mod amqp;
pub mod direct;
mod error;
pub mod memory;
mod names;
mod race;
#[cfg(test)]
mod samples;
pub mod url;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

pub use error::{ConnectError, Rejected, Sent, TransportError};

/// A boxed future, for traits used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A bus.
///
/// Every method returns by its deadline, whatever state the bus is in: a transport that is not connected
/// connects, and gives up in time.
pub trait Transport: Send + Sync + fmt::Debug + 'static {
    /// Waits until messages can be sent. Not needed before [`send`](Self::send); it tells early what is wrong.
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>>;

    /// Hands a message to the bus; done when the bus has confirmed that it is responsible for it.
    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>>;

    /// Makes `address` a name that replies can be sent to, and gives what arrives there to `sink` until the
    /// transport closes. Called with one address and one sink only, by any number of callers until one of them
    /// has it; none of them may depend on another, which may wait for it no longer. A transport that loses its
    /// connection restores the same name.
    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>>;

    /// Whether a reply address that nobody has may be somebody's again. A client of a broker that lost its
    /// connection restores its queue, so a reply is worth another attempt; where the bus itself keeps the replies of
    /// such a client, an address that is unknown belongs to one that is gone for good.
    fn restores_addresses(&self) -> bool {
        true
    }

    /// Receives what is sent to a topic, to one server of it, and to all of them.
    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>>;

    /// Ends everything: listeners stop, unsettled messages return to the bus, later sends fail with
    /// [`TransportError::Closed`]. Done within two seconds.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The transport that a URL names. It connects when first used.
pub fn open(url: &url::TransportUrl) -> Result<Arc<dyn Transport>, TransportError> {
    match url {
        url::TransportUrl::Memory { name } => Ok(memory::MemoryTransport::named(name)),
        url::TransportUrl::Unix { path } => Ok(direct::DirectTransport::unix(path)),
        url::TransportUrl::Tcp { host, port } => Ok(direct::DirectTransport::tcp(host, *port)),
        url::TransportUrl::Rabbit(url) => Ok(amqp::AmqpTransport::new(url)),
    }
}

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Route {
    /// To one of the servers of a topic, or to the one named.
    Topic {
        /// Scopes the topic (oslo's `control_exchange`).
        exchange: Arc<str>,
        /// The name of the interface.
        topic: Arc<str>,
        /// One server of it.
        server: Option<Arc<str>>,
    },
    /// To every server of a topic that is up, whatever its exchange.
    Fanout {
        /// The name of the interface.
        topic: Arc<str>,
    },
    /// To the caller that gave this address.
    Reply {
        /// What the caller passed to [`Transport::open_replies`].
        address: Arc<str>,
    },
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Route::Topic {
                topic, server: None, ..
            } => write!(f, "topic '{topic}'"),
            Route::Topic {
                topic,
                server: Some(server),
                ..
            } => write!(f, "server '{server}' of topic '{topic}'"),
            Route::Fanout { topic } => write!(f, "every server of topic '{topic}'"),
            Route::Reply { address } => write!(f, "reply address '{address}'"),
        }
    }
}

/// What is sent.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// The envelope.
    pub body: Bytes,
    /// What travels beside it.
    pub headers: Headers,
    /// When nobody has taken the message after this time, the bus drops it.
    pub expiration: Option<Duration>,
    /// When nobody ever listened there, the sender gets [`TransportError::Unroutable`]. Replies are always
    /// mandatory; fan-out never is (as with oslo.messaging), for reaching nobody is no failure of it.
    pub mandatory: bool,
}

/// Without the body, which may hold credentials.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("bytes", &self.body.len())
            .field("headers", &self.headers)
            .field("expiration", &self.expiration)
            .field("mandatory", &self.mandatory)
            .finish()
    }
}

/// What travels beside the body.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Headers {
    /// The trace this message belongs to, in the W3C form.
    pub traceparent: Option<Box<str>>,
    /// How the body is compressed (kombu's header: `application/x-gzip`, `application/x-bz2`).
    pub compression: Option<Box<str>>,
}

/// What a server listens to: the topic, `topic.server`, and the fan-out of the topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listen {
    /// Scopes the topic.
    pub exchange: Arc<str>,
    /// The name of the interface.
    pub topic: Arc<str>,
    /// The name of this server.
    pub server: Arc<str>,
    /// How many messages may be out at once that are not settled yet. At least 1.
    pub prefetch: u16,
}

/// An open listener. Dropping it stops it, too, without waiting.
pub struct Listener {
    /// What arrives, in the order of arrival. Ends when the listener stops or its transport closes.
    pub deliveries: mpsc::Receiver<Delivery>,
    /// Ends it.
    pub control: Box<dyn ListenerControl>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// Ends a listener in order.
pub trait ListenerControl: Send + Sync {
    /// No further deliveries. What was delivered can still be settled until the transport closes; what is in
    /// the channel and was not received returns to the bus when the receiving end is dropped.
    fn stop(&self) -> BoxFuture<'_, ()>;
}

/// A message as received.
pub struct Delivery {
    /// The envelope.
    pub body: Bytes,
    /// What travelled beside it.
    pub headers: Headers,
    /// It was given to a listener before, which did not settle it.
    pub redelivered: bool,
    /// To be settled once.
    pub receipt: Receipt,
}

/// Without the body, which may hold credentials.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("bytes", &self.body.len())
            .field("headers", &self.headers)
            .field("redelivered", &self.redelivered)
            .field("receipt", &self.receipt)
            .finish()
    }
}

/// The duty to settle a delivery. Dropping it unsettled gives the message back to the bus.
pub struct Receipt {
    ledger: Option<Arc<dyn Ledger>>,
    tag: u64,
}

impl Receipt {
    /// For transports: a receipt that reports to `ledger` under `tag`.
    pub fn new(ledger: Arc<dyn Ledger>, tag: u64) -> Self {
        Self {
            ledger: Some(ledger),
            tag,
        }
    }

    /// Whether the message is no longer its receiver's: the connection it came by is gone, and the bus has given it
    /// to somebody else, or will give it again.
    pub fn is_void(&self) -> bool {
        self.ledger
            .as_ref()
            .is_some_and(|ledger| ledger.is_void(self.tag))
    }

    /// The message is taken: the bus forgets it.
    pub fn ack(self) {
        self.settle(Settlement::Ack);
    }

    /// The message can never be handled: the bus drops it (or dead-letters it, where so configured).
    pub fn reject(self) {
        self.settle(Settlement::Reject);
    }

    fn settle(mut self, how: Settlement) {
        if let Some(ledger) = self.ledger.take() {
            ledger.settle(self.tag, how);
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(ledger) = self.ledger.take() {
            ledger.settle(self.tag, Settlement::Requeue);
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}

/// Where a transport learns what became of its deliveries. Must not block.
pub trait Ledger: Send + Sync {
    /// Called once for each delivery.
    fn settle(&self, tag: u64, how: Settlement);

    /// Whether settling the delivery would mean nothing any more: the bus has taken it back.
    fn is_void(&self, tag: u64) -> bool {
        let _ = tag;
        false
    }
}

/// What becomes of a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// Taken.
    Ack,
    /// Dropped.
    Reject,
    /// Given to another listener, or again to this one.
    Requeue,
}

/// Where replies go. Must not block.
pub trait ReplySink: Send + Sync {
    /// A message arrived at the reply address.
    fn deliver(&self, body: Bytes, headers: Headers);
}
