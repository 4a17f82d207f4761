//! The calling side: one connection, made on demand and made again when it is lost.
//!
//! One task, the [`supervisor`], owns the connection. What is not confirmed when it breaks is reported as lost, except
//! what certainly was not taken: that goes to the next connection.

mod supervisor;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::frame::{Encoded, Frame, Outcome, TEXT};
use super::settings::Settings;
use super::socket::Address;
use crate::transport::{ConnectError, Message, Rejected, ReplySink, Route, Sent, TransportError};

/// The first pause before connecting again.
const FIRST_RETRY: Duration = Duration::from_millis(20);

/// The calling side of a direct transport.
pub(super) struct Client {
    address: Address,
    settings: Settings,
    status: watch::Sender<Status>,
    /// Somebody waits for a connection.
    wanted: Notify,
    replies: Mutex<Option<Replies>>,
    /// Cancelled when the transport closes.
    closing: CancellationToken,
}

#[derive(Default)]
struct Status {
    link: Option<Arc<Link>>,
    /// Attempts that ended, well or not.
    attempts: u64,
    /// There was a connection once: from then on the supervisor tries again by itself.
    ever: bool,
    /// Why there is none.
    error: Option<ConnectError>,
}

/// Where the replies go, and up to which one of which incarnation they are there.
#[derive(Clone)]
struct Replies {
    address: String,
    sink: Arc<dyn ReplySink>,
    /// The server gave it to us: it is opened on every connection from the first moment on.
    ours: bool,
    incarnation: u64,
    received: Arc<AtomicU64>,
}

/// A connection as its users see it.
struct Link {
    frames: mpsc::UnboundedSender<Queued>,
    /// Bytes that may still be queued.
    window: Arc<Semaphore>,
    waiters: Mutex<HashMap<u64, oneshot::Sender<Fate>>>,
    last: AtomicU64,
    /// The reply address was opened on this connection.
    opened: AtomicBool,
    /// The server is asked to.
    opening: Mutex<Option<Opening>>,
    incarnation: u64,
}

struct Queued {
    sequence: Option<u64>,
    frame: Encoded,
    _window: Option<OwnedSemaphorePermit>,
}

/// What the server says to the reply address, for all who wait for it.
type Opening = Shared<oneshot::Receiver<Fate>>;

/// What became of a frame.
#[derive(Clone)]
enum Fate {
    Confirmed(Outcome),
    /// It was not written, or the server closed without taking it: sending it again is safe.
    NotTaken,
}

