//! A handle on a bus: one transport, the settings of calls, and the calls that wait for an answer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::client::waiters::Waiters;
use crate::spec::{MethodSpec, Timeout};
use crate::transport::memory::MemoryTransport;
use crate::transport::{Transport, TransportError};
use crate::wire::Id;

/// A bus that clients send to and servers listen on. Cheap to clone; all clones are one bus.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<dyn Transport>,
    settings: Settings,
    waiters: Arc<Waiters>,
    reply_address: Arc<str>,
    replies: OnceCell<()>,
}

/// What holds for every call on a bus, with the names and defaults of oslo.messaging's options.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scopes topics for clients and servers that name no exchange of their own (`control_exchange`).
    pub control_exchange: Arc<str>,
    /// How long a call waits when neither client nor method says (`rpc_response_timeout`).
    pub response_timeout: Duration,
    /// Time limits by name, for methods that declare `timeout = name`. `long` is Nova's `long_rpc_timeout`.
    pub timeouts: BTreeMap<String, Duration>,
    /// A monitored call gives up after this silence of its server (Nova uses `rpc_response_timeout`).
    pub monitor: Duration,
    /// Calls to a topic nobody serves fail at once. Without, they wait for a server until their deadline, as
    /// oslo.messaging's do.
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
    /// A bus inside this process, shared with nobody.
    pub fn memory() -> Self {
        Self::new(MemoryTransport::new(), Settings::default())
    }

    /// A bus over any transport.
    pub fn new(transport: Arc<dyn Transport>, settings: Settings) -> Self {
        let reply_address = format!("reply_{}", Id::new()).into();
        let waiters = Arc::new(Waiters::new(settings.max_waiting));
        Self {
            inner: Arc::new(Inner {
                transport,
                settings,
                waiters,
                reply_address,
                replies: OnceCell::new(),
            }),
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
        self.inner.transport.ready(Instant::now() + limit).await
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

    pub(crate) fn waiters(&self) -> &Arc<Waiters> {
        &self.inner.waiters
    }

    pub(crate) fn reply_address(&self) -> &str {
        &self.inner.reply_address
    }

    /// Makes the reply address known to the bus, once.
    pub(crate) async fn open_replies(&self, deadline: Instant) -> Result<(), TransportError> {
        let inner = &self.inner;
        let open = || {
            let address = String::from(&*inner.reply_address);
            inner
                .transport
                .open_replies(address, inner.waiters.clone(), deadline)
        };
        inner.replies.get_or_try_init(open).await.copied()
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
