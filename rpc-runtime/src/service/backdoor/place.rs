//! Where an inspection socket is.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use crate::sockets::{SocketFile, listen_tcp, listen_unix};

/// Where an inspection socket is to be: a port of loopback, the first free one of several, or a path.
///
/// ```
/// use rpc_runtime::service::backdoor::Place;
///
/// let any_port: Place = "0".parse()?;
/// let first_free: Place = "4444:4450".parse()?;
/// let path: Place = "/run/conductor/backdoor.sock".parse()?;
/// // Each worker process has a place of its own.
/// assert_eq!(path.of_worker(Some(2)).to_string(), "/run/conductor/backdoor.sock.2");
/// # Ok::<(), rpc_runtime::service::backdoor::BadPlace>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place(Kind);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Kind {
    /// The first that is free, of these; 0 is any.
    Ports {
        first: u16,
        last: u16,
    },
    Path(PathBuf),
}

/// What is no place for an inspection socket.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "'{0}' is no place for a backdoor: write a port, as in 4444; 0 for any; 4444:4450 for the first that is free; or an absolute path"
)]
pub struct BadPlace(String);

impl FromStr for Place {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let bad = || BadPlace(text.to_owned());
        if text.starts_with('/') {
            return Ok(Self(Kind::Path(text.into())));
        }
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        let port = |text: &str| text.parse::<u16>().map_err(|_| bad());
        let (first, last) = (port(first)?, port(last)?);
        if first > last || (first == 0 && last != 0) {
            return Err(bad());
        }
        Ok(Self(Kind::Ports { first, last }))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Ports { first, last } if first == last => write!(f, "{first}"),
            Kind::Ports { first, last } => write!(f, "{first}:{last}"),
            Kind::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Place {
    /// The place of a worker process, by its number: a path gets the number, and a single port is counted up from.
    /// Of several ports each worker takes one that is free.
    #[must_use]
    pub fn of_worker(&self, worker: Option<u32>) -> Self {
        let Some(number) = worker else {
            return self.clone();
        };
        Self(match &self.0 {
            Kind::Ports { first, last } if first == last && *first != 0 => {
                let above = u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
                let port = first.saturating_add(above);
                Kind::Ports {
                    first: port,
                    last: port,
                }
            }
            ports @ Kind::Ports { .. } => ports.clone(),
            Kind::Path(path) => {
                let mut path = path.clone().into_os_string();
                path.push(format!(".{number}"));
                Kind::Path(path.into())
            }
        })
    }

    /// Listens there.
    pub(in crate::service) async fn bind(&self) -> io::Result<Bound> {
        match &self.0 {
            Kind::Path(path) => {
                let (listener, _file) = listen_unix(path).await?;
                Ok(Bound::Unix { listener, _file })
            }
            Kind::Ports { first, last } => {
                let mut taken = io::Error::from(io::ErrorKind::AddrInUse);
                for port in *first..=*last {
                    match listen_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
                        Ok(listener) => return Ok(Bound::Tcp(listener)),
                        Err(error) => taken = error,
                    }
                }
                Err(taken)
            }
        }
    }
}

/// A socket that is listened on.
pub(in crate::service) enum Bound {
    Tcp(TcpListener),
    Unix {
        listener: UnixListener,
        _file: SocketFile,
    },
}

/// A connection of whoever asks.
pub(super) type Stream = Box<dyn Duplex>;

/// Both ways at once.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

impl Bound {
    /// The port, if there is one.
    pub(in crate::service) fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
            Self::Unix { .. } => None,
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        Ok(match self {
            Self::Tcp(listener) => Box::new(listener.accept().await?.0),
            Self::Unix { listener, .. } => Box::new(listener.accept().await?.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_written_as_in_openstack() {
        for text in ["0", "4444", "4444:4450", "/run/there.sock"] {
            assert_eq!(place(text).to_string(), text);
        }
        for odd in [
            "",
            "port",
            "-1",
            "65536",
            "4450:4444",
            "0:10",
            "1:2:3",
            "there.sock",
            "127.0.0.1:4444",
        ] {
            let error = odd.parse::<Place>().unwrap_err();
            assert!(error.to_string().contains("4444:4450"), "{error}");
        }
    }

    #[test]
    fn each_worker_has_its_own() {
        for (text, worker, expected) in [
            ("0", 3, "0"),
            ("4444", 1, "4444"),
            ("4444", 3, "4446"),
            ("65535", 3, "65535"),
            ("4444:4450", 3, "4444:4450"),
            ("/run/there.sock", 3, "/run/there.sock.3"),
        ] {
            assert_eq!(place(text).of_worker(Some(worker)).to_string(), expected);
            assert_eq!(place(text).of_worker(None).to_string(), text);
        }
    }

    #[tokio::test]
    async fn the_first_free_port_of_several_is_taken() {
        let other = place("0").bind().await.unwrap();
        let port = other.port().unwrap();
        assert_eq!(
            place(&port.to_string()).bind().await.err().unwrap().kind(),
            io::ErrorKind::AddrInUse
        );
        let next = port.saturating_add(20);
        let bound = place(&format!("{port}:{next}")).bind().await.unwrap();
        assert!(bound.port().unwrap() > port);
    }
}
