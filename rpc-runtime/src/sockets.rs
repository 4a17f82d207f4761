//! Sockets that a process listens on: a path or an address is taken by one process, and is free again after it.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, UnixListener, UnixSocket, UnixStream};
use tokio::time::timeout;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Listens on an address.
pub(crate) fn listen_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The file of a Unix socket, which goes with it.
pub(crate) struct SocketFile {
    path: PathBuf,
    _lock: LockFile,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Takes the path for this process, and replaces the socket that a dead one left there. Nobody but this process's user
/// can connect.
pub(crate) async fn listen_unix(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
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
