//! Frames over a stream: reading with limits on size and time, writing in batches.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::frame::{Encoded, Frame, FrameError, LENGTH, OVERHEAD};
use super::settings::Settings;
use crate::deadline::LONGEST;

/// The half that is read.
pub(super) type ReadHalf = Box<dyn AsyncRead + Send + Unpin>;

/// The half that is written.
pub(super) type WriteHalf = Box<dyn AsyncWrite + Send + Unpin>;

/// How much is read at once; also how much an idle connection holds.
const CHUNK: usize = 16 << 10;

/// The longest first frame: who has not said who it is gets no more room.
const GREETING: usize = 256;

/// What a peer must at least manage within a long frame.
const BYTES_PER_SECOND: usize = 64 << 10;

/// A frame of this length announces how much room it needs; a longer one gets it as its bytes arrive, so that a
/// length alone reserves nothing.
const RESERVE: usize = 1 << 20;

/// Bodies up to this size are copied behind their heads; larger ones are written as they are.
const COPY: usize = 16 << 10;

/// How long a connection may still write when its transport closes.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

/// Done when a closing transport has no more patience with a connection.
pub(super) async fn give_up(closing: &CancellationToken) {
    closing.cancelled().await;
    sleep(LAST_WORDS).await;
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum StreamError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("nothing arrived for too long")]
    Silence,
    #[error("a frame took too long to arrive")]
    SlowFrame,
    #[error("the peer takes nothing")]
    Stalled,
    #[error("the connection was closed within a frame")]
    Cut,
    #[error("the peer closed the connection")]
    Ended,
    #[error("another connection took the reply address over")]
    TakenOver,
    #[error("a frame that does not belong there")]
    Unexpected,
}

/// Reads frames.
pub(super) struct FrameReader {
    from: ReadHalf,
    buffer: BytesMut,
    /// When the frame at the head of the buffer began, and when it must be complete.
    begun: Option<Instant>,
    due: Option<Instant>,
    limit: usize,
    settings: Settings,
}

impl FrameReader {
    pub(super) fn new(from: ReadHalf, settings: &Settings) -> Self {
        Self {
            from,
            buffer: BytesMut::new(),
            begun: None,
            due: None,
            limit: GREETING,
            settings: settings.clone(),
        }
    }

    /// The peer has said who it is: from now on frames of every size are read.
    pub(super) fn greeted(&mut self) {
        self.limit = self.settings.queues.body.saturating_add(OVERHEAD);
    }

    /// The next frame, or None when the peer closed the connection between two frames.
    pub(super) async fn next(&mut self) -> Result<Option<Frame>, StreamError> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(Some(frame));
            }
            let read = self.from.read_buf(&mut self.buffer);
            let count = match self.due {
                None => timeout(self.settings.silence, read)
                    .await
                    .map_err(|_| StreamError::Silence)??,
                Some(due) => timeout_at(due, read)
                    .await
                    .map_err(|_| StreamError::SlowFrame)??,
            };
            if count == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(StreamError::Cut)
                };
            }
        }
    }

    /// A frame that has arrived already.
    pub(super) fn buffered(&mut self) -> Result<Option<Frame>, StreamError> {
        let Some(length) = self.buffer.first_chunk::<LENGTH>() else {
            self.expect(0);
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > self.limit {
            let limit = self.limit;
            return Err(FrameError::TooLong { length, limit }.into());
        }
        if self.buffer.len() - LENGTH < length {
            self.expect(length);
            return Ok(None);
        }
        self.begun = None;
        self.due = None;
        self.buffer.advance(LENGTH);
        let frame: Bytes = self.buffer.split_to(length).freeze();
        Ok(Some(Frame::decode(frame)?))
    }

    /// Makes room for the rest of a frame, and sets its time when it has begun.
    fn expect(&mut self, length: usize) {
        let missing = (LENGTH + length).saturating_sub(self.buffer.len());
        self.buffer.reserve(missing.clamp(CHUNK, RESERVE));
        if !self.buffer.is_empty() {
            let begun = *self.begun.get_or_insert_with(Instant::now);
            let seconds = u64::try_from(length / BYTES_PER_SECOND).unwrap_or(u64::MAX);
            self.due = Some(begun + self.settings.frame.min(LONGEST) + Duration::from_secs(seconds));
        }
    }
}

/// Writes frames, several at a time.
pub(super) struct FrameWriter {
    to: WriteHalf,
    batch: BytesMut,
    settings: Settings,
}

impl FrameWriter {
    pub(super) fn new(to: WriteHalf, settings: &Settings) -> Self {
        Self {
            to,
            batch: BytesMut::new(),
            settings: settings.clone(),
        }
    }

    /// Takes a frame into the batch; a large body is written at once.
    pub(super) async fn put(&mut self, frame: &Encoded) -> Result<(), StreamError> {
        self.batch.extend_from_slice(&frame.head);
        if frame.body.len() <= COPY {
            self.batch.extend_from_slice(&frame.body);
        }
        if self.batch.len() > 4 * COPY || frame.body.len() > COPY {
            self.flush().await?;
        }
        if frame.body.len() > COPY {
            Self::write(&mut self.to, &frame.body, &self.settings).await?;
        }
        Ok(())
    }

    /// Writes what has been put.
    pub(super) async fn flush(&mut self) -> Result<(), StreamError> {
        Self::write(&mut self.to, &self.batch, &self.settings).await?;
        self.batch.clear();
        Ok(())
    }

    /// The limit is on each step: a slow peer that takes something is a slow peer, not a dead one.
    async fn write(to: &mut WriteHalf, mut bytes: &[u8], settings: &Settings) -> Result<(), StreamError> {
        while !bytes.is_empty() {
            let written = timeout(settings.stall, to.write(bytes))
                .await
                .map_err(|_| StreamError::Stalled)??;
            if written == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            bytes.advance(written);
        }
        Ok(())
    }

    /// Says that nothing follows.
    pub(super) async fn finish(mut self) -> Result<(), StreamError> {
        self.put(&Frame::Goodbye.encode()).await?;
        self.flush().await?;
        timeout(self.settings.stall, self.to.shutdown())
            .await
            .map_err(|_| StreamError::Stalled)??;
        Ok(())
    }
}
