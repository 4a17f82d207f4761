//! The calling side: one connection, made on demand and made again when it is lost.
//!
//! One task, the supervisor, owns the connection. What is not confirmed when it breaks is reported as lost, except
//! what certainly was not taken: that goes to the next connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::frame::{Encoded, Frame, Outcome, TEXT};
use super::settings::Settings;
use super::socket::Address;
use super::stream::{FrameReader, FrameWriter, LAST_WORDS, StreamError, give_up};
use crate::transport::{ConnectError, Message, Rejected, ReplySink, Route, Sent, TransportError};

/// The first pause before connecting again.
const FIRST_RETRY: Duration = Duration::from_millis(20);

/// Of the frame that opens the reply address on a new connection; others begin after it.
const OPENING: u64 = 0;

/// Frames that are written at once.
const BATCH: usize = 256;

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
}

struct Queued {
    sequence: Option<u64>,
    frame: Encoded,
    _window: Option<OwnedSemaphorePermit>,
}

/// What became of a frame.
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
        let replies = Replies {
            address: address.clone(),
            sink,
            ours: false,
            incarnation: 0,
            received: Arc::default(),
        };
        match &mut *self.replies() {
            Some(open) if open.address != address => {
                return Err(TransportError::Unsupported(format!(
                    "the transport has a reply address already: '{}'",
                    open.address
                )));
            }
            open => *open = Some(replies),
        }
        loop {
            let link = self.link(deadline).await?;
            if link.opened.swap(true, Ordering::AcqRel) {
                return Ok(());
            }
            let open = address.clone();
            let frame = |sequence| Frame::Open {
                sequence,
                received: 0,
                address: open,
            };
            let outcome = self.exchange(&link, 0, frame, deadline).await;
            if !matches!(outcome, Ok(Some(Outcome::Routed))) {
                link.opened.store(false, Ordering::Release);
            }
            match outcome? {
                None => {}
                // Once more around: the connection may be another one by now, made before this was known.
                Some(Outcome::Routed) => {
                    if let Some(replies) = &mut *self.replies() {
                        replies.ours = true;
                    }
                }
                Some(Outcome::Closed) => sleep_until(deadline.min(soon())).await,
                Some(outcome) => {
                    let address = address.as_str().into();
                    return outcome.into_result(&Route::Reply { address });
                }
            }
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
        let timed_out = |sent| TransportError::Timeout {
            sent,
            detail: format!("waiting for {} to take the message", self.address),
        };
        let most = u32::try_from(self.settings.window).unwrap_or(u32::MAX);
        let cost = u32::try_from(size).unwrap_or(u32::MAX).saturating_add(256);
        let window = Arc::clone(&link.window).acquire_many_owned(cost.min(most));
        let Ok(window) = timeout_at(deadline, window).await else {
            return Err(timed_out(Sent::No));
        };
        // Closed: the connection is gone.
        let Ok(window) = window else { return Ok(None) };
        let (fate, told) = oneshot::channel();
        let sequence = link.last.fetch_add(1, Ordering::Relaxed) + 1;
        link.waiters().insert(sequence, fate);
        let queued = Queued {
            sequence: Some(sequence),
            frame: frame(sequence).encode(),
            _window: Some(window),
        };
        if link.frames.send(queued).is_err() {
            link.waiters().remove(&sequence);
            return Ok(None);
        }
        match timeout_at(deadline, told).await {
            Err(_) => {
                link.waiters().remove(&sequence);
                Err(timed_out(Sent::Unknown))
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

    fn connect_error(&self, reason: ConnectError) -> TransportError {
        TransportError::Connect {
            host: self.address.to_string(),
            reason,
        }
    }

    /// Makes the connection whenever it is wanted, and once there was one, whenever it is gone.
    pub(super) async fn supervise(self: Arc<Self>) {
        let mut pause = FIRST_RETRY;
        loop {
            if !self.status.borrow().ever {
                tokio::select! {
                    () = self.wanted.notified() => {}
                    () = self.closing.cancelled() => return,
                }
            }
            let connected = tokio::select! {
                connected = self.connect() => connected,
                () = self.closing.cancelled() => return,
            };
            let error = match connected {
                Ok(connection) => {
                    pause = FIRST_RETRY;
                    let error = self.run(connection).await;
                    if self.closing.is_cancelled() {
                        return;
                    }
                    tracing::info!(address = %self.address, %error, "connection lost");
                    ConnectError::Other(format!("the connection was lost: {error}"))
                }
                Err(error) => error,
            };
            self.status.send_modify(|status| {
                status.link = None;
                status.attempts += 1;
                status.error = Some(error);
            });
            if self.status.borrow().ever {
                tokio::select! {
                    () = sleep(with_jitter(pause)) => {}
                    () = self.closing.cancelled() => return,
                }
                pause = (pause * 2).min(self.settings.retry);
            }
        }
    }

    /// Connects, greets, and opens the reply address again.
    async fn connect(&self) -> Result<Connection, ConnectError> {
        let limit = self.settings.connect;
        let (read, write) = timeout(limit, self.address.connect())
            .await
            .unwrap_or(Err(ConnectError::Timeout("the connection")))?;
        let reader = FrameReader::new(read, &self.settings);
        let writer = FrameWriter::new(write, &self.settings);
        timeout(limit, self.greet(reader, writer))
            .await
            .unwrap_or(Err(ConnectError::Timeout("the greeting")))
    }

    async fn greet(
        &self,
        mut reader: FrameReader,
        mut writer: FrameWriter,
    ) -> Result<Connection, ConnectError> {
        let protocol = |error: StreamError| ConnectError::Protocol(error.to_string());
        let hello = Frame::Hello { incarnation: 0 };
        writer.put(&hello.encode()).await.map_err(protocol)?;
        writer.flush().await.map_err(protocol)?;
        let incarnation = match reader.next().await.map_err(protocol)? {
            Some(Frame::Hello { incarnation }) => incarnation,
            Some(_) => return Err(protocol(StreamError::Unexpected)),
            // A server at its limit of connections, or one that is closing.
            None => return Err(ConnectError::Other("closed by the server".to_owned())),
        };
        reader.greeted();
        let replies = {
            let mut replies = self.replies();
            if let Some(replies) = &mut *replies
                && replies.incarnation != incarnation
            {
                replies.incarnation = incarnation;
                replies.received = Arc::default();
            }
            replies.clone().filter(|replies| replies.ours)
        };
        if let Some(replies) = &replies {
            let open = Frame::Open {
                sequence: OPENING,
                received: replies.received.load(Ordering::Acquire),
                address: replies.address.clone(),
            };
            writer.put(&open.encode()).await.map_err(protocol)?;
            writer.flush().await.map_err(protocol)?;
            match reader.next().await.map_err(protocol)? {
                Some(Frame::Confirm {
                    outcome: Outcome::Routed,
                    ..
                }) => {}
                Some(Frame::Confirm { outcome, .. }) => {
                    return Err(ConnectError::Other(format!(
                        "the reply address was refused: {outcome:?}"
                    )));
                }
                Some(_) => return Err(protocol(StreamError::Unexpected)),
                None => return Err(protocol(StreamError::Ended)),
            }
        }
        let (frames, queue) = mpsc::unbounded_channel();
        let link = Arc::new(Link {
            frames,
            window: Arc::new(Semaphore::new(self.settings.window.min(Semaphore::MAX_PERMITS))),
            waiters: Mutex::default(),
            last: AtomicU64::new(OPENING),
            opened: AtomicBool::new(replies.is_some()),
        });
        Ok(Connection {
            link,
            reader,
            writer,
            queue,
        })
    }

    /// Works a connection until it ends, and settles what was under way on it.
    async fn run(&self, connection: Connection) -> StreamError {
        let Connection {
            link,
            mut reader,
            writer,
            mut queue,
        } = connection;
        self.status.send_modify(|status| {
            status.link = Some(Arc::clone(&link));
            status.attempts += 1;
            status.ever = true;
            status.error = None;
        });
        tracing::debug!(address = %self.address, "connected");
        let end = tokio::select! {
            end = self.read(&mut reader, &link) => end,
            end = self.write(writer, &mut queue) => {
                // What the server has to say to that, or said before it went away, is still to be read.
                let rest = timeout(LAST_WORDS / 2, self.read(&mut reader, &link)).await;
                rest.unwrap_or(Err(end.err().unwrap_or(StreamError::Ended)))
            }
            () = give_up(&self.closing) => Err(StreamError::Stalled),
        };
        // From here on nobody gets this link, and what is queued on it was not written.
        self.status.send_modify(|status| status.link = None);
        link.window.close();
        queue.close();
        while let Ok(queued) = queue.try_recv() {
            let waiter = queued.sequence.and_then(|it| link.waiters().remove(&it));
            if let Some(waiter) = waiter {
                let _ = waiter.send(Fate::NotTaken);
            }
        }
        for (_, waiter) in std::mem::take(&mut *link.waiters()) {
            // Otherwise whoever waits learns from its channel that nothing is known.
            if end.is_ok() {
                let _ = waiter.send(Fate::NotTaken);
            }
        }
        end.err().unwrap_or(StreamError::Ended)
    }

    /// Reads until the server says goodbye: then it has taken nothing that it did not confirm.
    async fn read(&self, reader: &mut FrameReader, link: &Link) -> Result<(), StreamError> {
        let mut received = None;
        loop {
            let frame = match reader.buffered()? {
                Some(frame) => frame,
                None => {
                    // One word for all that came at once.
                    if let Some(sequence) = received.take() {
                        link.queue(Frame::Received { sequence });
                    }
                    reader.next().await?.ok_or(StreamError::Ended)?
                }
            };
            match frame {
                Frame::Confirm { sequence, outcome } => {
                    let waiter = link.waiters().remove(&sequence);
                    if let Some(waiter) = waiter {
                        let _ = waiter.send(Fate::Confirmed(outcome));
                    }
                }
                Frame::Reply {
                    sequence,
                    headers,
                    body,
                } => {
                    let replies = self.replies().clone().ok_or(StreamError::Unexpected)?;
                    // A reply comes again when the connection broke before the server knew that it is here.
                    if replies.received.fetch_max(sequence, Ordering::AcqRel) < sequence {
                        replies.sink.deliver(body, headers);
                    }
                    received = Some(sequence);
                }
                Frame::Pong => {}
                Frame::Goodbye => return Ok(()),
                Frame::Hello { .. }
                | Frame::Open { .. }
                | Frame::Send { .. }
                | Frame::Received { .. }
                | Frame::Ping => return Err(StreamError::Unexpected),
            }
        }
    }

    /// Writes what is queued, until the transport closes: then what is left, and a goodbye.
    async fn write(
        &self,
        mut writer: FrameWriter,
        queue: &mut mpsc::UnboundedReceiver<Queued>,
    ) -> Result<(), StreamError> {
        let mut batch = Vec::new();
        loop {
            let queued = timeout(self.settings.ping, queue.recv_many(&mut batch, BATCH));
            let ping = tokio::select! {
                queued = queued => queued.is_err(),
                () = self.closing.cancelled() => break,
            };
            if ping {
                writer.put(&Frame::Ping.encode()).await?;
            }
            for queued in batch.drain(..) {
                writer.put(&queued.frame).await?;
            }
            writer.flush().await?;
        }
        while let Ok(queued) = queue.try_recv() {
            writer.put(&queued.frame).await?;
        }
        writer.finish().await
    }
}

/// Until what is refused because the server closes is tried again.
fn soon() -> Instant {
    Instant::now() + FIRST_RETRY
}

/// A connection as the supervisor has it.
struct Connection {
    link: Arc<Link>,
    reader: FrameReader,
    writer: FrameWriter,
    queue: mpsc::UnboundedReceiver<Queued>,
}

impl Link {
    fn waiters(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Fate>>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Between half of it and all of it, so that clients of one server do not come back at the same moment.
fn with_jitter(pause: Duration) -> Duration {
    let random = uuid::Uuid::new_v4().as_u64_pair().0;
    let share = f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX);
    pause.mul_f64(0.5 + share / 2.0)
}
