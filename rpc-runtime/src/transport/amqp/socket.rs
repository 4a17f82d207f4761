//! The stream beneath lapin: plain or TLS, screened, and ended from outside whatever lapin waits for.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use futures_util::task::AtomicWaker;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_util::io::poll_read_buf;

use super::departures::{Departures, Part};
use super::screen::{Heard, Screen};
use super::stand_in::StandIn;

/// What carries the bytes.
pub(super) enum Carrier {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connected stream. Implements the traits of `futures-io`, which lapin reads and writes.
pub(super) struct Socket {
    carrier: Carrier,
    screen: Screen,
    plug: Arc<Plug>,
    /// Until the password has left.
    stand_in: Option<StandIn>,
    /// What lapin regards as written.
    unwritten: BytesMut,
    departures: Departures,
}

/// Ends a socket from outside.
///
/// lapin's own ways to end a connection wait for the broker. Pulling the plug makes reading and writing fail, so
/// that its thread ends and the descriptor closes.
#[derive(Default)]
pub(super) struct Plug {
    pulled: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Plug {
    pub(super) fn pull(&self) {
        self.pulled.store(true, Ordering::Release);
        self.reader.wake();
        self.writer.wake();
    }

    fn check(&self) -> io::Result<()> {
        if self.pulled.load(Ordering::Acquire) {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Plug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plug")
            .field("pulled", &self.pulled)
            .finish_non_exhaustive()
    }
}

impl Socket {
    pub(super) fn new(
        carrier: Carrier,
        heard: Arc<Heard>,
        plug: Arc<Plug>,
        stand_in: Option<StandIn>,
    ) -> Self {
        Self {
            carrier,
            screen: Screen::new(heard),
            plug,
            stand_in,
            unwritten: BytesMut::new(),
            departures: Departures::default(),
        }
    }

    /// Writes what is owed, and puts the password where the stand-in is. `Some` if that was in `data`: so much of
    /// it is done with.
    fn poll_reveal(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<Option<usize>>> {
        ready!(self.poll_unwritten(cx))?;
        let Some(meant) = self.stand_in.as_ref().and_then(|stand_in| stand_in.replace(data)) else {
            return Poll::Ready(Ok(None));
        };
        self.stand_in = None;
        self.unwritten.extend_from_slice(&meant);
        // What cannot be written now is written before anything else is.
        if let Poll::Ready(Err(error)) = self.poll_unwritten(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(Some(meant.len())))
    }

    /// Writes what may leave; gives how much of `data` is done with.
    fn poll_depart(&mut self, cx: &mut Context<'_>, data: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let first = data.iter().find(|slice| !slice.is_empty());
        if let Some(done) = ready!(self.poll_reveal(cx, first.map_or(&[], |slice| slice)))? {
            return Poll::Ready(Ok(done));
        }
        let closed = self.screen.closed();
        if closed.is_empty() {
            return self.carrier.write_half().poll_write_vectored(cx, data);
        }
        match self.departures.next(data, closed) {
            Part::Stays(count) => Poll::Ready(Ok(count)),
            Part::Leaves(count) => {
                let data = up_to(data, count);
                self.carrier.write_half().poll_write_vectored(cx, &data)
            }
        }
    }

    fn poll_unwritten(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten.is_empty() {
            let count = ready!(self.carrier.write_half().poll_write(cx, &self.unwritten))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unwritten.advance(count);
        }
        Poll::Ready(Ok(()))
    }
}

fn up_to<'d>(data: &'d [IoSlice<'_>], mut count: usize) -> Vec<IoSlice<'d>> {
    let cut = |slice: &'d IoSlice<'_>| {
        let part = slice.get(..count).unwrap_or(slice);
        count -= part.len();
        IoSlice::new(part)
    };
    data.iter().map(cut).collect()
}

impl Carrier {
    fn poll_fill(&mut self, cx: &mut Context<'_>, screen: &mut Screen) -> Poll<io::Result<usize>> {
        match self {
            Carrier::Plain(stream) => poll_read_buf(Pin::new(stream), cx, screen.buffer()),
            Carrier::Tls(stream) => poll_read_buf(Pin::new(stream), cx, screen.buffer()),
        }
    }

    fn write_half(&mut self) -> Pin<&mut (dyn AsyncWrite + Unpin)> {
        match self {
            Carrier::Plain(stream) => Pin::new(stream),
            Carrier::Tls(stream) => Pin::new(stream),
        }
    }
}

impl futures_io::AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.plug.reader.register(cx.waker());
        this.plug.check()?;
        while this.screen.is_empty() {
            if ready!(this.carrier.poll_fill(cx, &mut this.screen))? == 0 {
                return Poll::Ready(Ok(0));
            }
            this.screen.examine()?;
        }
        Poll::Ready(Ok(this.screen.read(out)))
    }
}

impl futures_io::AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(data)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.plug.writer.register(cx.waker());
        self.plug.check()?;
        let count = ready!(self.poll_depart(cx, data))?;
        self.departures.advance(data, count);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unwritten(cx))?;
        self.carrier.write_half().poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.plug.writer.register(cx.waker());
        if self.plug.check().is_err() {
            // A farewell, as TLS has it, could wait for ever.
            return Poll::Ready(Ok(()));
        }
        self.carrier.write_half().poll_shutdown(cx)
    }
}
