//! Replies on their way to callers: the one place that decides where a reply may go, and how long it is tried.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};

use crate::deadline::deadline_in;
use crate::transport::{BoxFuture, Headers, Message, Rejected, Route, Transport, TransportError};
use crate::wire::{EncodedResult, Failure, MAX_BODY, Reply, Request};

/// A returned reply is tried again at this pace (oslo.messaging's).
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// How many lost callers are remembered (oslo.messaging's).
const LOST_CALLERS: usize = 200;
/// How many replies may wait for their callers to come back; further ones are given up at once.
const WAITING_REPLIES: usize = 1000;

/// Sends the replies of one server.
pub(super) struct Replier {
    transport: Arc<dyn Transport>,
    /// How long a reply is tried whose caller is not there (`kombu_missing_consumer_retry_timeout`).
    patience: Duration,
    lost: Mutex<VecDeque<(Instant, Arc<str>)>>,
    /// Where the last caller is; most often the next one is there, too.
    last: Mutex<Arc<str>>,
    waiting: Semaphore,
}

/// Where the answers to one call go, and in which form.
pub(super) struct Caller {
    address: Arc<str>,
    request: Arc<Request>,
}

impl Caller {
    fn route(&self) -> Route {
        Route::Reply {
            address: self.address.clone(),
        }
    }

    fn msg_id(&self) -> &str {
        self.request.msg_id().unwrap_or_default()
    }

    /// A result. Callers older than `_timeout` read it only from a message that does not end the call.
    pub(super) fn value(&self, value: EncodedResult) -> Messages {
        if self.request.reads_single_reply() || value.is_null() {
            return [Some(value.finish(self.msg_id(), true)), None];
        }
        [Some(value.finish(self.msg_id(), false)), self.ending()]
    }

    /// One of several results.
    pub(super) fn item(&self, value: EncodedResult) -> Messages {
        [Some(value.finish(self.msg_id(), false)), None]
    }

    /// The end of a call that has no further result.
    pub(super) fn end(&self) -> Messages {
        [self.ending(), None]
    }

    fn ending(&self) -> Option<Vec<u8>> {
        Some(Reply::empty_body(self.msg_id(), true))
    }

    /// A failure.
    pub(super) fn failure(&self, failure: &Failure) -> Messages {
        let single = self.request.reads_single_reply();
        let body = Reply::failure_body(failure, self.msg_id(), single);
        [Some(body), if single { None } else { self.ending() }]
    }

    fn oversize(&self, size: usize, detail: &str) -> Vec<u8> {
        let text = format!("the answer of {size} bytes is larger than the bus takes: {detail}");
        let failure = Failure::new("rpc_runtime", "Oversize", text);
        Reply::failure_body(&failure, self.msg_id(), true)
    }
}

/// The bodies that make an answer, or a part of one, in order.
pub(super) type Messages = [Option<Vec<u8>>; 2];

fn is_reply_address(address: &str) -> bool {
    address.starts_with("reply_") && address.len() <= 255
}

impl Replier {
    pub(super) fn new(transport: Arc<dyn Transport>, patience: Duration) -> Self {
        Self {
            transport,
            patience,
            lost: Mutex::default(),
            last: Mutex::default(),
            waiting: Semaphore::new(WAITING_REPLIES),
        }
    }

    /// The caller of a request. `None` for a cast, and for an address that is not a reply queue: a server must
    /// not publish to whatever queue a message names.
    pub(super) fn caller(&self, request: &Arc<Request>) -> Option<Caller> {
        request.msg_id()?;
        let Some(address) = request.reply_q().filter(|address| is_reply_address(address)) else {
            warn!(
                method = request.method(),
                "a call without a reply queue: its answer cannot be sent"
            );
            return None;
        };
        Some(Caller {
            address: self.shared(address),
            request: request.clone(),
        })
    }

