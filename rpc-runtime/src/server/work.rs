//! What a server does with one message: read, drop doubles, acknowledge, run, answer.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, trace, warn};

use super::admission::{Admission, Admitted};
use super::at_work::Roll;
use super::endpoint::{Answer, Incoming, ItemAnswers, RpcServer};
use super::layer::Layered;
use super::received::Received;
use super::reply::{Caller, Messages, Replier};
use crate::spec::{Delivery as When, MethodSpec};
use crate::trace;
use crate::transport::{BoxFuture, Delivery};
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
    pub(super) admission: Admission,
    /// What is at work, where somebody may ask.
    pub(super) roll: Option<Arc<Roll>>,
    /// What is listened to.
    pub(super) topic: Arc<str>,
    pub(super) ping: bool,
    /// Whether any method is acknowledged after its reply; otherwise nobody needs to look.
    pub(super) late_acks: bool,
    /// Messages that were rejected because nobody can read them.
    pub(super) unreadable: Arc<AtomicU64>,
    /// Handlers end where they stand.
    pub(super) abandon: CancellationToken,
}

impl Worker {
    /// Handles a message to the end, or until handlers end where they stand. `slot` is the right to run a handler;
    /// it is free again when the method has ended and its answer is on its way, however long its caller is away.
    pub(super) async fn handle<S: Send + 'static>(self: Arc<Self>, delivery: Delivery, slot: S) {
        if let Some(work) = self.begin(delivery, slot) {
            tokio::select! {
                biased;
                () = work => {}
                () = self.abandon.cancelled() => {}
            }
        }
    }

    /// What there is to do for a message. Boxed, so that the task of a message is small: it is copied several times
    /// before it starts, and again when it is done.
    fn begin<S: Send + 'static>(&self, delivery: Delivery, slot: S) -> Option<BoxFuture<'_, ()>> {
        let traceparent = delivery.headers.traceparent.clone();
        match self.accept(delivery) {
            Accepted::Job(job) => {
                let span = trace::process_span(&job.incoming, &self.topic);
                Some(trace::serve(traceparent, span, self.run(job, slot)))
            }
            Accepted::Refused(caller, failure) => Some(Box::pin(async move {
                self.fail("", caller.as_ref(), failure, slot).await;
            })),
            Accepted::Nothing => None,
        }
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
        let incoming = Incoming::new(request.clone(), redelivered);
        let late = self.late_acks && incoming.as_ref().is_ok_and(|incoming| self.is_late(incoming));
        let Some(admitted) = self.admission.admit(&request, receipt, late) else {
            return Accepted::Nothing;
        };
        let caller = self.replier.caller(&request);
        let incoming = match incoming {
            Ok(incoming) => incoming,
            Err(failure) => return Accepted::Refused(caller, self.refusal(&request, failure)),
        };
        if tracing::enabled!(tracing::Level::TRACE) {
            let method = self.spec_of(&incoming);
            trace!(
                method = incoming.method(),
                "received {}",
                Received {
                    request: &request,
                    method
                }
            );
        }
        Accepted::Job(Job {
            request,
            incoming,
            caller,
            admitted,
        })
    }

    /// Runs a method, and sends what it came to.
    async fn run<S: Send>(&self, job: Job<'_>, slot: S) {
        let Job {
            request,
            incoming,
            caller,
            admitted,
        } = job;
        let _entered = self.roll.as_ref().map(|roll| roll.enter(Arc::clone(&request)));
        let method = request.method().unwrap_or_default();
        let heart = caller.as_ref().zip(beat(incoming.message().monitor()));
        let work = AssertUnwindSafe(self.dispatch(incoming)).catch_unwind();
        let answer = self.with_heart(heart, work).await;
        // What is awaited next does not hold the answer, which is large.
        let sending = match answer.unwrap_or_else(|panic| Err(panicked(method, &*panic))) {
            Ok(Answer::Items(items)) => Err(items),
            answer => Ok(messages(method, caller.as_ref(), answer)),
        };
        match sending {
            Ok(messages) => {
                if let Some(caller) = &caller {
                    self.replier.answer(caller, messages, slot).await;
                }
            }
            // Rare, and large. Its methods are at work until the last item.
            Err(items) => Box::pin(self.answer_all(method, caller.as_ref(), heart, items)).await,
        }
        admitted.done();
    }

    /// Works, and lets a monitored caller hear that. The heart stops with the work, and so before the reply is sent,
    /// whatever the outcome.
    async fn with_heart<F: Future>(&self, heart: Option<(&Caller, Duration)>, work: F) -> F::Output {
        match heart {
            None => work.await,
            // Boxed, so that it takes no room in the calls that are not monitored.
            Some((caller, every)) => {
                Box::pin(async {
                    let mut work = pin!(work);
                    tokio::select! {
                        biased;
                        done = &mut work => done,
                        () = self.replier.beats(caller, every) => work.await,
                    }
                })
                .await
            }
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

    /// Sends the answer to a request that failed.
    async fn fail<S: Send>(&self, method: &str, caller: Option<&Caller>, failure: Failure, slot: S) {
        let messages = messages(method, caller, Err(failure));
        if let Some(caller) = caller {
            self.replier.answer(caller, messages, slot).await;
        }
    }

    /// Sends items as the method makes them.
    async fn answer_all(
        &self,
        method: &str,
        caller: Option<&Caller>,
        heart: Option<(&Caller, Duration)>,
        mut items: ItemAnswers,
    ) {
        loop {
            let next = AssertUnwindSafe(items.next()).catch_unwind();
            let item = match self.with_heart(heart, next).await {
                Ok(None) => break,
                Ok(Some(item)) => item,
                Err(panic) => Err(panicked(method, &*panic)),
            };
            match (item, caller) {
                (Err(failure), caller) => return self.fail(method, caller, failure, ()).await,
                (Ok(_), None) => {}
                (Ok(value), Some(caller)) => {
                    if !self.replier.answer(caller, caller.item(value), ()).await {
                        return debug!(method, "no further item is wanted");
                    }
                }
            }
        }
        if let Some(caller) = caller {
            self.replier.answer(caller, caller.end(), ()).await;
        }
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

    /// Whether the request is acknowledged only after its reply.
    fn is_late(&self, incoming: &Incoming) -> bool {
        self.spec_of(incoming)
            .is_some_and(|method| method.delivery == When::AtLeastOnce)
    }

    /// The method that the request asks for, if it is served.
    fn spec_of(&self, incoming: &Incoming) -> Option<&'static MethodSpec> {
        let api = self.server.apis().iter().find(|api| incoming.is_for(api));
        api.and_then(|api| api.method(incoming.method()))
    }
}

/// What is sent to the caller of a method. Items are not among it: they are sent as they are made.
fn messages(method: &str, caller: Option<&Caller>, answer: Result<Answer, Failure>) -> Messages {
    match &answer {
        Ok(Answer::Declared(failure)) => debug!(method, %failure, "a method failed as declared"),
        Err(failure) => warn!(method, %failure, "a request failed"),
        Ok(_) => {}
    }
    match (caller, answer) {
        (None, _) | (_, Ok(Answer::Items(_))) => Messages::default(),
        (Some(caller), Ok(Answer::Value(value))) => caller.value(value),
        (Some(caller), Ok(Answer::Declared(failure)) | Err(failure)) => caller.failure(&failure),
    }
}

/// The pace of heartbeats for a monitor's limit in seconds: half of it, and none below one second.
fn beat(limit: Option<u64>) -> Option<Duration> {
    let every = limit? as f64 / 2.0;
    (every >= 1.0).then(|| Duration::from_secs_f64(every))
}

/// What the caller of a method that panicked gets.
fn panicked(method: &str, panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = crate::panic::text(panic);
    error!(method, panic = text, "a method panicked");
    Failure::new("builtins", "RuntimeError", format!("'{method}' panicked: {text}"))
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
    admitted: Admitted<'w>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, F>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }

    /// Every message is handled in a task of its own; on its way there, its state is copied several times.
    #[test]
    fn what_handles_a_message_is_small() {
        type Handled = (Arc<Worker>, Delivery, Arc<()>);
        let task = size_of_future(|(worker, delivery, slot): Handled| worker.handle(delivery, slot));
        assert!(task <= 384, "{task} bytes: box what is large");
        type Running = (&'static Worker, Job<'static>, Arc<()>);
        let work = size_of_future(|(worker, job, slot): Running| worker.run(job, slot));
        assert!(work <= 864, "{work} bytes: box what is rare");
    }
}
