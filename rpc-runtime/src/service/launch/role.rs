//! What this process is: the one that was started, or one of its workers.
//!
//! A worker learns its number from a variable, and holds one end of a socket pair as its standard input: the tether.
//! Its launcher holds the other, so that however the launcher ends, the worker sees the end of it.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::LaunchError;

/// `number:pid` of the launcher. The launcher's pid keeps programs that a worker runs from being workers as well.
const VARIABLE: &str = "RPC_SERVICE_WORKER";

/// What systemd gives to the launcher alone.
const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";

/// The running program, whatever became of its file.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// What a worker that serves says.
const READY: &[u8] = b"r";

/// What this process is.
pub(super) enum Role {
    /// It was started by somebody, and may have workers.
    Launcher,
    /// It was started by a launcher.
    Worker {
        number: u32,
        /// Until it serves.
        tether: Option<Tether>,
    },
}

impl Role {
    /// From the environment. A worker is held by its tether from now on.
    pub(super) fn of_this_process() -> Result<Self, LaunchError> {
        let Some(value) = std::env::var_os(VARIABLE) else {
            return Ok(Self::Launcher);
        };
        let parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
        let number = number(&value, parent).map_err(LaunchError::Role)?;
        let tether = Tether::hold().map_err(|error| LaunchError::Role(format!("no tether: {error}")))?;
        Ok(Self::Worker {
            number,
            tether: Some(tether),
        })
    }

    pub(super) fn worker(&self) -> Option<u32> {
        match self {
            Self::Launcher => None,
            Self::Worker { number, .. } => Some(*number),
        }
    }
}

fn number(value: &OsStr, parent: Option<i32>) -> Result<u32, String> {
    let read = value.to_str().and_then(|value| {
        let (number, launcher) = value.split_once(':')?;
        Some((number.parse().ok()?, launcher.parse().ok()?))
    });
    match read {
        Some((number, launcher)) if Some(launcher) == parent => Ok(number),
        Some((_, launcher)) => Err(format!(
            "{VARIABLE} names process {launcher} as its launcher, which is not its parent; \
             remove the variable from the environment of what a worker runs"
        )),
        None => Err(format!("{VARIABLE} is {value:?}, and not number:pid")),
    }
}

/// A worker's end of the tether.
pub(super) struct Tether(UnixStream);

impl Tether {
    /// Takes the standard input for it, and ends this process when the launcher is gone.
    fn hold() -> io::Result<Self> {
        let own = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let mut watched = own.try_clone()?;
        // A thread of its own: it ends the process even when all others hang.
        let watch = move || {
            loop {
                match watched.read(&mut [0; 16]) {
                    Ok(1..) => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => break,
                }
            }
            // Without a word: where the log goes there may be nobody left to read it.
            std::process::exit(1);
        };
        std::thread::Builder::new()
            .name("tether".to_owned())
            .spawn(watch)?;
        Ok(Self(own))
    }

    /// Tells the launcher that this worker serves.
    pub(super) fn ready(&mut self) -> io::Result<()> {
        self.0.write_all(READY)
    }
}

/// The command of a worker process, and the launcher's end of its tether.
pub(super) fn command(number: u32) -> io::Result<(Command, UnixStream)> {
    let (kept, given) = UnixStream::pair()?;
    let mut command = Command::new(this_program()?);
    let mut arguments = std::env::args_os();
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command
        .args(arguments)
        .env(VARIABLE, format!("{number}:{}", std::process::id()))
        .env_remove(NOTIFY_SOCKET)
        .stdin(Stdio::from(OwnedFd::from(given)));
    Ok((command, kept))
}

/// The program to start as a worker, which is to be of the launcher's version. By its path as long as its file is in
/// place, since that gives the process its name.
fn this_program() -> io::Result<PathBuf> {
    let path = std::env::current_exe()?;
    let file = |path: &Path| path.metadata().ok().map(|file| (file.dev(), file.ino()));
    let running = Path::new(THIS_PROGRAM);
    let replaced = file(running).is_some_and(|running| file(&path) != Some(running));
    Ok(if replaced { running.to_owned() } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_child_of_a_launcher_is_a_worker() {
        let number = |value: &str, parent| number(OsStr::new(value), parent);
        assert_eq!(number("3:42", Some(42)), Ok(3));
        assert!(number("3:42", Some(1)).unwrap_err().contains("not its parent"));
        for odd in ["", "3", "3:", ":42", "3:42:1", "x:42", "3:x"] {
            assert!(number(odd, Some(42)).unwrap_err().contains("number:pid"), "{odd}");
        }
    }
}
