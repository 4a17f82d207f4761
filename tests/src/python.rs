//! The Python peers of `tests/python`, as processes that tests talk to.
//!
//! They run in the environment that `tests/run` makes, and end with their test, however it ends: they stop when
//! their standard input does.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// The start of Python and of oslo.messaging takes a second, and several on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A Python program that reads lines and answers with lines.
///
/// Its methods panic when the program does not do its part: a test cannot go on without it.
#[derive(Debug)]
pub struct Python {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

/// The interpreter of an environment with oslo.messaging: `RPC_TEST_PYTHON`, or the one that `tests/run` made.
pub fn interpreter() -> PathBuf {
    let made = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    let python = std::env::var_os("RPC_TEST_PYTHON").map_or_else(made, PathBuf::from);
    assert!(
        python.exists(),
        "{} is not there: 'tests/run' makes it",
        python.display()
    );
    python
}

impl Python {
    /// Starts a server (`tests/python/server.py` tells the settings) and waits until it listens.
    pub async fn server(settings: &Value) -> Self {
        let mut server = Self::start("server.py", settings);
        server.ready().await;
        server
    }

    /// Starts a client (`tests/python/client.py` tells the settings).
    pub fn client(settings: &Value) -> Self {
        Self::start("client.py", settings)
    }

    /// Waits until a server listens.
    pub async fn ready(&mut self) {
        assert_eq!(self.line().await, "READY");
    }

    /// Starts any of the programs, with its settings.
    pub fn start(program: &str, settings: &Value) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
        let mut command = Command::new(interpreter());
        command
            .arg(folder.join(program))
            .arg(settings.to_string())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("Python starts");
        let stdin = child.stdin.take().expect("a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, stdin, stdout }
    }

    async fn line(&mut self) -> String {
        let line = timeout(LIMIT, self.stdout.next_line()).await;
        let line = line.expect("the Python peer answers in time").expect("a line");
        line.expect("the Python peer has ended; standard error tells why")
    }

    /// Has a client take a step, and gives what it answers.
    pub async fn take(&mut self, step: &Value) -> Value {
        let line = format!("{step}\n");
        self.stdin.write_all(line.as_bytes()).await.expect("a pipe");
        self.told().await
    }

    /// The next that it tells.
    pub async fn told(&mut self) -> Value {
        let line = self.line().await;
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"))
    }

    /// Stops it in order.
    pub async fn stop(mut self) {
        drop(self.stdin);
        let ended = timeout(LIMIT, self.child.wait()).await;
        let status = ended.expect("the Python peer ends in time").expect("a status");
        assert!(status.success(), "the Python peer ended with {status}");
    }
}
