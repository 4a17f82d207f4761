//! Straight to one server process, over a Unix socket or TCP, with the same bytes as over a broker.
//!
//! The process that listens hosts the bus of [`memory`](super::memory); others connect and send to it. So one
//! process serves, and needs no broker; for several, or several hosts, there is RabbitMQ. What waits on the bus ends
//! with that process.

mod client;
mod frame;
mod host;
mod mailbox;
mod settings;
mod socket;
mod stream;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::settings::Settings;

use self::client::Client;
use self::host::Host;
use self::socket::Address;
use super::names::{check_address, check_listen};
use super::{BoxFuture, Listen, Listener, Message, ReplySink, Route, Transport, TransportError};

/// How long `close` waits for what is under way.
const CLOSE: Duration = Duration::from_millis(1800);

/// A connection to the process that serves an address, or that process itself: the first
/// [`listen`](Transport::listen) decides.
///
/// A client connects when it first has something to send. While there never was a connection, a failed attempt is
/// reported at once as [`TransportError::Connect`]; after that, a lost connection is made again in the background,
/// and senders wait for it within their deadlines. Clients cannot send replies: only servers have anything to reply
/// to.
pub struct DirectTransport {
    address: Address,
    settings: Settings,
    host: OnceLock<Arc<Host>>,
    client: OnceLock<Arc<Client>>,
    /// Held while the address is being bound.
    binding: Mutex<()>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl DirectTransport {
    /// Over the Unix socket at `path` (`unix:///path`).
    pub fn unix(path: impl Into<PathBuf>) -> Arc<Self> {
        Self::unix_with(path, Settings::default())
    }

    /// As [`unix`](Self::unix), with bounds of your own.
    pub fn unix_with(path: impl Into<PathBuf>, settings: Settings) -> Arc<Self> {
        Self::new(Address::Unix(path.into()), settings)
    }

    /// Over TCP (`tcp://host:port`). Port 0 lets a server have any free port.
    pub fn tcp(host: impl Into<String>, port: u16) -> Arc<Self> {
        Self::tcp_with(host, port, Settings::default())
    }

    /// As [`tcp`](Self::tcp), with bounds of your own.
    pub fn tcp_with(host: impl Into<String>, port: u16, settings: Settings) -> Arc<Self> {
        let host = host.into();
        Self::new(Address::Tcp { host, port }, settings)
    }

    fn new(address: Address, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            address,
            settings,
            host: OnceLock::new(),
            client: OnceLock::new(),
            binding: Mutex::new(()),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// The address a TCP server listens on, once it does.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.host.get()?.local_addr()
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.closing.is_cancelled() {
            Err(TransportError::Closed)
        } else {
            Ok(())
        }
    }

    fn client(&self) -> &Arc<Client> {
        self.client.get_or_init(|| {
            let client = Client::new(self.address.clone(), self.settings.clone(), self.closing.clone());
            self.tasks.spawn(Arc::clone(&client).supervise());
            client
        })
    }

    async fn host(&self) -> Result<&Arc<Host>, TransportError> {
        let _binding = self.binding.lock().await;
        if let Some(host) = self.host.get() {
            return Ok(host);
        }
        let bound = self.address.bind().await?;
        self.check_open()?;
        tracing::info!(address = %self.address, "serving");
        Ok(self.host.get_or_init(|| {
            Host::start(
                bound,
                self.settings.clone(),
                self.closing.clone(),
                self.tasks.clone(),
            )
        }))
    }
}

impl fmt::Debug for DirectTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectTransport")
            .field("address", &self.address)
            .field("serves", &self.host.get().is_some())
            .finish_non_exhaustive()
    }
}

impl Drop for DirectTransport {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl Transport for DirectTransport {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.check_open()?;
            match self.host.get() {
                Some(_) => Ok(()),
                None => self.client().ready(deadline).await,
            }
        })
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.check_open()?;
            if let Some(host) = self.host.get() {
                return host.send(route, message, deadline).await;
            }
            route.check()?;
            if let Route::Reply { .. } = route {
                return Err(TransportError::Unsupported(format!(
                    "only the process that serves {} can send replies",
                    self.address
                )));
            }
            self.client().send(route, message, deadline).await
        })
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.check_open()?;
            check_address(&address)?;
            match self.host.get() {
                Some(host) => host.open_address(address, sink),
                None => self.client().open_replies(address, sink, deadline).await,
            }
        })
    }

    fn restores_addresses(&self) -> bool {
        false
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        Box::pin(async move {
            self.check_open()?;
            check_listen(&to)?;
            self.host().await?.listen(to).await
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.closing.cancel();
            if let Some(host) = self.host.get() {
                host.close().await;
            }
            self.tasks.close();
            if timeout(CLOSE, self.tasks.wait()).await.is_err() {
                tracing::warn!(address = %self.address, "connections did not end in time");
            }
        })
    }
}

#[cfg(test)]
mod tests;