impl Client {
    pub(super) fn new(address: Address, settings: Settings, closing: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            address,
            settings,
            status: watch::Sender::default(),
            wanted: Notify::new(),
            replies: Mutex::default(),
            closing,
        })
    }

    fn replies(&self) -> MutexGuard<'_, Option<Replies>> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn ready(&self, deadline: Instant) -> Result<(), TransportError> {
        match self.link(deadline).await {
            Err(TransportError::Timeout { detail, .. }) => {
                let reason = self.status.borrow().error.clone();
                Err(match reason {
                    Some(reason) => self.connect_error(reason),
                    None => TransportError::Timeout {
                        sent: Sent::No,
                        detail,
                    },
                })
            }
            other => other.map(drop),
        }
    }

    pub(super) async fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        for header in [&message.headers.traceparent, &message.headers.compression] {
            let size = header.as_ref().map_or(0, |header| header.len());
            if size > TEXT {
                let detail = format!("a header may have {TEXT} bytes");
                return Err(Rejected::Oversize { size, detail }.into());
            }
        }
        let size = message.body.len();
        let limit = self.settings.queues.body;
        if size > limit {
            let detail = format!("the limit is {limit} bytes");
            return Err(Rejected::Oversize { size, detail }.into());
        }
        loop {
            let link = self.link(deadline).await?;
            let (route_sent, message) = (route.clone(), message.clone());
            let frame = |sequence| Frame::Send {
                sequence,
                route: route_sent,
                message,
            };
            match self.exchange(&link, size, frame, deadline).await? {
                None => {}
                // Another process may take its place.
                Some(Outcome::Closed) => sleep_until(deadline.min(soon())).await,
                Some(outcome) => return outcome.into_result(&route),
            }
        }
    }

    pub(super) async fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        match &mut *self.replies() {
            Some(open) if open.address != address => {
                return Err(TransportError::Unsupported(format!(
                    "the transport has a reply address already: '{}'",
                    open.address
                )));
            }
            Some(_) => {}
            none => {
                *none = Some(Replies {
                    address: address.clone(),
                    sink,
                    ours: false,
                    incarnation: 0,
                    received: Arc::default(),
                });
            }
        }
        loop {
            let link = self.link(deadline).await?;
            if link.opened.load(Ordering::Acquire) {
                return Ok(());
            }
            // Where the connection goes, the next one is asked.
            let Some(opening) = link.ask_for(&address) else {
                continue;
            };
            let Ok(answer) = timeout_at(deadline, opening.clone()).await else {
                return Err(self.timed_out(Sent::No));
            };
            let Ok(Fate::Confirmed(outcome)) = answer else {
                continue;
            };
            if outcome == Outcome::Routed {
                if let Some(replies) = &mut *self.replies() {
                    replies.ours = true;
                    replies.incarnation = link.incarnation;
                }
                // Once more around: the connection may be another one by now, made before this was known.
                link.opened.store(true, Ordering::Release);
                continue;
            }
            link.opening().take_if(|asked| asked.ptr_eq(&opening));
            if outcome != Outcome::Closed {
                let address = address.as_str().into();
                return outcome.into_result(&Route::Reply { address });
            }
            sleep_until(deadline.min(soon())).await;
        }
    }

    /// Sends a frame and waits for its confirmation. None when the connection ended and the server did not take it.
    async fn exchange(
        &self,
        link: &Arc<Link>,
        size: usize,
        frame: impl FnOnce(u64) -> Frame,
        deadline: Instant,
    ) -> Result<Option<Outcome>, TransportError> {
        let most = u32::try_from(self.settings.window).unwrap_or(u32::MAX);
        let cost = u32::try_from(size).unwrap_or(u32::MAX).saturating_add(256);
        let window = Arc::clone(&link.window).acquire_many_owned(cost.min(most));
        let Ok(window) = timeout_at(deadline, window).await else {
            return Err(self.timed_out(Sent::No));
        };
        // Closed: the connection is gone.
        let Ok(window) = window else { return Ok(None) };
        let Some((sequence, told)) = link.put(frame, Some(window)) else {
            return Ok(None);
        };
        match timeout_at(deadline, told).await {
            Err(_) => {
                link.waiters().remove(&sequence);
                Err(self.timed_out(Sent::Unknown))
            }
            Ok(Ok(Fate::Confirmed(outcome))) => Ok(Some(outcome)),
            Ok(Ok(Fate::NotTaken)) => Ok(None),
            Ok(Err(_)) => Err(TransportError::Lost(self.address.to_string())),
        }
    }

    /// The connection, once there is one. Where there never was one, the outcome of one attempt is the answer.
    async fn link(&self, deadline: Instant) -> Result<Arc<Link>, TransportError> {
        if self.closing.is_cancelled() {
            return Err(TransportError::Closed);
        }
        let mut status = self.status.subscribe();
        let before = {
            let status = status.borrow_and_update();
            if let Some(link) = &status.link {
                return Ok(Arc::clone(link));
            }
            status.attempts
        };
        self.wanted.notify_one();
        loop {
            let changed = tokio::select! {
                changed = timeout_at(deadline, status.changed()) => changed,
                () = self.closing.cancelled() => return Err(TransportError::Closed),
            };
            let status = status.borrow_and_update();
            if let Some(link) = &status.link {
                return Ok(Arc::clone(link));
            }
            if let Some(error) = &status.error
                && !status.ever
                && status.attempts > before
            {
                return Err(self.connect_error(error.clone()));
            }
            if changed.is_err() {
                let mut detail = format!("connecting to {}", self.address);
                if let Some(error) = &status.error {
                    detail = format!("{detail}: {error}");
                }
                let sent = Sent::No;
                return Err(TransportError::Timeout { sent, detail });
            }
        }
    }

    fn timed_out(&self, sent: Sent) -> TransportError {
        TransportError::Timeout {
            sent,
            detail: format!("waiting for {} to take the message", self.address),
        }
    }

    fn connect_error(&self, reason: ConnectError) -> TransportError {
        TransportError::Connect {
            host: self.address.to_string(),
            reason,
        }
    }
}

/// Until what is refused because the server closes is tried again.
fn soon() -> Instant {
    Instant::now() + FIRST_RETRY
}

impl Link {
    fn waiters(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Fate>>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opening(&self) -> MutexGuard<'_, Option<Opening>> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the reply address: once, however many wait for the answer, and whether or not they do to the end.
    /// None when the connection is gone.
    fn ask_for(&self, address: &str) -> Option<Opening> {
        let mut opening = self.opening();
        if opening.is_none() {
            let frame = |sequence| Frame::Open {
                sequence,
                received: 0,
                address: address.to_owned(),
            };
            *opening = self.put(frame, None).map(|(_, told)| told.shared());
        }
        opening.clone()
    }

    /// Queues a frame under a number of its own, and tells what becomes of it. None when the connection is gone.
    fn put(
        &self,
        frame: impl FnOnce(u64) -> Frame,
        window: Option<OwnedSemaphorePermit>,
    ) -> Option<(u64, oneshot::Receiver<Fate>)> {
        let (fate, told) = oneshot::channel();
        let sequence = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.waiters().insert(sequence, fate);
        let queued = Queued {
            sequence: Some(sequence),
            frame: frame(sequence).encode(),
            _window: window,
        };
        if self.frames.send(queued).is_err() {
            self.waiters().remove(&sequence);
            return None;
        }
        Some((sequence, told))
    }

    /// Queues a frame nobody waits for.
    fn queue(&self, frame: Frame) {
        let _ = self.frames.send(Queued {
            sequence: None,
            frame: frame.encode(),
            _window: None,
        });
    }
}

impl Outcome {
    fn into_result(self, route: &Route) -> Result<(), TransportError> {
        match self {
            Self::Routed => Ok(()),
            Self::Unroutable => Err(TransportError::Unroutable(route.clone())),
            Self::Rejected(rejected) => Err(TransportError::Rejected(rejected)),
            Self::InvalidTarget(detail) => Err(TransportError::InvalidTarget(detail)),
            Self::Closed => Err(TransportError::Lost("the server is closing".to_owned())),
        }
    }
}
