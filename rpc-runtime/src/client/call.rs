//! Calls and casts on their way: the futures a generated client returns.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::waiters::{CannotWait, Messages};
use super::{Kind, Outgoing};
use crate::deadline::deadline_in;
use crate::error::{CallError, RpcError, SendError};
use crate::trace;
use crate::transport::{BoxFuture, Sent, TransportError};
use crate::wire::Reply;

/// A call: resolves to what the manager returned.
///
/// The request is written, and the deadline runs, from the moment it is made; it is sent when first polled.
/// Dropping it gives up the wait, not the execution.
#[must_use = "a call is sent when awaited"]
pub struct Call<T, E> {
    answer: BoxFuture<'static, Result<Reply, SendError>>,
    types: PhantomData<fn() -> (T, E)>,
}

impl<T, E> Call<T, E> {
    pub(super) fn new(outgoing: Result<Outgoing, SendError>) -> Self {
        let answer: BoxFuture<'static, _> = match outgoing {
            Ok(outgoing) => outgoing.answered(),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        };
        Self {
            answer,
            types: PhantomData,
        }
    }
}

impl<T: DeserializeOwned, E: RpcError> Future for Call<T, E> {
    type Output = Result<T, CallError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.answer.as_mut().poll(cx).map(|answer| read(&answer?))
    }
}

/// What a reply means to the caller.
pub(super) fn read<T: DeserializeOwned, E: RpcError>(reply: &Reply) -> Result<T, CallError<E>> {
    match reply.failure() {
        Some(failure) => Err(CallError::from_failure(failure)),
        None => reply
            .result()
            .map_err(|error| CallError::Answer(error.to_string())),
    }
}

impl<T, E> std::fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// A cast or a fan-out cast: resolves when the bus has taken the message, whether or not somebody serves its topic.
#[must_use = "a cast is sent when awaited"]
pub struct Cast {
    sent: BoxFuture<'static, Result<(), SendError>>,
}

impl Cast {
    pub(super) fn new(outgoing: Result<Outgoing, SendError>) -> Self {
        let sent: BoxFuture<'static, _> = match outgoing {
            Ok(outgoing) => outgoing.taken(),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        };
        Self { sent }
    }
}

impl Future for Cast {
    type Output = Result<(), SendError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.sent.as_mut().poll(cx)
    }
}

impl std::fmt::Debug for Cast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cast").finish_non_exhaustive()
    }
}

