//! Programs of the workspace, run as a terminal runs them, within a time limit.
//!
//! The methods panic when a program does not do its part: a test cannot go on without it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

pub use rustix::process::Signal;

/// More than any program here needs, on any machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A program that has ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Ran {
    /// Runs a program to its end.
    pub async fn new(command: &mut Command) -> Self {
        Self::with_input(command, "").await
    }

    /// Runs a program to its end, with a text on its standard input.
    pub async fn with_input(command: &mut Command, input: &str) -> Self {
        command.stdin(Stdio::piped());
        let mut child = spawn(command.stderr(Stdio::piped()));
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that does not care may have ended before.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        Self::of(child).await
    }

    /// Waits for the end of a program.
    pub async fn of(child: Child) -> Self {
        let output = timeout(LIMIT, child.wait_with_output()).await;
        let output = output.expect("the program ends in time").expect("its output");
        let ran = Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        };
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        ran
    }
}

/// A program that runs, and is killed when this is dropped. Its standard error goes to that of the test, unless the
/// command says otherwise.
#[derive(Debug)]
pub struct Running {
    /// If it is a pipe. Waiting for the program's end would close it.
    _stdin: Option<ChildStdin>,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts a program.
    pub fn new(command: &mut Command) -> Self {
        let mut child = spawn(command);
        let stdout = child.stdout.take().expect("a pipe");
        Self {
            _stdin: child.stdin.take(),
            child,
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// The lines of its standard error. Once, for a command that makes it a pipe.
    pub fn errors(&mut self) -> Lines<BufReader<ChildStderr>> {
        let stderr = self.child.stderr.take();
        BufReader::new(stderr.expect("standard error is a pipe")).lines()
    }

    /// The next line of its standard output.
    pub async fn line(&mut self) -> String {
        let line = timeout(LIMIT, self.lines.next_line()).await;
        let line = line.expect("the program says something in time").expect("text");
        line.expect("the program has ended; standard error tells why")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        kill_process(pid.expect("the program runs"), signal).expect("a signal");
    }

    /// Waits for its end.
    pub async fn ended(mut self) -> ExitStatus {
        let ended = timeout(LIMIT, self.child.wait()).await;
        ended.expect("the program ends in time").expect("a status")
    }
}

fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).kill_on_drop(true);
    command.spawn().expect("the program starts")
}
