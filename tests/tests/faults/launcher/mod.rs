//! Services with worker processes: what a launcher does when one of them, or itself, is killed or told something.

mod end;
mod notify;
mod workers;

use std::fs;
use std::path::Path;
use std::time::Duration;

use rpc_tests::program::{Running, Signal};
use rustix::process::{Pid, kill_process};
use tokio::process::Command;
use tokio::sync::watch;

use crate::kit::{eventually, logging, within};

/// The program of a service.
const PROGRAM: &str = env!("CARGO_BIN_EXE_service-worker");

/// The command of a service.
fn command(url: &str, workers: u32, name: &str, oracle: &Path, drain: Duration) -> Command {
    command_of(Path::new(PROGRAM), url, workers, name, oracle, drain)
}

/// The command of a service whose program is elsewhere.
fn command_of(
    program: &Path,
    url: &str,
    workers: u32,
    name: &str,
    oracle: &Path,
    drain: Duration,
) -> Command {
    let mut command = Command::new(program);
    command
        .args([url, &workers.to_string(), name])
        .arg(oracle)
        .arg(drain.as_secs().to_string());
    logging(&mut command, "rpc_runtime::service=info");
    command
}

/// A launcher that runs, and what it logs. Its workers end with it.
struct Launched {
    program: Running,
    log: watch::Receiver<Vec<String>>,
}

/// A worker process, as the launcher's log tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Process {
    number: u32,
    pid: i32,
}

impl Launched {
    fn new(command: &mut Command) -> Self {
        let mut program = Running::new(command);
        let mut errors = program.errors();
        let (lines, log) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok(Some(line)) = errors.next_line().await {
                eprintln!("{line}");
                lines.send_modify(|lines| lines.push(line));
            }
        });
        Self { program, log }
    }

    /// Starts a service and waits until it serves.
    async fn ready(command: &mut Command) -> Self {
        let mut launched = Self::new(command);
        assert_eq!(launched.program.line().await, "ready");
        launched
    }

    /// Every worker that was started, in order; waits for so many of them.
    async fn started(&self, count: usize) -> Vec<Process> {
        let started = |lines: &Vec<String>| -> Vec<Process> {
            let lines = lines.iter().filter(|line| line.contains("started a worker"));
            let process = |line: &String| Process {
                number: field(line, "number"),
                pid: field(line, "pid"),
            };
            lines.map(process).collect()
        };
        let mut log = self.log.clone();
        let enough = log.wait_for(|lines| started(lines).len() >= count);
        let lines = within("the start of workers", enough).await;
        started(&lines.expect("the launcher runs"))
    }

    /// Waits until the log has a line with this text.
    async fn says(&self, text: &str) {
        let mut log = self.log.clone();
        let said = log.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
        let said = within(text, said).await;
        assert!(said.is_ok(), "the launcher has ended");
    }
}

/// The number behind a name in a line of a log.
fn field<T: std::str::FromStr>(line: &str, name: &str) -> T {
    let fields = line.split_whitespace().filter_map(|word| word.split_once('='));
    let mut values = fields.filter(|(field, _)| *field == name);
    let value = values.next().and_then(|(_, value)| value.parse().ok());
    value.unwrap_or_else(|| panic!("no {name} in: {line}"))
}

impl Process {
    fn signal(self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid).unwrap(), signal).expect("the worker runs");
    }

    /// Whether it is no more than an entry that nobody has asked for, or not even that.
    fn is_gone(self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        matches!(state, None | Some('Z' | 'X'))
    }
}

/// Waits until none of these processes is left.
async fn gone(workers: &[Process]) {
    let all = async || workers.iter().all(|worker| worker.is_gone());
    eventually("the workers are gone", all).await;
}