impl Outgoing {
    /// Sends a call through the bus's middleware.
    fn answered(mut self) -> BoxFuture<'static, Result<Reply, SendError>> {
        let Some(layered) = self.bus.layered() else {
            return Box::pin(async move { self.call().await });
        };
        Box::pin(async move {
            let (target, begun) = (self.route.clone(), Instant::now());
            let reply = layered(self).await?;
            reply.ok_or_else(|| SendError::Timeout {
                target,
                waited: begun.elapsed(),
                sent: Sent::Unknown,
                detail: "a layer gave no reply".to_owned(),
            })
        })
    }

    /// Sends a cast through the bus's middleware.
    fn taken(mut self) -> BoxFuture<'static, Result<(), SendError>> {
        match self.bus.layered() {
            None => Box::pin(async move { self.cast().await }),
            Some(layered) => Box::pin(async move { layered(self).await.map(drop) }),
        }
    }

    /// Sends the message, whatever its kind; the reply is that of a call.
    pub(super) async fn send_now(mut self) -> Result<Option<Reply>, SendError> {
        match self.kind {
            Kind::Call => self.call().await.map(Some),
            Kind::Cast | Kind::Fanout => self.cast().await.map(|()| None),
        }
    }

    async fn cast(&mut self) -> Result<(), SendError> {
        let span = trace::send_span(self);
        trace::in_span(span, pin!(self.send_message())).await
    }

    async fn call(&mut self) -> Result<Reply, SendError> {
        let span = trace::send_span(self);
        trace::in_span(span, pin!(self.call_in_span())).await
    }

    async fn call_in_span(&mut self) -> Result<Reply, SendError> {
        if self.monitor.is_some() {
            // Boxed, as below, so that it takes no room in the calls that are not monitored.
            return Box::pin(self.monitored()).await;
        }
        let waiters = self.bus.waiters();
        let (mut answer, _registered) = waiters.once(self.id).map_err(cannot_wait)?;
        let doubt = match self.ask(&mut answer).await? {
            Asked::Answered(answer) => return answer.map_err(|_| SendError::Cancelled),
            Asked::Sent { doubt } => doubt,
        };
        match timeout_at(self.deadline, answer).await {
            Ok(answer) => answer.map_err(|_| SendError::Cancelled),
            Err(_) => Err(self.timed_out(doubt)),
        }
    }

    /// Sends the request, and stops at the first message of an answer: it is proof enough that the request arrived,
    /// even if the bus has not confirmed it yet.
    async fn ask<A: Future + Unpin>(&mut self, answer: A) -> Result<Asked<A::Output>, SendError> {
        let sent = async {
            self.open_replies().await?;
            self.send_message().await
        };
        let sent = tokio::select! {
            biased;
            answer = answer => return Ok(Asked::Answered(answer)),
            sent = sent => sent,
        };
        match sent {
            Ok(()) => Ok(Asked::Sent { doubt: None }),
            // The connection was lost: a request that may have arrived may still be answered.
            Err(SendError::Timeout {
                sent: Sent::Unknown,
                detail,
                ..
            }) => Ok(Asked::Sent { doubt: Some(detail) }),
            Err(error) => Err(error),
        }
    }

    async fn monitored(&mut self) -> Result<Reply, SendError> {
        let mut parts = self.open().await?;
        let mut part = None;
        loop {
            let reply = parts.next(self).await?;
            match (reply.ending(), reply.failed() || reply.has_result()) {
                (true, true) => return Ok(reply),
                (true, false) => return Ok(part.unwrap_or(reply)),
                (false, true) => part = Some(reply),
                // A heartbeat: the server is alive.
                (false, false) => {}
            }
        }
    }

    /// Sends a call whose answer comes in several messages.
    pub(super) async fn open(&mut self) -> Result<Parts, SendError> {
        let mut messages = self.bus.waiters().many(self.id).map_err(cannot_wait)?;
        let (first, doubt) = match self.ask(pin!(messages.next())).await? {
            Asked::Answered(first) => (Some(first.map_err(cannot_wait)?), None),
            Asked::Sent { doubt } => (None, doubt),
        };
        Ok(Parts {
            messages,
            first,
            doubt,
        })
    }

    async fn open_replies(&self) -> Result<(), SendError> {
        if self.bus.has_replies() {
            return Ok(());
        }
        let mut opened = Box::pin(self.bounded(self.bus.open_replies(self.deadline), Sent::No)).await;
        if let Err(SendError::Timeout { sent, .. }) = &mut opened {
            // Whatever has become of the address, the message is still here.
            *sent = Sent::No;
        }
        opened
    }

    async fn send_message(&mut self) -> Result<(), SendError> {
        let message = trace::attach(std::mem::take(&mut self.message));
        let transport = self.bus.transport();
        let sending = transport.send(self.route.clone(), message, self.deadline);
        self.bounded(sending, Sent::Unknown).await
    }

    /// The transport keeps the deadline by itself; this is the belt to its braces. `sent` is how far the message may
    /// be when the time is over.
    async fn bounded(
        &self,
        work: impl Future<Output = Result<(), TransportError>>,
        sent: Sent,
    ) -> Result<(), SendError> {
        const GRACE: Duration = Duration::from_millis(250);
        let mut work = pin!(work);
        // What a bus does at once needs no timer.
        let done = match work.as_mut().now_or_never() {
            Some(done) => Ok(done),
            None => timeout_at(self.deadline + GRACE, work).await,
        };
        let done = match done {
            Ok(done) => done,
            Err(_) => {
                let detail = match sent {
                    Sent::No => "waiting for the reply queue".to_owned(),
                    _ => String::new(),
                };
                Err(TransportError::Timeout { sent, detail })
            }
        };
        done.map_err(|error| SendError::from_transport(error, &self.route, self.waited()))
    }

    /// How long this has lasted.
    fn waited(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.limit.saturating_sub(left)
    }

    /// No answer came in time. `doubt` is why the bus has perhaps not even confirmed the request.
    fn timed_out(&self, doubt: Option<String>) -> SendError {
        SendError::Timeout {
            target: self.route.clone(),
            waited: self.waited(),
            sent: if doubt.is_some() {
                Sent::Unknown
            } else {
                Sent::Confirmed
            },
            detail: doubt.unwrap_or_default(),
        }
    }
}

fn cannot_wait(error: CannotWait) -> SendError {
    match error {
        CannotWait::Full(rejected) => SendError::Rejected(rejected),
        CannotWait::Twice => SendError::Unsupported(
            "a clone of this message is on its way: send this one when that has ended".to_owned(),
        ),
        CannotWait::Closed => SendError::Cancelled,
    }
}

/// How far a request came.
enum Asked<A> {
    /// This answer came before the bus had confirmed the request.
    Answered(A),
    Sent {
        /// Why the bus has perhaps not confirmed the request.
        doubt: Option<String>,
    },
}

/// An answer that comes in several messages.
pub(super) struct Parts {
    messages: Messages,
    /// What came already.
    first: Option<Reply>,
    /// Why the request has perhaps not arrived; nothing once there is an answer.
    doubt: Option<String>,
}

impl Parts {
    /// The next message, within the deadline and the monitor's limit of silence.
    pub(super) async fn next(&mut self, outgoing: &Outgoing) -> Result<Reply, SendError> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let silence = outgoing.monitor.map(deadline_in);
        let until = silence.map_or(outgoing.deadline, |silence| silence.min(outgoing.deadline));
        match timeout_at(until, self.messages.next()).await {
            Ok(reply) => {
                self.doubt = None;
                reply.map_err(cannot_wait)
            }
            Err(_) => match outgoing.monitor {
                // Only a server that was there can be lost.
                Some(silent) if until < outgoing.deadline && self.doubt.is_none() => {
                    Err(SendError::ServerLost {
                        target: outgoing.route.clone(),
                        silent,
                    })
                }
                _ => Err(outgoing.timed_out(self.doubt.take())),
            },
        }
    }
}