    /// An address, in memory that the calls of one caller share.
    fn shared(&self, address: &str) -> Arc<str> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if **last != *address {
            *last = address.into();
        }
        Arc::clone(&last)
    }

    /// Tells a monitored caller that the method is still running. Not tried twice.
    pub(super) async fn heartbeat(&self, caller: &Caller) -> bool {
        let body = Reply::empty_body(caller.msg_id(), false);
        self.send(caller, body.into(), deadline_in(self.patience))
            .await
            .is_ok()
    }

    /// Sends the messages of an answer, one after the other; false when one of them could not be sent.
    pub(super) async fn answer(&self, caller: &Caller, messages: Messages) -> bool {
        let [first, second] = messages;
        if let Some(body) = first
            && !self.answer_with(caller, body).await
        {
            return false;
        }
        match second {
            None => true,
            // Only old callers need it. Boxed, so that it takes no room where it is not sent.
            Some(body) => Box::pin(self.answer_with(caller, body)).await,
        }
    }

    /// Sends a message of an answer. When the bus refuses it for its size, the caller is told so instead of left
    /// waiting; that ends the call. True if the message itself was sent.
    async fn answer_with(&self, caller: &Caller, body: Vec<u8>) -> bool {
        let refused = match self.deliver(caller, body.into()).await {
            Ok(()) => return true,
            Err(refused) => refused,
        };
        if let TransportError::Rejected(Rejected::Oversize { size, detail }) = refused {
            let told = caller.oversize(size, &detail);
            // Whether that arrives changes nothing for the one who answers.
            let _ = Box::pin(self.deliver(caller, told.into())).await;
        }
        false
    }

    async fn deliver(&self, caller: &Caller, body: Bytes) -> Result<(), TransportError> {
        if body.len() > MAX_BODY {
            let (size, detail) = (body.len(), format!("no peer reads more than {MAX_BODY} bytes"));
            return Err(Rejected::Oversize { size, detail }.into());
        }
        let until = deadline_in(self.patience);
        match self.try_to_send(caller, body.clone(), until).await {
            Err(TransportError::Unroutable(_)) if !self.is_lost(&caller.address) => {}
            sent => return sent,
        }
        if !self.transport.restores_addresses() {
            return Err(Self::give_up(caller));
        }
        // The caller may be reconnecting: it will restore its queue under the same name. Boxed, so that what is
        // rare takes no room where it does not happen.
        Box::pin(self.keep_trying(caller, body, until)).await
    }

    async fn keep_trying(&self, caller: &Caller, body: Bytes, until: Instant) -> Result<(), TransportError> {
        let place = self.waiting.try_acquire();
        while place.is_ok() && Instant::now() + RETRY_EVERY <= until {
            sleep(RETRY_EVERY).await;
            match self.try_to_send(caller, body.clone(), until).await {
                Err(TransportError::Unroutable(_)) if !self.is_lost(&caller.address) => {}
                sent => return sent,
            }
        }
        self.remember_lost(caller.address.clone());
        Err(Self::give_up(caller))
    }

    fn give_up(caller: &Caller) -> TransportError {
        warn!(address = %caller.address, "the caller is gone: its reply is given up");
        TransportError::Unroutable(caller.route())
    }

    /// Sends a message, unless its caller is known to be gone.
    async fn try_to_send(&self, caller: &Caller, body: Bytes, until: Instant) -> Result<(), TransportError> {
        if self.is_lost(&caller.address) {
            debug!(address = %caller.address, "a reply to a caller that is gone was dropped");
            return Err(TransportError::Unroutable(caller.route()));
        }
        let sent = self.send(caller, body, until).await;
        if let Err(error) = &sent
            && !matches!(error, TransportError::Unroutable(_))
        {
            warn!(address = %caller.address, %error, "a reply could not be sent");
        }
        sent
    }

    fn send(
        &self,
        caller: &Caller,
        body: Bytes,
        until: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        let message = Message {
            body,
            headers: Headers::default(),
            expiration: None,
            mandatory: true,
        };
        self.transport.send(caller.route(), message, until)
    }

    fn is_lost(&self, address: &str) -> bool {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        while lost
            .front()
            .is_some_and(|(since, _)| since.elapsed() > self.patience)
        {
            lost.pop_front();
        }
        lost.iter().any(|(_, gone)| **gone == *address)
    }

    fn remember_lost(&self, address: Arc<str>) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.len() == LOST_CALLERS {
            lost.pop_front();
        }
        lost.push_back((Instant::now(), address));
    }
}
