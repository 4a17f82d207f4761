//! Runs the built program in a directory of its own, within a time limit.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// More than any command here needs, on any machine.
const LIMIT: Duration = Duration::from_secs(60);

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
            .env_remove("CONDUCTOR_TRANSPORT_URL")
            .env_remove("RUST_LOG")
            .env_remove("CARGO")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments).spawn().unwrap()).await
    }

    /// Runs a command with a text on its standard input.
    pub(crate) async fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        finish(child).await
    }

    /// Starts a conductor, and waits until it listens.
    pub(crate) async fn serve(&self, arguments: &[&str]) -> Serving {
        let mut child = self.command(arguments).stderr(Stdio::inherit()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(LIMIT, out.read_line(&mut line)).await.unwrap().unwrap();
        Serving {
            child,
            line,
            _out: out,
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Waits for the end of a program.
pub(crate) async fn finish(child: Child) -> Ran {
    let output = timeout(LIMIT, child.wait_with_output()).await;
    Ran::new(output.expect("the program ends").unwrap())
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn new(output: Output) -> Self {
        let ran = Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        ran
    }

    /// Checks the exit code, and that the standard error says all of `words`.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
    }

    /// Checks that all went well; the answer.
    #[track_caller]
    pub(crate) fn answer(&self) -> serde_json::Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).expect("the answer is JSON")
    }
}

/// A conductor that serves.
pub(crate) struct Serving {
    child: Child,
    /// What it said first.
    pub(crate) line: String,
    _out: BufReader<ChildStdout>,
}

impl Serving {
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        kill_process(pid.expect("it runs"), signal).unwrap();
    }

    pub(crate) async fn ended(mut self) -> ExitStatus {
        timeout(LIMIT, self.child.wait()).await.expect("it ends").unwrap()
    }
}

/// Whether something is at the path, a dangling link included.
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
