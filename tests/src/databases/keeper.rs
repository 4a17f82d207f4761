//! The process that runs a database server and cleans up after it, also when this process is killed.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::kind::Kind;

const SCRIPT: &str = include_str!("keeper.sh");

/// A shell whose standard input is the sign that the owner lives. Dropping it ends the server.
#[derive(Debug)]
pub(super) struct Keeper {
    directory: PathBuf,
    shell: Child,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    pub(super) fn start(directory: PathBuf, kind: Kind) -> Self {
        let [end, kill] = kind.signals();
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "keeper", end, kill])
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What ends this process's group must not end the keeper before it has cleaned up.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let answers = BufReader::new(shell.stdout.take().expect("a pipe"));
        Self {
            directory,
            shell,
            answers,
        }
    }

    /// Gives an order, and waits for its answer.
    pub(super) fn order(&mut self, order: &str, expected: &str) {
        let stdin = self.shell.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{order}").expect("the keeper listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the keeper answers");
        if answer.trim() != expected {
            let output = std::fs::read_to_string(self.directory.join("output")).unwrap_or_default();
            panic!("the server did not {order}: {answer:?}\n{output}");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // So that the port, the processes and the files are gone when this returns.
        let _ = self.shell.wait();
    }
}
