//! Where a direct transport listens and connects: Unix sockets and TCP. The only place that knows the difference.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixSocket, UnixStream, lookup_host};
use tokio::time::timeout;

use super::stream::{ReadHalf, WriteHalf};
use crate::transport::{ConnectError, TransportError};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

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
                let mut last = ConnectError::Resolve("no address".to_owned());
                for address in resolve(host, *port).await? {
                    match TcpStream::connect(address).await {
                        Ok(stream) => return split_tcp(stream).map_err(|error| reason(&error)),
                        Err(error) => last = reason(&error),
                    }
                }
                Err(last)
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

fn listen_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
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

/// The file of a Unix socket, which goes with it.
pub(super) struct SocketFile {
    path: PathBuf,
    _lock: LockFile,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Takes the path for this process, and replaces the socket that a dead one left there.
async fn listen_unix(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    if let Some(directory) = path.parent()
        && !directory.as_os_str().is_empty()
    {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let lock = LockFile::take(path)?;
    remove_dead(path).await?;
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    let file = SocketFile {
        path: path.to_owned(),
        _lock: lock,
    };
    // Nobody can connect before `listen`, so there is no moment at which others may.
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok((socket.listen(BACKLOG)?, file))
}

async fn remove_dead(path: &Path) -> io::Result<()> {
    let metadata = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file that is not a socket",
        ));
    }
    // A program that does not take the lock may listen there.
    match timeout(Duration::from_secs(1), UnixStream::connect(path)).await {
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        Ok(Err(error)) => Err(error),
        Ok(Ok(_)) | Err(_) => Err(io::ErrorKind::AddrInUse.into()),
    }
}

/// A locked file beside a socket: it says that the socket's process lives. The system releases the lock even when
/// the process is killed.
struct LockFile {
    path: PathBuf,
    file: File,
}

impl LockFile {
    fn take(socket: &Path) -> io::Result<Self> {
        let mut path = socket.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::AddrInUse.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever had it before may have removed it between our two steps: then it is nobody's lock.
            let locked = file.metadata()?;
            if let Ok(named) = path.metadata()
                && (named.dev(), named.ino()) == (locked.dev(), locked.ino())
            {
                return Ok(Self { path, file });
            }
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}
