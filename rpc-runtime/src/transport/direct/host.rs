//! The serving process: it hosts the bus, and lets connections send to it and receive replies from it.
//!
//! A connection is one task that reads and writes. Whatever a peer does wrong ends its own connection, with a line
//! in the log.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::frame::{Encoded, Frame, Outcome};
use super::mailbox::{Hold, Mailbox, NotTaken};
use super::settings::Settings;
use super::socket::Bound;
use super::stream::{FrameReader, FrameWriter, LAST_WORDS, ReadHalf, StreamError, WriteHalf, give_up};
use crate::transport::memory::MemoryTransport;
use crate::transport::names::{check_address, check_route};
use crate::transport::{Listen, Listener, Message, Rejected, ReplySink, Route, Transport, TransportError};

/// Confirmations that may wait for a client to read them before no more of its messages are read.
const CONFIRMS: usize = 1024;

/// Reply addresses for each connection there may be: those that wait for their clients count, too.
const ADDRESSES: usize = 4;

/// How much is taken from a mailbox at once.
const BATCH: usize = 256 << 10;

/// After an error in accepting (too many open files), before the next attempt.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The serving side of a direct transport.
pub(super) struct Host {
    bus: Arc<MemoryTransport>,
    addresses: Mutex<HashMap<Arc<str>, Receiver>>,
    incarnation: u64,
    settings: Settings,
    local_addr: Option<SocketAddr>,
    /// Cancelled when the transport closes.
    closing: CancellationToken,
    tasks: TaskTracker,
}

/// Who receives the replies to an address.
#[derive(Clone)]
enum Receiver {
    /// This process.
    Local(Arc<dyn ReplySink>),
    /// A client.
    Remote(Arc<Mailbox>),
}

