//! What every fault test works with: a virtual host, buses and services on it, callers whose calls are counted,
//! and time limits.

mod footprint;
mod load;
mod peer;
mod process;

use std::convert::Infallible;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::server::Builder;
use rpc_runtime::testing::oracle::{Counts, Promise};
use rpc_runtime::testing::{Broker, Oracle, Vhost};
use rpc_runtime::{Bus, Call, CallError, Cast, Context, SendError, Server, Settings};
use rpc_tests::work::{Gate, WorkApi, WorkClient, Worker};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::time::{Instant, sleep, timeout};

pub(crate) use footprint::Footprint;
pub(crate) use load::Load;
pub(crate) use peer::{Peer, Taken, envelope, take};
pub(crate) use process::{OracleFile, logging, start, worker};

/// The deadline of calls.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// A call returns within its deadline and half a second. The rest is for a busy machine.
pub(crate) const GRACE: Duration = Duration::from_millis(500 + 2000);
/// Nothing that a test waits for takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A result of [`Work`](rpc_tests::work::Work).
pub(crate) type Outcome = Result<String, CallError<Infallible>>;

/// Tests that count threads and descriptors of the process run alone; the others beside each other. Where each
/// test is a process of its own, this is free.
static TURN: RwLock<()> = RwLock::const_new(());

/// The turn of a test that others do not disturb.
pub(crate) async fn together() -> RwLockReadGuard<'static, ()> {
    TURN.read().await
}

/// The turn of a test that must be alone.
pub(crate) async fn alone() -> RwLockWriteGuard<'static, ()> {
    TURN.write().await
}

/// A virtual host of the shared broker.
pub(crate) async fn shared(name: &str) -> Vhost<'static> {
    Broker::shared().await.unwrap().vhost(name).await.unwrap()
}

/// The settings of every bus here.
pub(crate) fn settings() -> Settings {
    Settings {
        response_timeout: DEADLINE,
        monitor: Duration::from_secs(2),
        ..Settings::default()
    }
}

/// The bus at a URL, with a heartbeat of two seconds.
pub(crate) fn open(url: &str) -> Bus {
    open_with(url, settings())
}

/// The same, with settings of its own.
pub(crate) fn open_with(url: &str, settings: Settings) -> Bus {
    let link = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{link}heartbeat_timeout_threshold=2");
    Bus::open(&url.parse().unwrap(), settings).unwrap()
}

/// A service that is up.
pub(crate) struct Service {
    pub(crate) server: Server,
    pub(crate) gate: Arc<Gate>,
    pub(crate) bus: Bus,
}

/// Serves on a bus.
pub(crate) async fn serve(bus: &Bus, name: &str, oracle: &Arc<Oracle>) -> Service {
    serve_with(bus, name, oracle, |builder| builder).await
}

/// Serves, with changes.
pub(crate) async fn serve_with(
    bus: &Bus,
    name: &str,
    oracle: &Arc<Oracle>,
    change: impl FnOnce(Builder) -> Builder,
) -> Service {
    let worker = Worker::new(name, oracle);
    let gate = Arc::clone(&worker.gate);
    let builder = Server::builder(bus).server(name).serve::<WorkApi, _>(worker);
    let server = within("the start of a server", change(builder).start())
        .await
        .unwrap();
    Service {
        server,
        gate,
        bus: bus.clone(),
    }
}

/// Calls and casts, and has the oracle note each.
#[derive(Clone)]
pub(crate) struct Caller {
    name: Arc<str>,
    client: WorkClient,
    limit: Duration,
    oracle: Arc<Oracle>,
}

impl Caller {
    pub(crate) fn new(bus: &Bus, name: &str, oracle: &Arc<Oracle>) -> Self {
        Self {
            name: name.into(),
            client: WorkClient::new(bus),
            limit: DEADLINE,
            oracle: Arc::clone(oracle),
        }
    }

    /// The same caller with another deadline.
    pub(crate) fn limit(&self, limit: Duration) -> Self {
        Self {
            client: self.client.timeout(limit),
            limit,
            ..self.clone()
        }
    }

    /// The same caller, as another.
    pub(crate) fn named(&self, name: &str) -> Self {
        Self {
            name: name.into(),
            ..self.clone()
        }
    }

    /// The same caller with another target.
    pub(crate) fn to(&self, change: impl FnOnce(&WorkClient) -> WorkClient) -> Self {
        Self {
            client: change(&self.client),
            ..self.clone()
        }
    }

    /// Calls `echo`.
    pub(crate) async fn echo(&self) -> Outcome {
        self.call(|client, id| client.call().echo(&Context::new(), id))
            .await
    }

    /// Makes a call that carries the id. It must return within its deadline and the grace.
    pub(crate) async fn call(
        &self,
        make: impl FnOnce(&WorkClient, &str) -> Call<String, Infallible>,
    ) -> Outcome {
        let id = self.oracle.asked(&self.name);
        let call = make(&self.client, &id);
        let result = timeout(self.limit + GRACE, call).await;
        let result = result.unwrap_or_else(|_| panic!("a call hung beyond its {:?}", self.limit));
        self.oracle.returned(&id, &self.name, &result);
        result
    }

    /// Casts `echo`.
    pub(crate) async fn cast(&self) -> Result<(), SendError> {
        self.send(|client, id| client.cast().echo(&Context::new(), id))
            .await
    }

    /// Makes a cast that carries the id. It may wait for the bus as long as a call for its answer.
    pub(crate) async fn send(&self, make: impl FnOnce(&WorkClient, &str) -> Cast) -> Result<(), SendError> {
        let id = self.oracle.asked(&self.name);
        let cast = make(&self.client, &id);
        let result = timeout(self.limit + GRACE, cast).await;
        let result = result.unwrap_or_else(|_| panic!("a cast hung beyond its {:?}", self.limit));
        self.oracle.sent(&id, &self.name, &result);
        result
    }

    /// The client, for what is not to be noted this way.
    pub(crate) fn client(&self) -> &WorkClient {
        &self.client
    }
}

/// Checks the promise; gives the counts.
#[track_caller]
pub(crate) fn kept(oracle: &Oracle, promise: Promise) -> Counts {
    let report = oracle.check(promise);
    assert!(report.is_clean(), "{report}");
    report.counts
}

/// The same, of what goes on in the background: it has time.
pub(crate) async fn kept_at_last(oracle: &Oracle, promise: Promise) -> Counts {
    let limit = Instant::now() + PATIENCE;
    while !oracle.check(promise).is_clean() && Instant::now() < limit {
        sleep(Duration::from_millis(20)).await;
    }
    kept(oracle, promise)
}

/// Waits, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {PATIENCE:?}"),
    }
}

/// Waits until something is so that can only be asked for.
pub(crate) async fn eventually(what: impl Display, mut so: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !so().await {
        assert!(Instant::now() < limit, "{what}: not within {PATIENCE:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Checks that something took no longer than promised, several times over for a busy machine.
#[track_caller]
pub(crate) fn took(what: &str, since: Instant, limit: Duration) {
    let took = since.elapsed();
    assert!(took <= limit, "{what} took {took:?}, more than {limit:?}");
}
