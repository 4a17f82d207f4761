//! What a server does with one message: read, drop doubles, acknowledge, run, answer.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, sleep};
use tracing::{debug, error, warn};

use super::dedup::Dedup;
use super::endpoint::{Answer, Incoming, ItemAnswers, RpcServer};
use super::layer::Layered;
use super::reply::{Caller, Messages, Replier};
use crate::spec::Delivery as When;
use crate::trace;
use crate::transport::{Delivery, Receipt};
use crate::version::Version;
use crate::wire::{Failure, Request, RequestedVersion, plain};

/// A method that every server answers when asked to (`rpc_ping_enabled`).
const PING: &str = "oslo_rpc_server_ping";

/// The work of one server; shared by its tasks.
pub(super) struct Worker {
    pub(super) server: Arc<dyn RpcServer>,
    /// The same server behind middleware, when there is some.
    pub(super) layered: Option<Layered>,
    pub(super) replier: Replier,
    pub(super) dedup: Mutex<Dedup>,
    pub(super) ping: bool,
    /// Whether any method is acknowledged after its reply; otherwise nobody needs to look.
    pub(super) late_acks: bool,
    /// Messages that were rejected because nobody can read them.
    pub(super) unreadable: Arc<AtomicU64>,
}

impl Worker {
    /// Handles a message to the end. `slot` is the right to run a handler; it is free again when the method
    /// ends, however long its reply takes.
    pub(super) async fn handle<S: Send>(&self, delivery: Delivery, slot: S) {
        let traceparent = delivery.headers.traceparent.clone();
        let job = match self.accept(delivery) {
            Accepted::Job(job) => job,
            Accepted::Refused(caller, failure) => {
                drop(slot);
                // Boxed, so that what is rare takes no room where it does not happen.
                return Box::pin(self.answer("", caller.as_ref(), Err(failure))).await;
            }
            Accepted::Nothing => return,
        };
        let span = trace::process_span(&job.incoming);
        // Pinned here and lent: each function that it were passed to by value would hold a copy of its state.
        let work = pin!(self.run(job, slot));
        trace::serve(traceparent, span, work).await;
    }

