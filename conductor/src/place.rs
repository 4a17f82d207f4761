//! Where the conductor listens when nobody says: a socket that only its user can reach. No broker, no settings.

use std::ffi::OsString;
use std::fs::{DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

const SOCKET: &str = "conductor.sock";

/// The user's own directory for sockets.
#[derive(Debug)]
pub(crate) enum Place {
    /// `$XDG_RUNTIME_DIR`: the system made it for this user, and removes it.
    Runtime(PathBuf),
    /// A directory under the one for temporary files, for systems without the former. Others may write beside it, so
    /// it is not trusted before it is looked at.
    Temporary(PathBuf),
}

impl Place {
    /// From the environment of this process.
    pub(crate) fn of_user() -> Self {
        Self::choose(
            std::env::var_os("XDG_RUNTIME_DIR"),
            &std::env::temp_dir(),
            rustix::process::geteuid().as_raw(),
        )
    }

    fn choose(runtime: Option<OsString>, temporary: &Path, user: u32) -> Self {
        match runtime.map(PathBuf::from) {
            // The specification has relative paths ignored.
            Some(directory) if directory.is_absolute() => Self::Runtime(directory),
            _ => Self::Temporary(temporary.join(format!("conductor-{user}"))),
        }
    }

    /// The socket in it.
    pub(crate) fn socket(&self) -> PathBuf {
        match self {
            Self::Runtime(directory) | Self::Temporary(directory) => directory.join(SOCKET),
        }
    }

    /// Makes sure that nobody else can put a socket there. `create` makes the directory if there is none.
    pub(crate) fn check(&self, create: bool) -> Result<(), String> {
        let Self::Temporary(directory) = self else {
            return Ok(());
        };
        if create {
            match DirBuilder::new().mode(0o700).create(directory) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot make {}: {error}", directory.display())),
            }
        }
        match std::fs::symlink_metadata(directory) {
            Ok(found) if is_private(&found, rustix::process::geteuid().as_raw()) => Ok(()),
            Ok(_) => Err(format!(
                "{} is not a directory of yours alone",
                directory.display()
            )),
            // Then there is no socket either, which is for the caller to say.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(format!("cannot look at {}: {error}", directory.display())),
        }
    }
}

fn is_private(found: &Metadata, user: u32) -> bool {
    found.is_dir() && found.uid() == user && found.mode() & 0o077 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_directory_is_preferred_if_it_is_a_path() {
        let choose =
            |runtime: Option<&str>| Place::choose(runtime.map(Into::into), Path::new("/tmp"), 7).socket();
        assert_eq!(
            choose(Some("/run/user/7")),
            Path::new("/run/user/7/conductor.sock")
        );
        for unusable in [None, Some(""), Some("run")] {
            assert_eq!(choose(unusable), Path::new("/tmp/conductor-7/conductor.sock"));
        }
    }

    #[test]
    fn a_directory_that_others_can_enter_is_refused() {
        let parent = std::env::temp_dir().join(format!("conductor-place-{}", std::process::id()));
        std::fs::create_dir_all(&parent).unwrap();
        let own = Place::Temporary(parent.join("own"));
        own.check(false).unwrap();
        own.check(true).unwrap();
        own.check(true).unwrap();

        let shared = parent.join("shared");
        DirBuilder::new().mode(0o755).create(&shared).unwrap();
        let refused = Place::Temporary(shared).check(true).unwrap_err();
        assert!(refused.contains("not a directory of yours alone"), "{refused}");

        let link = parent.join("link");
        std::os::unix::fs::symlink(parent.join("own"), &link).unwrap();
        Place::Temporary(link).check(true).unwrap_err();
        std::fs::remove_dir_all(&parent).unwrap();
    }
}
