//! Lets lapin run on tokio over sockets of ours: it takes the type of its stream from the runtime it is given.

use std::future::Future;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;

use super::socket::Socket;

/// What lapin runs on.
pub(super) type Kit = RuntimeParts<Tokio, Sockets>;

/// The tokio runtime of the caller.
pub(super) fn current() -> Runtime<Kit> {
    let sockets = Sockets(Handle::current());
    Runtime::new(RuntimeParts::new(Tokio::current(), sockets))
}

/// Tokio's clock, and [`Socket`]s. It opens none: lapin is handed one that is open.
#[derive(Clone, Debug)]
pub(super) struct Sockets(Handle);

impl Reactor for Sockets {
    type TcpStream = Socket;
    type Sleep = tokio::time::Sleep;

    fn register<H: Read + Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Socket, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        let _context = self.0.enter();
        tokio::time::sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        let _context = self.0.enter();
        let interval = tokio::time::interval(duration);
        futures_util::stream::unfold(interval, async |mut interval| {
            Some((interval.tick().await.into_std(), interval))
        })
    }

    fn tcp_connect_addr(
        &self,
        _address: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        std::future::ready(Err(io::ErrorKind::Unsupported.into()))
    }
}