    /// Reads a message, drops it if it came before, and acknowledges it, unless its method says later.
    fn accept(&self, delivery: Delivery) -> Accepted<'_> {
        let Delivery {
            body,
            headers,
            redelivered,
            receipt,
        } = delivery;
        let decoded = plain(body, headers.compression.as_deref()).and_then(|body| Request::decode(&body));
        let request = match decoded {
            Ok(Some(request)) => Arc::new(request),
            Ok(None) => {
                receipt.ack();
                return Accepted::Nothing;
            }
            Err(error) => {
                self.unreadable.fetch_add(1, Ordering::Relaxed);
                warn!(%error, "a message that cannot be read was rejected");
                receipt.reject();
                return Accepted::Nothing;
            }
        };
        if let Some(id) = request
            .unique_id()
            .filter(|id| !self.dedup().is_new(id, Instant::now()))
        {
            debug!(id, "a message that came twice was dropped");
            receipt.ack();
            return Accepted::Nothing;
        }
        let caller = Caller::of(&request);
        let incoming = match Incoming::new(request.clone(), redelivered) {
            Ok(incoming) => incoming,
            Err(failure) => {
                receipt.ack();
                let failure = self.refusal(&request, failure);
                return Accepted::Refused(caller, failure);
            }
        };
        let late = self.late_acks && self.delivery_of(&incoming) == When::AtLeastOnce;
        let unsettled = if late {
            Some(Unsettled {
                receipt: Some(receipt),
                request: request.clone(),
                worker: self,
            })
        } else {
            receipt.ack();
            None
        };
        Accepted::Job(Job {
            request,
            incoming,
            caller,
            unsettled,
        })
    }

    /// Runs a method, and sends what it came to.
    async fn run<S: Send>(&self, job: Job<'_>, slot: S) {
        let Job {
            request,
            incoming,
            caller,
            unsettled,
        } = job;
        let method = request.method().unwrap_or_default();
        let heart = caller.as_ref().zip(beat(incoming.message().monitor()));
        let work = AssertUnwindSafe(self.dispatch(incoming)).catch_unwind();
        let answer = match heart {
            None => work.await,
            // The heart is dropped, and so stops, before the reply is sent: whatever the outcome.
            Some((caller, every)) => tokio::select! {
                biased;
                answer = work => answer,
                never = self.beats(caller, every) => match never {},
            },
        };
        drop(slot);
        let answer = answer.unwrap_or_else(|panic| {
            let text = panic_text(&*panic);
            error!(method, panic = text, "a method panicked");
            Err(Failure::new(
                "builtins",
                "RuntimeError",
                format!("'{method}' panicked: {text}"),
            ))
        });
        self.answer(method, caller.as_ref(), answer).await;
        if let Some(unsettled) = unsettled {
            unsettled.ack();
        }
    }

    async fn dispatch(&self, incoming: Incoming) -> Result<Answer, Failure> {
        if self.ping && incoming.method() == PING && incoming.is_for_bare(Version::new(1, 0)) {
            return Answer::value("pong");
        }
        match &self.layered {
            None => self.server.dispatch(incoming).await,
            Some(layered) => layered(incoming).await,
        }
    }

    /// Tells the caller, again and again, that the method is running. Stops when nobody listens.
    async fn beats(&self, caller: &Caller, every: Duration) -> Infallible {
        loop {
            sleep(every).await;
            if !self.replier.heartbeat(caller).await {
                debug!("a monitored caller is gone: no further heartbeats");
                std::future::pending::<()>().await;
            }
        }
    }

    /// Sends an answer to its caller. What is awaited holds the bodies of its messages, and not the answer.
    fn answer<'a>(
        &'a self,
        method: &'a str,
        caller: Option<&'a Caller>,
        answer: Result<Answer, Failure>,
    ) -> impl Future<Output = ()> + Send + 'a {
        match &answer {
            Ok(Answer::Declared(failure)) => debug!(method, %failure, "a method failed as declared"),
            Err(failure) => warn!(method, %failure, "a request failed"),
            Ok(_) => {}
        }
        let (mut messages, mut items) = (Messages::default(), None);
        match (caller, answer) {
            (None, _) => {}
            (Some(caller), Ok(Answer::Value(value))) => messages = caller.value(value),
            (Some(caller), Ok(Answer::Declared(failure)) | Err(failure)) => {
                messages = caller.failure(&failure);
            }
            (Some(_), Ok(Answer::Items(stream))) => items = Some(stream),
        }
        async move {
            match (caller, items) {
                (None, _) => {}
                (Some(caller), None) => drop(self.replier.answer(caller, messages).await),
                // Rare, and large.
                (Some(caller), Some(items)) => Box::pin(self.answer_all(method, caller, items)).await,
            }
        }
    }

    async fn answer_all(&self, method: &str, caller: &Caller, mut items: ItemAnswers) {
        while let Some(item) = items.next().await {
            let (messages, last) = match item {
                Ok(value) => (caller.item(value), false),
                Err(failure) => (caller.failure(&failure), true),
            };
            let sent = self.replier.answer(caller, messages).await;
            if last {
                return;
            }
            if !sent {
                debug!(method, "the caller of a stream is gone");
                return;
            }
        }
        self.replier.answer(caller, caller.end()).await;
    }

    /// A version that cannot be read matters only to an API whose namespace is the one asked for.
    fn refusal(&self, request: &Request, failure: Failure) -> Failure {
        let known = self
            .server
            .apis()
            .iter()
            .any(|api| api.namespace == request.namespace());
        if known || request.method().is_none() {
            return failure;
        }
        let version = match request.version() {
            RequestedVersion::Text(text) => text,
            _ => "None",
        };
        Failure::unsupported_version(version, request.method().unwrap_or_default())
    }

    fn delivery_of(&self, incoming: &Incoming) -> When {
        let api = self.server.apis().iter().find(|api| incoming.is_for(api));
        api.and_then(|api| api.method(incoming.method()))
            .map_or(When::AtMostOnce, |method| method.delivery)
    }

    fn dedup(&self) -> MutexGuard<'_, Dedup> {
        self.dedup.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pace of heartbeats for a monitor's limit in seconds: half of it, and none below one second.
fn beat(limit: Option<u64>) -> Option<Duration> {
    let every = limit? as f64 / 2.0;
    (every >= 1.0).then(|| Duration::from_secs_f64(every))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}

/// What a message turned out to be.
enum Accepted<'w> {
    Job(Job<'w>),
    /// A request that no method can take.
    Refused(Option<Caller>, Failure),
    Nothing,
}

/// A request that is to run.
struct Job<'w> {
    request: Arc<Request>,
    incoming: Incoming,
    caller: Option<Caller>,
    unsettled: Option<Unsettled<'w>>,
}

/// A message that is acknowledged after its reply. Dropped before, it goes back to the bus and may come again,
/// here as well.
struct Unsettled<'w> {
    receipt: Option<Receipt>,
    request: Arc<Request>,
    worker: &'w Worker,
}

impl Unsettled<'_> {
    fn ack(mut self) {
        if let Some(receipt) = self.receipt.take() {
            receipt.ack();
        }
    }
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        if let (Some(_), Some(id)) = (&self.receipt, self.request.unique_id()) {
            self.worker.dedup().forget(id);
        }
    }
}
