//! Workers as processes of their own, to be stopped, killed, and read.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rpc_tests::program::Running;
use tokio::process::Command;

/// The command of a `faults-worker`.
pub(crate) fn worker(url: &str, name: &str, oracle: &Path, drain: Duration) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faults-worker"));
    command
        .args([url, name])
        .arg(oracle)
        .arg(drain.as_secs().to_string())
        // It ends with the test, however that ends.
        .stdin(Stdio::piped());
    command
}

/// Starts a worker and waits until it listens.
pub(crate) async fn start(command: &mut Command) -> Running {
    let mut worker = Running::new(command);
    assert_eq!(worker.line().await, "ready");
    worker
}

/// Makes a worker log to a pipe.
pub(crate) fn logging<'c>(command: &'c mut Command, level: &str) -> &'c mut Command {
    command
        .env("RUST_LOG", level)
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
}

/// A file for an oracle, removed with it.
pub(crate) struct OracleFile(pub(crate) PathBuf);

impl OracleFile {
    pub(crate) fn new() -> Self {
        let name = format!("rpc-faults-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for OracleFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
