//! The stream beneath lapin: plain or TLS, screened, and ended from outside whatever lapin waits for.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use futures_util::task::AtomicWaker;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_util::io::poll_read_buf;

use super::screen::{Returns, Screen};

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
    pub(super) fn new(carrier: Carrier, returns: Arc<Returns>, plug: Arc<Plug>) -> Self {
        Self {
            carrier,
            screen: Screen::new(returns),
            plug,
        }
    }
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
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.plug.writer.register(cx.waker());
        self.plug.check()?;
        self.carrier.write_half().poll_write(cx, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.plug.writer.register(cx.waker());
        self.plug.check()?;
        self.carrier.write_half().poll_write_vectored(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier.write_half().poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier.write_half().poll_shutdown(cx)
    }
}
