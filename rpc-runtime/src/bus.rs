//! A handle on a bus: one transport, the settings of calls, and the calls that wait for an answer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use tower_layer::Layer;
use tower_service::Service;

use crate::client::Outgoing;
use crate::client::layer::{Layered, Sender, wrap};
use crate::client::waiters::Waiters;
use crate::deadline::deadline_in;
use crate::error::SendError;
use crate::spec::{MethodSpec, Timeout};
use crate::transport::memory::MemoryTransport;
use crate::transport::url::{TransportUrl, UrlError};
use crate::transport::{self, Transport, TransportError};
use crate::wire::{Id, Reply};

/// How long [`Bus::connect`] tries.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFailed {
    /// The URL cannot be read.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// There is nothing at the URL, or it does not let us in.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// A bus that clients send to and servers listen on. Cheap to clone; all clones are one bus.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
    layered: Option<Layered>,
}

struct Inner {
    transport: Arc<dyn Transport>,
    settings: Settings,
    waiters: Arc<Waiters>,
    reply_address: Arc<str>,
    /// The bus knows the reply address.
    has_replies: AtomicBool,
}

/// What holds for every call on a bus, with the names and defaults of oslo.messaging's options.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scopes topics for clients and servers that name no exchange of their own (`control_exchange`).
    pub control_exchange: Arc<str>,
    /// How long a call waits when neither client nor method says (`rpc_response_timeout`).
    pub response_timeout: Duration,
    /// Time limits by name, for methods that declare `timeout = name`; a name that is missing here means
    /// `response_timeout`. `long` is Nova's `long_rpc_timeout`, 30 minutes.
    pub timeouts: BTreeMap<String, Duration>,
    /// A monitored call gives up after this silence of its server (Nova uses `rpc_response_timeout`).
    pub monitor: Duration,
    /// Calls to a topic nobody serves fail at once, also in the moment after a broker's restart in which its servers
    /// have not come back. Without, they wait for a server until their deadline, as oslo.messaging's do.
    pub mandatory: bool,
    /// How many calls may wait for an answer at once; more are refused as overloaded.
    pub max_waiting: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            control_exchange: "openstack".into(),
            response_timeout: Duration::from_secs(60),
            timeouts: BTreeMap::from([("long".to_owned(), Duration::from_secs(1800))]),
            monitor: Duration::from_secs(60),
            mandatory: true,
            max_waiting: 100_000,
        }
    }
}

impl Bus {
    /// The bus at a URL, with default settings; connected when this returns, or within 10 s the reason why not.
    ///
    /// A server on `unix://` or `tcp://` is itself what others connect to: it starts on [`Bus::open`].
    pub async fn connect(url: &str) -> Result<Self, ConnectFailed> {
        let bus = Self::open(&url.parse()?, Settings::default())?;
        bus.ready(CONNECT_LIMIT).await?;
        Ok(bus)
    }

    /// The bus at a URL. It connects when first used, and whenever it has to again.
    pub fn open(url: &TransportUrl, settings: Settings) -> Result<Self, TransportError> {
        Ok(Self::new(transport::open(url)?, settings))
    }

    /// A bus inside this process, shared with nobody.
    pub fn memory() -> Self {
        Self::new(MemoryTransport::new(), Settings::default())
    }

    /// A bus over any transport.
    pub fn new(transport: Arc<dyn Transport>, settings: Settings) -> Self {
        let reply_address = format!("reply_{}", Id::new()).into();
        let waiters = Arc::new(Waiters::new(settings.max_waiting));
        Self {
            layered: None,
            inner: Arc::new(Inner {
                transport,
                settings,
                waiters,
                reply_address,
                has_replies: AtomicBool::new(false),
            }),
        }
    }

    /// The same bus with middleware around all that is sent through this handle, and around the layers it has: the
    /// one that is added last sees a message first. Several at once are one `tower::ServiceBuilder`.
    #[must_use]
    pub fn layer<L>(&self, layer: &L) -> Self
    where
        L: Layer<Sender>,
        L::Service:
            Service<Outgoing, Response = Option<Reply>, Error = SendError> + Clone + Send + Sync + 'static,
        <L::Service as Service<Outgoing>>::Future: Send,
    {
        Self {
            inner: self.inner.clone(),
            layered: Some(wrap(self.layered.clone(), layer)),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The transport.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.inner.transport
    }

    /// Waits until the bus can be used; says why when it cannot.
    pub async fn ready(&self, limit: Duration) -> Result<(), TransportError> {
        self.inner.transport.ready(deadline_in(limit)).await
    }

    /// Ends the use of the bus: listeners stop, calls that wait end as cancelled. Done within two seconds.
    pub async fn close(&self) {
        self.inner.waiters.close();
        self.inner.transport.close().await;
    }

    /// How many calls wait for an answer.
    pub fn waiting(&self) -> usize {
        self.inner.waiters.len()
    }

    /// How many replies came that no call waited for (late, doubled, of unknown calls) or that could not be read.
    pub fn ignored_replies(&self) -> u64 {
        self.inner.waiters.ignored()
    }

    pub(crate) fn layered(&self) -> Option<Layered> {
        self.layered.clone()
    }

    pub(crate) fn waiters(&self) -> &Arc<Waiters> {
        &self.inner.waiters
    }

    pub(crate) fn reply_address(&self) -> &str {
        &self.inner.reply_address
    }

    /// Whether the bus knows the reply address.
    pub(crate) fn has_replies(&self) -> bool {
        self.inner.has_replies.load(Ordering::Acquire)
    }

    /// Makes the reply address known to the bus. Each call that finds it unknown asks for itself: it may be held
    /// or dropped at any time, and no other may depend on it.
    pub(crate) async fn open_replies(&self, deadline: Instant) -> Result<(), TransportError> {
        let inner = &self.inner;
        let address = String::from(&*inner.reply_address);
        inner
            .transport
            .open_replies(address, inner.waiters.clone(), deadline)
            .await?;
        inner.has_replies.store(true, Ordering::Release);
        Ok(())
    }

    /// The time limit of a method, when the client sets none.
    pub(crate) fn timeout_of(&self, method: &MethodSpec) -> Duration {
        match method.timeout {
            Timeout::Default => self.inner.settings.response_timeout,
            Timeout::Millis(millis) => Duration::from_millis(millis),
            Timeout::Class(name) => {
                let class = self.inner.settings.timeouts.get(name);
                class.copied().unwrap_or(self.inner.settings.response_timeout)
            }
        }
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("transport", &self.inner.transport)
            .finish_non_exhaustive()
    }
}
