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
/// What answers on their way may hold in memory, in pieces of this many bytes: 64 MiB in all, and 16384 answers. While
/// the bus takes no more, methods wait with their answers, and further requests stay with the bus.
const PIECE: usize = 4096;
const ROOM: u32 = 16_384;

/// Sends the replies of one server.
pub(super) struct Replier {
    transport: Arc<dyn Transport>,
    /// How long a reply is tried whose caller is not there (`kombu_missing_consumer_retry_timeout`).
    patience: Duration,
    lost: Mutex<VecDeque<(Instant, Arc<str>)>>,
    /// Where the last caller is; most often the next one is there, too.
    last: Mutex<Arc<str>>,
    waiting: Semaphore,
    /// Room for what is sent and not taken by the bus, in pieces.
    on_their_way: Semaphore,
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

/// The room that an answer takes on its way. The largest one finds room when it is alone.
fn places(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE))
        .unwrap_or(ROOM)
        .clamp(1, ROOM)
}

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
            on_their_way: Semaphore::new(ROOM as usize),
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

    /// Tells a monitored caller, again and again, that its method is running. A beat that is lost is not tried again,
    /// but the next one is, for as long as an answer would be: the caller may be reconnecting. Ends when it is gone.
    pub(super) async fn beats(&self, caller: &Caller, every: Duration) {
        let mut unheard = None;
        loop {
            sleep(every).await;
            let body = Reply::empty_body(caller.msg_id(), false);
            match self.send(caller, body.into(), deadline_in(self.patience)).await {
                Ok(()) => unheard = None,
                Err(TransportError::Unroutable(_)) if !self.transport.restores_addresses() => break,
                Err(_) => {
                    let since = unheard.get_or_insert_with(Instant::now);
                    if since.elapsed() > self.patience {
                        break;
                    }
                }
            }
        }
        debug!(address = %caller.address, "a monitored caller is gone: no further heartbeats");
    }

    /// Sends the messages of an answer, one after the other; false when one of them could not be sent. `slot` is
    /// dropped as soon as the answer has a place among those on their way.
    pub(super) async fn answer<S: Send>(&self, caller: &Caller, messages: Messages, slot: S) -> bool {
        let [first, second] = messages;
        if let Some(body) = first
            && !self.answer_with(caller, body, slot).await
        {
            return false;
        }
        match second {
            None => true,
            // Only old callers need it. Boxed, so that it takes no room where it is not sent.
            Some(body) => Box::pin(self.answer_with(caller, body, ())).await,
        }
    }

    /// Sends a message of an answer. When the bus refuses it for its size, the caller is told so instead of left
    /// waiting; that ends the call. True if the message itself was sent.
    async fn answer_with<S: Send>(&self, caller: &Caller, body: Vec<u8>, slot: S) -> bool {
        let places = places(body.len());
        let place = match self.on_their_way.try_acquire_many(places) {
            Ok(place) => Some(place),
            // Boxed, so that what is rare takes no room where it does not happen.
            Err(_) => Box::pin(self.on_their_way.acquire_many(places)).await.ok(),
        };
        drop(slot);
        let refused = match self.deliver(caller, body.into(), place).await {
            Ok(()) => return true,
            Err(refused) => refused,
        };
        if let TransportError::Rejected(Rejected::Oversize { size, detail }) = refused {
            let told = caller.oversize(size, &detail);
            // Whether that arrives changes nothing for the one who answers.
            let _ = Box::pin(self.deliver(caller, told.into(), ())).await;
        }
        false
    }

    /// Delivers a message. `place` is held until the bus has taken it, and not for a caller that is not there.
    async fn deliver<P: Send>(&self, caller: &Caller, body: Bytes, place: P) -> Result<(), TransportError> {
        if body.len() > MAX_BODY {
            let (size, detail) = (body.len(), format!("no peer reads more than {MAX_BODY} bytes"));
            return Err(Rejected::Oversize { size, detail }.into());
        }
        let until = deadline_in(self.patience);
        match self.try_to_send(caller, body.clone(), until).await {
            Err(TransportError::Unroutable(_)) if !self.is_lost(&caller.address) => {}
            sent => return sent,
        }
        drop(place);
        if !self.transport.restores_addresses() {
            return Err(Self::give_up(caller));
        }
        // The caller may be reconnecting: it will restore its queue under the same name. Boxed, so that what is
        // rare takes no room where it does not happen.
        Box::pin(self.keep_trying(caller, body, until)).await
    }

    async fn keep_trying(&self, caller: &Caller, body: Bytes, until: Instant) -> Result<(), TransportError> {
        // Without a place this one reply is given up; that says nothing of its caller.
        let Ok(_place) = self.waiting.try_acquire() else {
            return Err(Self::give_up(caller));
        };
        while Instant::now() + RETRY_EVERY <= until {
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
        warn!(address = %caller.address, "the caller is not there: its reply is given up");
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
