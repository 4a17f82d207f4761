//! One connection of the serving process: a task that reads and writes frames. Whatever a peer does wrong ends its
//! own connection, with a line in the log.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::Host;
use crate::transport::direct::frame::{Encoded, Frame, Outcome};
use crate::transport::direct::mailbox::Hold;
use crate::transport::direct::stream::{
    FrameReader, FrameWriter, LAST_WORDS, ReadHalf, StreamError, WriteHalf, give_up,
};
use crate::transport::{Transport, TransportError};

/// Confirmations that may wait for a client to read them before no more of its messages are read.
const CONFIRMS: usize = 1024;

/// How much is taken from a mailbox at once.
const BATCH: usize = 256 << 10;

/// The address a connection opened.
pub(super) struct Opened {
    pub(super) address: String,
    pub(super) hold: Arc<Hold>,
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

impl Host {
    /// Serves a connection until it ends. Returns the address it had opened, and whether its end was announced.
    pub(super) async fn serve(&self, read: ReadHalf, write: WriteHalf, peer: &str) -> Option<(Opened, bool)> {
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
