//! One supervised connection: it comes back, with back-off, until the link is closed.
//!
//! A link is the one owner of recovery; lapin's own stays off. What uses a connection holds a [`Session`], and
//! drops all it made of it when the session ends. Knows no queue and no message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Event};
use tokio::sync::watch;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::connect::{Connected, Failure, SocketGuard, connect};
use super::screen::Heard;
use crate::transport::ConnectError;
use crate::transport::url::RabbitUrl;

/// How long a single exchange with the broker may take, such as opening a channel.
pub(super) const STEP_LIMIT: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// When somebody has to change something first.
const FINAL_PAUSE: Duration = Duration::from_secs(5);
/// A connection that lasted so long was a good one: the next pause is short again.
const LASTED: Duration = Duration::from_secs(5);
/// lapin never uses a channel number again that the broker closed, and RabbitMQ allows 2047.
const CHANNEL_ERRORS: u32 = 1000;
const CLOSE_LIMIT: Duration = Duration::from_millis(500);

/// Where a link stands.
#[derive(Clone, Debug)]
pub(super) enum Status {
    /// Not connected; why, as far as it is known.
    Down(Option<Arc<Failure>>),
    Up(Arc<Session>),
    Closed,
}

/// What a live connection is like at the moment.
#[derive(Clone, Default, Debug)]
pub(super) struct Health {
    /// The connection is of no more use, and why.
    pub(super) ended: Option<Arc<str>>,
    /// The broker takes no messages, and why.
    pub(super) blocked: Option<Arc<str>>,
}

/// One connection, from its handshake to its end: a generation.
#[derive(Debug)]
pub(super) struct Session {
    connection: lapin::Connection,
    /// What the broker said on this connection.
    pub(super) heard: Arc<Heard>,
    health: watch::Sender<Health>,
    socket: SocketGuard,
    number: u64,
}

impl Session {
    /// Follows what the connection is like.
    pub(super) fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Why the broker takes no messages, if so.
    pub(super) fn blocked(&self) -> Option<Arc<str>> {
        self.health.borrow().blocked.clone()
    }

    /// Which connection of its link this is, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Ends the connection: it cannot be trusted any more. The link makes a new one.
    pub(super) fn fail(&self, why: &str) {
        self.health.send_if_modified(|health| {
            let first = health.ended.is_none();
            if first {
                health.ended = Some(why.into());
            }
            first
        });
    }

    pub(super) fn is_over(&self) -> bool {
        self.health.borrow().ended.is_some() || !self.connection.status().connected()
    }

    /// Resolves when the connection is of no more use.
    pub(super) async fn over(&self) {
        // An error means that the session itself is gone.
        let _ = self.health().wait_for(|health| health.ended.is_some()).await;
    }

    /// Waits until the broker takes messages. False when the session is over.
    pub(super) async fn usable(&self) -> bool {
        let mut health = self.health();
        let decided = health.wait_for(|health| health.ended.is_some() || health.blocked.is_none());
        decided.await.is_ok_and(|health| health.ended.is_none())
    }

    /// Opens a channel, or ends the session.
    pub(super) async fn channel(&self) -> Option<Channel> {
        loop {
            let create = self.connection.create_channel();
            match self.step("opening a channel", create).await? {
                // What the broker once said to a channel of that number: lapin goes on to the next.
                Err(error) if error.is_amqp_soft_error() => {}
                opened => return self.ok(opened),
            }
        }
    }

    /// Opens a channel on which the broker confirms what it takes.
    pub(super) async fn confirm_channel(&self) -> Option<Channel> {
        let channel = self.channel().await?;
        let select = channel.confirm_select(ConfirmSelectOptions::default());
        let selected = self.step("asking for confirms", select).await?;
        self.ok(selected).map(|()| channel)
    }

    /// What cannot fail on a connection that works.
    fn ok<T>(&self, done: lapin::Result<T>) -> Option<T> {
        done.inspect_err(|error| self.fail(&error.to_string())).ok()
    }

    /// Waits for one exchange with the broker. When it takes too long, the session is over: `None`. Unless the
    /// broker blocks the connection: then it is to be tried again later.
    pub(super) async fn step<T>(&self, what: &str, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = timeout(STEP_LIMIT, work) => match done {
                Ok(done) => Some(done),
                Err(_) => {
                    if self.blocked().is_none() {
                        self.fail(&format!("no answer to {what} in time"));
                    }
                    None
                }
            },
            () = self.over() => None,
        }
    }
}

/// A handle on a supervised connection. It connects when first used, and closes with its last handle.
#[derive(Clone, Debug)]
pub(super) struct Link {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    url: Arc<RabbitUrl>,
    purpose: &'static str,
    status: Arc<watch::Sender<Status>>,
    started: AtomicBool,
    closing: CancellationToken,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl Link {
    /// A link that is not connected yet. `purpose` is for the log.
    pub(super) fn new(url: Arc<RabbitUrl>, purpose: &'static str) -> Self {
        Self {
            shared: Arc::new(Shared {
                url,
                purpose,
                status: Arc::new(watch::Sender::new(Status::Down(None))),
                started: AtomicBool::new(false),
                closing: CancellationToken::new(),
            }),
        }
    }

    /// Follows where the link stands; connects if nothing did so before.
    pub(super) fn follow(&self) -> watch::Receiver<Status> {
        let shared = &self.shared;
        if !shared.started.swap(true, Ordering::AcqRel) {
            tokio::spawn(
                Supervisor {
                    url: Arc::clone(&shared.url),
                    purpose: shared.purpose,
                    status: Arc::clone(&shared.status),
                    closing: shared.closing.clone(),
                }
                .run(),
            );
        }
        shared.status.subscribe()
    }

    /// Where the link stands, whether it was used or not.
    pub(super) fn status(&self) -> watch::Ref<'_, Status> {
        self.shared.status.borrow()
    }

