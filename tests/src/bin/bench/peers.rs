//! The peers side by side: their processes, and what each did in each cell of each round.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::{Failed, payload, proc};

/// A start takes seconds where Python imports; an order takes as long as it says.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Peer {
    Ours,
    Lapin,
    Oslo,
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Lapin => "lapin loop",
            Self::Oslo => "oslo.messaging",
        }
    }

    fn command(self, role: &str, url: &str, python: Option<&PathBuf>) -> Result<Command, Failed> {
        let mut command = match self {
            Self::Oslo => {
                let python = python.ok_or("no Python with oslo.messaging")?;
                let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/bench/oslo.py");
                let mut command = Command::new(python);
                command.env("PYTHONWARNINGS", "ignore");
                command.args([script, role, url, payload::JSON]);
                command
            }
            _ => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args([role, self.argument(), url]);
                command
            }
        };
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }

    fn argument(self) -> &'static str {
        if self == Self::Ours { "ours" } else { "lapin" }
    }
}

/// What is repeated for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cell {
    pub(crate) kind: Kind,
    /// Callers, or the window of casts that are not confirmed.
    pub(crate) at_once: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Call,
    Cast,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) peer: Peer,
    pub(crate) cell: Cell,
    pub(crate) round: usize,
    /// A second.
    pub(crate) rate: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Processor seconds for 10 000 of them: client, server, broker.
    pub(crate) cpu: [f64; 3],
    /// Processors that others used meanwhile.
    pub(crate) others: f64,
}

/// A server and a client of one peer.
pub(crate) struct Pair {
    peer: Peer,
    server: Process,
    client: Process,
    broker: u32,
}

struct Process {
    name: String,
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Pair {
    /// Starts both; the client has made a first call when this returns.
    pub(crate) async fn start(
        peer: Peer,
        url: &str,
        broker: u32,
        python: Option<&PathBuf>,
    ) -> Result<Self, Failed> {
        let server = Process::start(peer, "serve", url, python).await?;
        let client = Process::start(peer, "call", url, python).await?;
        Ok(Self {
            peer,
            server,
            client,
            broker,
        })
    }

    /// Fills a cell: warms up, and measures.
    pub(crate) async fn measure(
        &mut self,
        cell: Cell,
        round: usize,
        warm_up: Duration,
        length: Duration,
    ) -> Result<Measured, Failed> {
        self.client.order(cell, warm_up).await?;
        let before = self.cpu()?;
        let all_before = proc::cpu_of_all()?;
        let [n, wall, p50, p99] = self.client.order(cell, length).await?;
        let after = self.cpu()?;
        let used = [after[0] - before[0], after[1] - before[1], after[2] - before[2]];
        let seconds = wall / 1e6;
        let others = (proc::cpu_of_all()? - all_before - used.iter().sum::<f64>()) / seconds;
        Ok(Measured {
            peer: self.peer,
            cell,
            round,
            rate: n / seconds,
            p50,
            p99,
            cpu: used.map(|seconds| seconds * 10_000.0 / n.max(1.0)),
            others: others.max(0.0),
        })
    }

    fn cpu(&self) -> Result<[f64; 3], Failed> {
        let pid = |process: &Process| process.child.id().ok_or("a process has ended");
        Ok([
            proc::cpu(pid(&self.client)?)?,
            proc::cpu(pid(&self.server)?)?,
            proc::cpu(self.broker)?,
        ])
    }

    pub(crate) fn peer(&self) -> Peer {
        self.peer
    }
}

impl Process {
    async fn start(peer: Peer, role: &str, url: &str, python: Option<&PathBuf>) -> Result<Self, Failed> {
        let mut child = peer.command(role, url, python)?.spawn()?;
        let orders = child.stdin.take().ok_or("no standard input")?;
        let answers = child.stdout.take().ok_or("no standard output")?;
        let mut process = Self {
            name: format!("'{role}' of {}", peer.name()),
            child,
            orders,
            answers: BufReader::new(answers).lines(),
        };
        match process.answer(PATIENCE).await?.as_str() {
            "ready" => Ok(process),
            other => Err(format!("{} says '{other}'", process.name).into()),
        }
    }

    async fn answer(&mut self, limit: Duration) -> Result<String, Failed> {
        let line = timeout(limit, self.answers.next_line()).await;
        let line = line.map_err(|_| format!("{} does not answer", self.name))?;
        line?.ok_or_else(|| format!("{} has ended", self.name).into())
    }

    async fn order(&mut self, cell: Cell, length: Duration) -> Result<[f64; 4], Failed> {
        let kind = match cell.kind {
            Kind::Call => "call",
            Kind::Cast => "cast",
        };
        let order = format!("{kind} {} {}\n", cell.at_once, length.as_millis());
        self.orders.write_all(order.as_bytes()).await?;
        let answer = self.answer(length + PATIENCE).await?;
        let numbers: Result<Vec<f64>, _> = answer.split(' ').map(str::parse).collect();
        let numbers = numbers.ok().and_then(|numbers| numbers.try_into().ok());
        numbers.ok_or_else(|| format!("{} says '{answer}'", self.name).into())
    }
}
