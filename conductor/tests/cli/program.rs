//! The built program, run in a directory of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rpc_tests::program::{Ran, Running};
use tokio::process::Command;

/// A user's runtime directory, and the program run in it. The directory goes when this is dropped.
pub(crate) struct Home {
    directory: PathBuf,
}

impl Home {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "conductor-cli-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self { directory }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file, and tells its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The URL of the default socket.
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.path("conductor.sock").display())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
        command
            .args(arguments)
            .env("XDG_RUNTIME_DIR", &self.directory)
            .env("XDG_CONFIG_HOME", &self.directory)
            .env("XDG_STATE_HOME", &self.directory)
            .env_remove("STATE_DIRECTORY")
            .env_remove("CONDUCTOR_TRANSPORT_URL")
            .env_remove("CONDUCTOR_DATABASE_URL")
            .env_remove("CONDUCTOR_TRANSPORT_URL_FILE")
            .env_remove("CONDUCTOR_DATABASE_URL_FILE")
            .env_remove("RUST_LOG")
            .env_remove("CARGO");
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        Ran::new(&mut self.command(arguments)).await
    }

    /// Starts a conductor, and waits until it listens. With what it says then.
    pub(crate) async fn serve(&self, arguments: &[&str]) -> (Running, String) {
        let mut serving = Running::new(&mut self.command(arguments));
        let line = serving.line().await;
        (serving, line)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// What the tests ask of a command that has ended.
pub(crate) trait Ended {
    /// Checks the exit code, and that the standard error says all of `words`.
    fn failed(&self, code: i32, words: &[&str]);

    /// Checks that all went well; the answer.
    fn answer(&self) -> serde_json::Value;
}

impl Ended for Ran {
    #[track_caller]
    fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
    }

    #[track_caller]
    fn answer(&self) -> serde_json::Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).expect("the answer is JSON")
    }
}

/// Whether something is at the path, a dangling link included.
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
