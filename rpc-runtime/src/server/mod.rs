//! The receiving half: listens to a topic, and runs what arrives. It knows requests and answers, and no API.

mod admission;
mod at_work;
mod dedup;
mod endpoint;
mod layer;
mod received;
mod reply;
mod work;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{AbortHandle, Abortable};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_layer::Layer;
use tower_service::Service;
use tracing::{info, warn};

pub use at_work::CallAtWork;
pub use endpoint::{Answer, Dispatch, Incoming, Items, RpcServer, Serve};
pub use layer::Dispatcher;

use crate::bus::Bus;
use crate::managers::{Managers, ServedTwice};
use crate::spec::{ApiSpec, Delivery};
use crate::transport::{Listen, Listener, ListenerControl, TransportError};
use crate::wire::Failure;
use admission::Admission;
use at_work::Roll;
use dedup::Dedup;
use reply::Replier;
use work::Worker;

/// A server that is up. Dropping it stops it at once; [`stop`](Self::stop) lets it finish what it has begun.
#[must_use = "a server that is dropped stops: keep it, and end it with .stop().await"]
pub struct Server {
    control: Box<dyn ListenerControl>,
    /// The task that takes messages off the bus.
    taking: TaskTracker,
    handlers: TaskTracker,
    /// No further messages.
    stopping: AbortHandle,
    /// Handlers end where they stand.
    abandon: CancellationToken,
    drain: Duration,
    unreadable: Arc<AtomicU64>,
    roll: Option<Arc<Roll>>,
}

