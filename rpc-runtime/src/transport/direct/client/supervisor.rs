//! The task that owns a client's connection: makes it, works it, and makes it again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use super::{Client, FIRST_RETRY, Fate, Link, Queued};
use crate::transport::ConnectError;
use crate::transport::direct::frame::{Frame, Outcome};
use crate::transport::direct::stream::{FrameReader, FrameWriter, LAST_WORDS, StreamError, give_up};

/// Of the frame that opens the reply address on a new connection; others begin after it.
const OPENING: u64 = 0;

/// Frames that are written at once.
const BATCH: usize = 256;

/// A connection as the supervisor has it.
struct Connection {
    link: Arc<Link>,
    reader: FrameReader,
    writer: FrameWriter,
    queue: mpsc::UnboundedReceiver<Queued>,
}

impl Client {
    /// Makes the connection whenever it is wanted, and once there was one, whenever it is gone.
    pub(in crate::transport::direct) async fn supervise(self: Arc<Self>) {
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
            opening: Mutex::default(),
            incarnation,
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

/// Between half of it and all of it, so that clients of one server do not come back at the same moment.
fn with_jitter(pause: Duration) -> Duration {
    let random = uuid::Uuid::new_v4().as_u64_pair().0;
    let share = f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX);
    pause.mul_f64(0.5 + share / 2.0)
}
