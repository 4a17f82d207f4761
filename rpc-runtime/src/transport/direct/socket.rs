//! Where a direct transport listens and connects: Unix sockets and TCP. The only place that knows the difference.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream, lookup_host};

use super::stream::{ReadHalf, WriteHalf};
use crate::sockets::{SocketFile, listen_tcp, listen_unix};
use crate::transport::race::{NEXT_ADDRESS, race};
use crate::transport::{ConnectError, TransportError};

/// Where the serving process is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Address {
    Unix(PathBuf),
    Tcp { host: String, port: u16 },
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

impl Address {
    /// Connects. Not bounded in time beyond what the system does.
    pub(super) async fn connect(&self) -> Result<(ReadHalf, WriteHalf), ConnectError> {
        match self {
            Self::Unix(path) => {
                let stream = UnixStream::connect(path).await.map_err(|error| {
                    // Without a socket nobody listens there either.
                    if error.kind() == io::ErrorKind::NotFound {
                        ConnectError::Refused
                    } else {
                        reason(&error)
                    }
                })?;
                let (read, write) = stream.into_split();
                Ok((Box::new(read), Box::new(write)))
            }
            Self::Tcp { host, port } => {
                let addresses = resolve(host, *port).await?;
                match race(addresses.into_iter().map(TcpStream::connect), NEXT_ADDRESS).await {
                    Ok(stream) => split_tcp(stream).map_err(|error| reason(&error)),
                    Err(errors) => Err(errors
                        .last()
                        .map_or_else(|| ConnectError::Resolve("no address".to_owned()), reason)),
                }
            }
        }
    }

    /// Listens. There can be only one that does.
    pub(super) async fn bind(&self) -> Result<Bound, TransportError> {
        match self {
            Self::Unix(path) => {
                let bound = listen_unix(path).await;
                let (listener, _file) = bound.map_err(|error| self.bind_error(&error))?;
                Ok(Bound::Unix { listener, _file })
            }
            Self::Tcp { host, port } => {
                let addresses = resolve(host, *port).await.map_err(|reason| {
                    let host = self.to_string();
                    TransportError::Connect { host, reason }
                })?;
                let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
                for address in addresses {
                    match listen_tcp(address) {
                        Ok(listener) => return Ok(Bound::Tcp(listener)),
                        Err(error) => last = error,
                    }
                }
                Err(self.bind_error(&last))
            }
        }
    }

    fn bind_error(&self, error: &io::Error) -> TransportError {
        if error.kind() == io::ErrorKind::AddrInUse {
            return TransportError::Unsupported(format!(
                "another process serves {self}, and only one can: to share the work among several processes \
                 use a broker, with a transport URL such as rabbit://user:password@host/vhost"
            ));
        }
        TransportError::Connect {
            host: self.to_string(),
            reason: ConnectError::Other(format!("cannot listen: {error}")),
        }
    }
}

fn reason(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused,
        _ => ConnectError::Other(error.to_string()),
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    let addresses = lookup_host((host, port))
        .await
        .map_err(|error| ConnectError::Resolve(error.to_string()))?;
    Ok(addresses.collect())
}

fn split_tcp(stream: TcpStream) -> io::Result<(ReadHalf, WriteHalf)> {
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    Ok((Box::new(read), Box::new(write)))
}

/// A socket that is listened on. Dropping it takes the socket file away.
pub(super) enum Bound {
    Unix {
        listener: UnixListener,
        _file: SocketFile,
    },
    Tcp(TcpListener),
}

impl Bound {
    /// The next connection, and who it is for a log.
    pub(super) async fn accept(&self) -> io::Result<(ReadHalf, WriteHalf, String)> {
        match self {
            Self::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                let peer = stream.peer_cred().ok().and_then(|peer| peer.pid());
                let (read, write) = stream.into_split();
                let name = peer.map_or_else(|| "a process".to_owned(), |pid| format!("pid {pid}"));
                Ok((Box::new(read), Box::new(write), name))
            }
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                let (read, write) = split_tcp(stream)?;
                Ok((read, write, peer.to_string()))
            }
        }
    }

    /// The port that was given, where the system chose one.
    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Unix { .. } => None,
            Self::Tcp(listener) => listener.local_addr().ok(),
        }
    }
}