impl Host {
    /// Begins to accept connections.
    pub(super) fn start(
        bound: Bound,
        settings: Settings,
        closing: CancellationToken,
        tasks: TaskTracker,
    ) -> Arc<Self> {
        let host = Arc::new(Self {
            bus: MemoryTransport::with_limits(settings.queues),
            addresses: Mutex::default(),
            incarnation: uuid::Uuid::new_v4().as_u64_pair().0,
            settings,
            local_addr: bound.local_addr(),
            closing,
            tasks,
        });
        host.tasks.spawn(Arc::clone(&host).accept(bound));
        host
    }

    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addr
    }

    fn addresses(&self) -> MutexGuard<'_, HashMap<Arc<str>, Receiver>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the listeners of this process and what waits on the bus. The connections end by the token.
    pub(super) async fn close(&self) {
        self.bus.close().await;
    }

    pub(super) async fn listen(&self, to: Listen) -> Result<Listener, TransportError> {
        self.bus.listen(to).await
    }

    pub(super) async fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let Route::Reply { address } = &route else {
            return self.bus.send(route, message, deadline).await;
        };
        check_route(&route)?;
        let receiver = self.addresses().get(address).cloned();
        let taken = match receiver {
            None => Err(NotTaken::Gone),
            Some(Receiver::Local(sink)) => {
                sink.deliver(message.body, message.headers);
                Ok(())
            }
            Some(Receiver::Remote(mailbox)) => {
                let until = deadline.min(Instant::now() + self.settings.stall);
                mailbox.put(message.body, message.headers, until).await
            }
        };
        taken.map_err(|why| match why {
            NotTaken::Gone => TransportError::Unroutable(route),
            NotTaken::Full => TransportError::Rejected(Rejected::QueueFull),
        })
    }

    /// Makes an address of this process known.
    pub(super) fn open_address(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
    ) -> Result<(), TransportError> {
        check_address(&address)?;
        self.addresses().insert(address.into(), Receiver::Local(sink));
        Ok(())
    }

    /// Gives a connection the replies to an address, whether it is new or waited for its client to come back.
    fn hold(&self, address: &str, received: u64) -> Result<Hold, TransportError> {
        check_address(address)?;
        let taken = || {
            TransportError::InvalidTarget(format!(
                "the reply address '{address}' belongs to another process"
            ))
        };
        let mut addresses = self.addresses();
        let held = match addresses.get(address) {
            Some(Receiver::Local(_)) => return Err(taken()),
            Some(Receiver::Remote(mailbox)) => mailbox.hold(received),
            None => None,
        };
        if let Some(hold) = held {
            return Ok(hold);
        }
        if addresses.len() >= ADDRESSES * self.settings.connections {
            let detail = "too many reply addresses".to_owned();
            return Err(Rejected::Overloaded(detail).into());
        }
        let mailbox = Mailbox::new(self.settings.window);
        let hold = mailbox.hold(0).ok_or_else(taken)?;
        addresses.insert(address.into(), Receiver::Remote(mailbox));
        Ok(hold)
    }

    /// Keeps the replies of a connection that ended until its client is back, or did not come back in time.
    async fn keep(&self, opened: Opened, said_goodbye: bool) {
        let holder = opened.hold.leave();
        if !said_goodbye {
            tokio::select! {
                () = sleep(self.settings.reply_wait) => {}
                () = self.closing.cancelled() => {}
            }
        }
        let mut addresses = self.addresses();
        if let Some(Receiver::Remote(mailbox)) = addresses.get(opened.address.as_str())
            && opened.hold.is_of(mailbox)
            && mailbox.end_if_left_by(holder)
        {
            addresses.remove(opened.address.as_str());
        }
    }

    async fn accept(self: Arc<Self>, bound: Bound) {
        let places = Arc::new(Semaphore::new(self.settings.connections));
        loop {
            let accepted = tokio::select! {
                () = self.closing.cancelled() => return,
                accepted = bound.accept() => accepted,
            };
            let (read, write, peer) = match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                let limit = self.settings.connections;
                tracing::warn!(%peer, limit, "too many connections: this one is refused");
                continue;
            };
            let host = Arc::clone(&self);
            self.tasks.spawn(async move {
                let opened = host.serve(read, write, &peer).await;
                drop(place);
                if let Some((opened, said_goodbye)) = opened {
                    host.keep(opened, said_goodbye).await;
                }
            });
        }
    }

    /// Serves a connection until it ends. Returns the address it had opened, and whether its end was announced.
    async fn serve(&self, read: ReadHalf, write: WriteHalf, peer: &str) -> Option<(Opened, bool)> {
        let mut reader = FrameReader::new(read, &self.settings);
        let mut writer = FrameWriter::new(write, &self.settings);
        let greeting = self.greet(&mut reader, &mut writer);
        let greeted = tokio::select! {
            greeted = timeout(self.settings.connect, greeting) => greeted,
            () = self.closing.cancelled() => return None,
        };
        let greeted = greeted.unwrap_or(Err(StreamError::Silence));
        if let Err(error) = greeted {
            tracing::warn!(%peer, %error, "connection closed before it began");
            return None;
        }
        reader.greeted();
        tracing::debug!(%peer, "connection opened");
        let (answers, mut to_write) = mpsc::channel(CONFIRMS);
        let mut opened = None;
        let mut writing = std::pin::pin!(self.write(writer, &mut to_write));
        let first = tokio::select! {
            end = self.read(&mut reader, &answers, &mut opened) => First::Read(end),
            end = &mut writing => First::Written(end),
            () = give_up(&self.closing) => First::Read(Err(StreamError::Stalled)),
        };
        // One direction has ended; the other gets a moment for what is still in it.
        let end = match first {
            First::Read(Ok(End::Goodbye)) => {
                drop(answers);
                let _ = timeout(LAST_WORDS / 2, writing).await;
                Ok(End::Goodbye)
            }
            First::Read(end) => end,
            First::Written(end) => {
                let rest = self.read(&mut reader, &answers, &mut opened);
                let rest = timeout(LAST_WORDS / 2, rest).await;
                match rest {
                    Ok(Ok(End::Goodbye)) => Ok(End::Goodbye),
                    _ => end.map(|()| End::Lost),
                }
            }
        };
        match &end {
            Ok(_) => tracing::debug!(%peer, "connection ended"),
            Err(error) => tracing::warn!(%peer, %error, "connection closed"),
        }
        let said_goodbye = matches!(end, Ok(End::Goodbye));
        opened.map(|opened| (opened, said_goodbye))
    }

    async fn greet(&self, reader: &mut FrameReader, writer: &mut FrameWriter) -> Result<(), StreamError> {
        match reader.next().await? {
            Some(Frame::Hello { .. }) => {}
            Some(_) => return Err(StreamError::Unexpected),
            None => return Err(StreamError::Ended),
        }
        let incarnation = self.incarnation;
        writer.put(&Frame::Hello { incarnation }.encode()).await?;
        writer.flush().await
    }

    async fn read(
        &self,
        reader: &mut FrameReader,
        answers: &mpsc::Sender<Answer>,
        opened: &mut Option<Opened>,
    ) -> Result<End, StreamError> {
        while let Some(frame) = reader.next().await? {
            // The place for the answer comes first: between taking a message and queueing its confirmation there
            // is no pause in which the connection could say goodbye without it.
            let Ok(place) = answers.reserve().await else {
                break;
            };
            let answer = match frame {
                Frame::Send { sequence, .. } if self.closing.is_cancelled() => {
                    confirm(sequence, Err(TransportError::Closed))
                }
                Frame::Send {
                    sequence,
                    route,
                    message,
                } => {
                    // The bus is in this process: it answers at once, whatever the deadline.
                    let result = self.bus.send(route, message, Instant::now()).await;
                    confirm(sequence, result)
                }
                Frame::Open {
                    sequence,
                    received,
                    address,
                } => {
                    if opened.is_some() {
                        return Err(StreamError::Unexpected);
                    }
                    match self.hold(&address, received) {
                        Ok(hold) => {
                            let hold = Arc::new(hold);
                            let writer = Arc::clone(&hold);
                            *opened = Some(Opened { address, hold });
                            Answer::Hold(sequence, writer)
                        }
                        Err(error) => confirm(sequence, Err(error)),
                    }
                }
                Frame::Received { sequence } => {
                    let Some(opened) = opened else {
                        return Err(StreamError::Unexpected);
                    };
                    opened.hold.received(sequence);
                    continue;
                }
                Frame::Ping => Answer::Frame(Frame::Pong.encode()),
                Frame::Goodbye => return Ok(End::Goodbye),
                Frame::Hello { .. } | Frame::Confirm { .. } | Frame::Reply { .. } | Frame::Pong => {
                    return Err(StreamError::Unexpected);
                }
            };
            place.send(answer);
        }
        Ok(End::Lost)
    }

    /// Writes answers and replies, until the transport closes or another connection takes the replies over.
    async fn write(
        &self,
        mut writer: FrameWriter,
        answers: &mut mpsc::Receiver<Answer>,
    ) -> Result<(), StreamError> {
        let mut hold: Option<Arc<Hold>> = None;
        let mut replies: Vec<Encoded> = Vec::new();
        let mut batch = Vec::new();
        loop {
            let changed = async {
                match &hold {
                    Some(hold) => hold.changed().await,
                    None => std::future::pending().await,
                }
            };
            let closing = tokio::select! {
                // The client has said goodbye, and has all its answers.
                count = answers.recv_many(&mut batch, CONFIRMS) => match count {
                    0 => return Ok(()),
                    _ => false,
                },
                () = changed => false,
                () = self.closing.cancelled() => true,
            };
            while closing && let Ok(answer) = answers.try_recv() {
                batch.push(answer);
            }
            for answer in batch.drain(..) {
                match answer {
                    Answer::Frame(frame) => writer.put(&frame).await?,
                    Answer::Hold(sequence, new) => {
                        let outcome = Outcome::Routed;
                        let frame = Frame::Confirm { sequence, outcome };
                        writer.put(&frame.encode()).await?;
                        hold = Some(new);
                    }
                }
            }
            if let Some(hold) = &hold {
                loop {
                    hold.take(BATCH, &mut replies).ok_or(StreamError::TakenOver)?;
                    for frame in replies.drain(..) {
                        writer.put(&frame).await?;
                    }
                    if !closing || !hold.has_more() {
                        break;
                    }
                }
            }
            if closing {
                return writer.finish().await;
            }
            writer.flush().await?;
        }
    }
}

/// The address a connection opened.
struct Opened {
    address: String,
    hold: Arc<Hold>,
}

/// How a connection ended without an error.
enum End {
    /// The client closed its transport.
    Goodbye,
    /// The client may come back.
    Lost,
}

/// Which direction of a connection ended first, and how.
enum First {
    Read(Result<End, StreamError>),
    Written(Result<(), StreamError>),
}

/// What is written back.
enum Answer {
    Frame(Encoded),
    /// The confirmation, and from then on the replies of this mailbox, too.
    Hold(u64, Arc<Hold>),
}

fn confirm(sequence: u64, result: Result<(), TransportError>) -> Answer {
    let outcome = Outcome::from(result);
    Answer::Frame(Frame::Confirm { sequence, outcome }.encode())
}