    /// Closes the connection; done when its socket is gone.
    pub(super) async fn close(&self) {
        self.shared.closing.cancel();
        if self.shared.started.swap(true, Ordering::AcqRel) {
            let mut status = self.shared.status.subscribe();
            let _ = status.wait_for(|status| matches!(status, Status::Closed)).await;
        } else {
            self.shared.status.send_replace(Status::Closed);
        }
    }
}

/// The task behind a link.
struct Supervisor {
    url: Arc<RabbitUrl>,
    purpose: &'static str,
    status: Arc<watch::Sender<Status>>,
    closing: CancellationToken,
}

impl Supervisor {
    async fn run(self) {
        let closing = self.closing.clone();
        // Dropping the loop drops the session, and with it the socket.
        if closing.run_until_cancelled(self.keep_connected()).await.is_none() {
            self.close().await;
        }
        self.status.send_replace(Status::Closed);
    }

    async fn keep_connected(&self) {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let first_pause = self
            .url
            .options
            .retry_interval
            .unwrap_or(FIRST_PAUSE)
            .max(FIRST_PAUSE);
        let mut pause = first_pause;
        loop {
            let failure = match connect(&self.url).await {
                Err(failure) => failure,
                Ok(connected) => {
                    let host = connected.host.clone();
                    info!(%host, purpose = self.purpose, "connected to RabbitMQ");
                    let since = Instant::now();
                    let why = self
                        .serve(connected, NUMBERS.fetch_add(1, Ordering::Relaxed))
                        .await;
                    if since.elapsed() > LASTED {
                        pause = first_pause;
                    }
                    Failure {
                        host,
                        reason: ConnectError::Other(format!("the connection was lost: {why}")),
                    }
                }
            };
            // All clients of a broker that comes back must not arrive at once.
            let spread = fastrand::f64() / 2.0;
            let wait = match failure.is_final() {
                true => FINAL_PAUSE.max(pause).mul_f64(1.0 + spread),
                false => pause.mul_f64(1.0 - spread),
            };
            warn!(
                host = %failure.host,
                reason = %failure.reason,
                purpose = self.purpose,
                retry_in_ms = wait.as_millis() as u64,
                "no connection to RabbitMQ"
            );
            self.status.send_replace(Status::Down(Some(Arc::new(failure))));
            sleep(wait).await;
            pause = (2 * pause).min(self.longest_pause());
        }
    }

    fn longest_pause(&self) -> Duration {
        self.url
            .options
            .interval_max
            .unwrap_or(LONGEST_PAUSE)
            .max(FIRST_PAUSE)
    }

    /// Holds a connection until it is lost; gives why.
    async fn serve(&self, connected: Connected, number: u64) -> Arc<str> {
        let events = connected.connection.events_listener();
        let session = Arc::new(Session {
            connection: connected.connection,
            heard: connected.heard,
            health: watch::Sender::default(),
            socket: connected.socket,
            number,
        });
        self.status.send_replace(Status::Up(Arc::clone(&session)));
        let noticed = watch_over(&session, events).await;
        let why = session.heard.farewell().map_or(noticed, Arc::from);
        session.fail(&why);
        session.socket.end();
        why
    }

    async fn close(&self) {
        let session = match &*self.status.borrow() {
            Status::Up(session) => Arc::clone(session),
            _ => return,
        };
        // While the broker blocks this connection, nothing is written: the socket ends all the same.
        let close = session.connection.close(200, "OK".into());
        if timeout(CLOSE_LIMIT, close).await.is_err() {
            debug!(purpose = self.purpose, "the broker did not answer the close");
        }
        session.fail("closed");
        session.socket.end();
    }
}

/// Waits until the connection is lost, and follows what it is like; gives why it was lost.
async fn watch_over(session: &Session, events: impl Stream<Item = Event> + Send) -> Arc<str> {
    let mut events = std::pin::pin!(events);
    let mut health = session.health();
    // Not every way a connection ends comes with an event.
    let mut look = interval(Duration::from_secs(1));
    let mut channel_errors = 0;
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(Event::Error(error)) if session.connection.status().connected() => {
                    debug!(%error, "the broker closed a channel");
                    channel_errors += 1;
                    if channel_errors >= CHANNEL_ERRORS {
                        return "so many channels were closed that it is renewed".into();
                    }
                }
                Some(Event::Error(error)) => return error.to_string().into(),
                Some(Event::ConnectionBlocked(reason)) => {
                    warn!(reason, "RabbitMQ takes no messages at the moment");
                    session.health.send_modify(|health| health.blocked = Some(reason.into()));
                }
                Some(Event::ConnectionUnblocked) => {
                    info!("RabbitMQ takes messages again");
                    session.health.send_modify(|health| health.blocked = None);
                }
                Some(_) => {}
                None => return "it ended".into(),
            },
            _ = look.tick() => {
                if !session.connection.status().connected() {
                    return "it was closed".into();
                }
            }
            ended = health.wait_for(|health| health.ended.is_some()) => {
                let ended = ended.ok().and_then(|health| health.ended.clone());
                return ended.unwrap_or_else(|| "it ended".into());
            }
        }
    }
}
