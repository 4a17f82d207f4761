//! The serving process: it hosts the bus, and lets connections send to it and receive replies from it.
//!
//! It knows who is connected and which reply addresses there are; what goes over a connection is in [`connection`].

mod connection;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Opened;
use super::mailbox::{Hold, Mailbox, NotTaken};
use super::settings::Settings;
use super::socket::Bound;
use crate::deadline::deadline_in;
use crate::transport::memory::MemoryTransport;
use crate::transport::names::check_address;
use crate::transport::{Listen, Listener, Message, Rejected, ReplySink, Route, Transport, TransportError};

/// Reply addresses for each connection there may be: those that wait for their clients count, too.
const ADDRESSES: usize = 4;

/// After an error in accepting (too many open files), before the next attempt.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The serving side of a direct transport.
pub(super) struct Host {
    bus: Arc<MemoryTransport>,
    addresses: Mutex<HashMap<Arc<str>, Receiver>>,
    incarnation: u64,
    settings: Settings,
    local_addr: Option<SocketAddr>,
    /// Cancelled when the transport closes.
    closing: CancellationToken,
    tasks: TaskTracker,
}

/// Who receives the replies to an address.
#[derive(Clone)]
enum Receiver {
    /// This process.
    Local(Arc<dyn ReplySink>),
    /// A client.
    Remote(Arc<Mailbox>),
}

impl Host {
    /// Begins to accept connections.
    pub(super) fn start(
        bound: Bound,
        settings: Settings,
        closing: CancellationToken,
        tasks: TaskTracker,
    ) -> Arc<Self> {
        let host = Arc::new(Self {
            bus: MemoryTransport::with_limits(settings.queues),
            addresses: Mutex::default(),
            incarnation: uuid::Uuid::new_v4().as_u64_pair().0,
            settings,
            local_addr: bound.local_addr(),
            closing,
            tasks,
        });
        host.tasks.spawn(Arc::clone(&host).accept(bound));
        host
    }

    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addr
    }

    fn addresses(&self) -> MutexGuard<'_, HashMap<Arc<str>, Receiver>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the listeners of this process and what waits on the bus. The connections end by the token.
    pub(super) async fn close(&self) {
        self.bus.close().await;
    }

    pub(super) async fn listen(&self, to: Listen) -> Result<Listener, TransportError> {
        self.bus.listen(to).await
    }

    pub(super) async fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let Route::Reply { address } = &route else {
            return self.bus.send(route, message, deadline).await;
        };
        route.check()?;
        let receiver = self.addresses().get(address).cloned();
        let taken = match receiver {
            None => Err(NotTaken::Gone),
            Some(Receiver::Local(sink)) => {
                sink.deliver(message.body, message.headers);
                Ok(())
            }
            Some(Receiver::Remote(mailbox)) => {
                let until = deadline.min(deadline_in(self.settings.stall));
                mailbox.put(message.body, message.headers, until).await
            }
        };
        taken.map_err(|why| match why {
            NotTaken::Gone => TransportError::Unroutable(route),
            NotTaken::Full => TransportError::Rejected(Rejected::QueueFull),
        })
    }

    /// Makes an address of this process known.
    pub(super) fn open_address(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
    ) -> Result<(), TransportError> {
        check_address(&address)?;
        self.addresses().insert(address.into(), Receiver::Local(sink));
        Ok(())
    }

    /// Gives a connection the replies to an address, whether it is new or waited for its client to come back.
    fn hold(&self, address: &str, received: u64) -> Result<Hold, TransportError> {
        check_address(address)?;
        let taken = || {
            TransportError::InvalidTarget(format!(
                "the reply address '{address}' belongs to another process"
            ))
        };
        let mut addresses = self.addresses();
        let held = match addresses.get(address) {
            Some(Receiver::Local(_)) => return Err(taken()),
            Some(Receiver::Remote(mailbox)) => mailbox.hold(received),
            None => None,
        };
        if let Some(hold) = held {
            return Ok(hold);
        }
        if addresses.len() >= ADDRESSES.saturating_mul(self.settings.connections) {
            let detail = "too many reply addresses".to_owned();
            return Err(Rejected::Overloaded(detail).into());
        }
        let mailbox = Mailbox::new(self.settings.window, received);
        let hold = mailbox.hold(received).ok_or_else(taken)?;
        addresses.insert(address.into(), Receiver::Remote(mailbox));
        Ok(hold)
    }

    /// Keeps the replies of a connection that ended until its client is back, or did not come back in time.
    async fn keep(&self, opened: Opened, said_goodbye: bool) {
        let holder = opened.hold.leave();
        if !said_goodbye {
            tokio::select! {
                () = sleep(self.settings.reply_wait) => {}
                () = self.closing.cancelled() => {}
            }
        }
        let mut addresses = self.addresses();
        if let Some(Receiver::Remote(mailbox)) = addresses.get(opened.address.as_str())
            && opened.hold.is_of(mailbox)
            && mailbox.end_if_left_by(holder)
        {
            addresses.remove(opened.address.as_str());
        }
    }

    async fn accept(self: Arc<Self>, bound: Bound) {
        let places = Arc::new(Semaphore::new(
            self.settings.connections.min(Semaphore::MAX_PERMITS),
        ));
        loop {
            let accepted = tokio::select! {
                () = self.closing.cancelled() => return,
                accepted = bound.accept() => accepted,
            };
            let (read, write, peer) = match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                let limit = self.settings.connections;
                tracing::warn!(%peer, limit, "too many connections: this one is refused");
                continue;
            };
            let host = Arc::clone(&self);
            self.tasks.spawn(async move {
                let opened = host.serve(read, write, &peer).await;
                drop(place);
                if let Some((opened, said_goodbye)) = opened {
                    host.keep(opened, said_goodbye).await;
                }
            });
        }
    }
}