/// A server that could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing to listen to.
    #[error("a server needs {0}")]
    Incomplete(&'static str),
    /// Of two APIs one could never be reached.
    #[error(transparent)]
    ServedTwice(#[from] ServedTwice),
    /// The bus does not let it.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// How a server ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Stopped {
    /// Handlers that were still running when the patience ended. Their messages went back to the bus where the
    /// method is delivered at least once, and are lost where it is delivered at most once.
    pub abandoned: usize,
}

impl Server {
    /// Describes a server.
    pub fn builder(bus: &Bus) -> Builder {
        Builder {
            bus: bus.clone(),
            exchange: None,
            topic: None,
            server: None,
            services: Vec::new(),
            layers: Vec::new(),
            handlers: 64,
            drain: Duration::from_secs(60),
            ping: false,
            inspectable: false,
            dedup: (Duration::from_secs(300), 65_536),
            reply_patience: Duration::from_secs(60),
        }
    }

    /// How many requests are at work: methods that run, and answers that have not left.
    pub fn at_work(&self) -> usize {
        self.handlers.len()
    }

    /// Waits until the server takes no more messages: after a stop, or because its bus was closed under it.
    pub async fn ended(&self) {
        self.taking.wait().await;
    }

    /// How many messages were rejected because they are no requests: not JSON, not in an envelope that is known.
    pub fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// The requests at work, the oldest first; none unless the server is
    /// [`inspectable`](Builder::inspectable).
    pub fn calls(&self) -> Vec<CallAtWork> {
        self.roll.as_ref().map(|roll| roll.read()).unwrap_or_default()
    }

    /// How many requests were taken so far, if the server is [`inspectable`](Builder::inspectable).
    pub fn taken(&self) -> Option<u64> {
        self.roll.as_ref().map(|roll| roll.taken())
    }

    /// Stops in order: takes no further messages, lets handlers finish and their replies leave, and abandons
    /// what is not done after the builder's `drain` time.
    pub async fn stop(&self) -> Stopped {
        self.stopping.abort();
        self.control.stop().await;
        self.taking.wait().await;
        self.handlers.close();
        if timeout(self.drain, self.handlers.wait()).await.is_ok() {
            return Stopped { abandoned: 0 };
        }
        let abandoned = self.handlers.len();
        warn!(abandoned, "the drain time is over");
        self.abandon.cancel();
        self.handlers.wait().await;
        Stopped { abandoned }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.abort();
        self.abandon.cancel();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("at_work", &self.at_work())
            .finish_non_exhaustive()
    }
}

/// A server to be.
#[must_use = "a server is up after .start().await"]
pub struct Builder {
    bus: Bus,
    exchange: Option<Arc<str>>,
    topic: Option<Arc<str>>,
    server: Option<Arc<str>>,
    services: Vec<Arc<dyn RpcServer>>,
    layers: Vec<layer::Wrap>,
    handlers: usize,
    drain: Duration,
    ping: bool,
    inspectable: bool,
    dedup: (Duration, usize),
    reply_patience: Duration,
}

impl Builder {
    /// Scopes the topic; the bus's `control_exchange` if not given.
    pub fn exchange(mut self, exchange: impl Into<String>) -> Self {
        self.exchange = Some(exchange.into().into());
        self
    }

    /// The topic; that of the APIs if not given.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into().into());
        self
    }

    /// The name of this server among those of its topic; a host's name, as a rule.
    pub fn server(mut self, name: impl Into<String>) -> Self {
        self.server = Some(name.into().into());
        self
    }

    /// Serves the APIs of a service: `#[derive(RpcServer)]` makes one of a struct of managers. An `Arc` of it, where
    /// somebody else holds the managers as well.
    pub fn service(mut self, service: impl RpcServer) -> Self {
        self.services.push(Arc::new(service));
        self
    }

    /// Serves an API, `.serve::<CalcApi, _>(manager)`, besides those that are served already.
    ///
    /// A manager that somebody else holds as well goes into a struct under `#[derive(RpcServer)]`, of which
    /// [`service`](Self::service) takes an `Arc`.
    pub fn serve<A: Serve<M>, M: Send + Sync + 'static>(self, manager: M) -> Self {
        self.service(Managers::one::<A, M>(manager))
    }

    /// Middleware around every method, and around the layers that are there: the one that is added last sees a request
    /// first. Several at once are one `tower::ServiceBuilder`.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Dispatcher> + Send + 'static,
        L::Service: Service<Incoming, Response = Answer, Error = Failure> + Clone + Send + Sync + 'static,
        <L::Service as Service<Incoming>>::Future: Send,
    {
        self.layers.push(layer::wrap(layer));
        self
    }

    /// How many methods may run at once (`executor_thread_pool_size`, 64). While all are busy, nothing is taken
    /// from the bus.
    pub fn handlers(mut self, handlers: usize) -> Self {
        self.handlers = handlers.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// How long [`Server::stop`] lets handlers finish; 60 s.
    pub fn drain(mut self, patience: Duration) -> Self {
        self.drain = patience;
        self
    }

    /// Answers `oslo_rpc_server_ping`, too (`rpc_ping_enabled`).
    pub fn ping(mut self, enabled: bool) -> Self {
        self.ping = enabled;
        self
    }

    /// Keeps a list of the requests at work, for [`Server::calls`].
    pub fn inspectable(mut self, enabled: bool) -> Self {
        self.inspectable = enabled;
        self
    }

    /// For how long, and how many, message ids are remembered to drop doubles: 5 minutes, 65 536.
    pub fn dedup(mut self, window: Duration, ids: usize) -> Self {
        self.dedup = (window, ids.max(1));
        self
    }

    /// How long a reply is tried whose caller is not there (`kombu_missing_consumer_retry_timeout`, 60 s).
    pub fn reply_patience(mut self, patience: Duration) -> Self {
        self.reply_patience = patience;
        self
    }

    /// Listens, and serves from now on. Waits for a broker that cannot be reached for as long as that lasts; put a
    /// time limit around it, or ask [`Bus::ready`] first.
    pub async fn start(self) -> Result<Server, StartError> {
        let server: Arc<dyn RpcServer> = match self.services.as_slice() {
            [] => return Err(StartError::Incomplete("a service: .service(..) or .serve(..)")),
            [service] => Arc::clone(service),
            several => Arc::new(Managers::together(several)?),
        };
        let topic = match self.topic {
            Some(topic) => topic,
            None => topic_of(server.apis())?.into(),
        };
        let listen = Listen {
            exchange: self
                .exchange
                .unwrap_or_else(|| self.bus.settings().control_exchange.clone()),
            topic,
            server: self.server.ok_or(StartError::Incomplete("a name: .server(..)"))?,
            prefetch: u16::try_from(self.handlers * 2).unwrap_or(u16::MAX),
        };
        let methods = server.apis().iter().flat_map(|api| api.methods);
        let late_acks = methods
            .into_iter()
            .any(|method| method.delivery == Delivery::AtLeastOnce);
        let unreadable = Arc::default();
        let roll = self.inspectable.then(Arc::<Roll>::default);
        let worker = Worker {
            unreadable: Arc::clone(&unreadable),
            roll: roll.clone(),
            layered: layer::layered(&server, self.layers),
            server,
            replier: Replier::new(self.bus.transport().clone(), self.reply_patience),
            admission: Admission::new(Dedup::new(self.dedup.0, self.dedup.1)),
            topic: listen.topic.clone(),
            ping: self.ping,
            late_acks,
            abandon: CancellationToken::new(),
        };
        let (topic, name) = (listen.topic.clone(), listen.server.clone());
        let Listener { deliveries, control } = self.bus.transport().listen(listen).await?;
        info!(%topic, server = %name, "listening");
        let serving = Serving {
            worker: Arc::new(worker),
            handlers: TaskTracker::new(),
            slots: Arc::new(Semaphore::new(self.handlers)),
        };
        let (handlers, abandon) = (serving.handlers.clone(), serving.worker.abandon.clone());
        let (stopping, registration) = AbortHandle::new_pair();
        let taking = TaskTracker::new();
        taking.spawn(Abortable::new(serving.take(deliveries), registration));
        taking.close();
        Ok(Server {
            control,
            taking,
            handlers,
            stopping,
            abandon,
            drain: self.drain,
            unreadable,
            roll,
        })
    }

    /// Starts on a bus inside this process, which is there at once.
    pub(crate) fn start_local(self) -> Server {
        match self.start().now_or_never() {
            Some(Ok(server)) => server,
            other => panic!("a server in this process cannot be: {other:?}"),
        }
    }
}

/// The one topic that APIs name: who calls them sends to the topic of each.
pub(crate) fn topic_of(apis: &[&ApiSpec]) -> Result<&'static str, StartError> {
    let mut topics = apis.iter().filter_map(|api| api.topic);
    let first = topics
        .next()
        .ok_or(StartError::Incomplete("a topic: .topic(..)"))?;
    if topics.any(|topic| topic != first) {
        return Err(StartError::Incomplete(
            "one topic, and its APIs name several: .topic(..)",
        ));
    }
    Ok(first)
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("topic", &self.topic)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// The loop that takes messages off the bus.
struct Serving {
    worker: Arc<Worker>,
    handlers: TaskTracker,
    slots: Arc<Semaphore>,
}

impl Serving {
    async fn take(self, mut deliveries: tokio::sync::mpsc::Receiver<crate::transport::Delivery>) {
        // First a free slot, then a message: what cannot be handled yet stays with the bus.
        while let Ok(slot) = self.slots.clone().acquire_owned().await
            && let Some(delivery) = deliveries.recv().await
        {
            self.handlers.spawn(self.worker.clone().handle(delivery, slot));
        }
    }
}
