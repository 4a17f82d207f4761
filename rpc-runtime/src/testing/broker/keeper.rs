//! The process that runs the broker's node and cleans up after it, also when this process is killed.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use tokio::sync::watch;

use super::BrokerError;
use super::home::Home;

const SCRIPT: &str = include_str!("keeper.sh");

/// A shell whose standard input is the sign that the owner lives. Dropping it ends the node.
#[derive(Debug)]
pub(super) struct Keeper {
    shell: Child,
    node: watch::Receiver<Option<u32>>,
}

impl Keeper {
    pub(super) fn start(home: &Home) -> Result<Self, BrokerError> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "keeper"]);
        command
            .arg(&home.directory)
            .arg(&home.programs.server)
            .arg(&home.programs.epmd);
        command.envs(home.environment());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // What ends this process's group (a terminal's interrupt, a test runner's time limit) must not end the
        // keeper before it has cleaned up.
        command.process_group(0);
        let mut shell = command.spawn().map_err(|error| failed(&error))?;
        let (report, node) = watch::channel(None);
        if let Some(stdout) = shell.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let pid = line.strip_prefix("pid ").and_then(|pid| pid.parse().ok());
                    report.send_replace(pid);
                }
            });
        }
        let mut keeper = Self { shell, node };
        if std::env::var_os("RPC_TEST_KEEP").is_some() {
            keeper.order("keep")?;
        }
        Ok(keeper)
    }

    /// Starts the node, and gives its pid.
    pub(super) async fn start_node(&mut self) -> Result<u32, BrokerError> {
        self.order("start")?;
        let pid = self.node.wait_for(Option::is_some).await;
        let pid = pid.ok().and_then(|pid| *pid);
        pid.ok_or_else(|| BrokerError::Failed("the broker's keeper ended".to_owned()))
    }

    /// Waits until the node has ended. At once if there is none.
    pub(super) async fn ended(&mut self) {
        // An error means that the keeper ended, and it ends last.
        let _ = self.node.wait_for(Option::is_none).await;
    }

    pub(super) fn pid(&self) -> Option<u32> {
        *self.node.borrow()
    }

    /// Sends a signal (its name without `SIG`) to the node.
    pub(super) fn signal(&self, signal: &str) -> Result<(), BrokerError> {
        let Some(pid) = self.pid() else {
            return Err(BrokerError::Failed("the broker is not running".to_owned()));
        };
        let kill = format!("kill -{signal} {pid}");
        let status = Command::new("sh").args(["-c", &kill]).status();
        match status.map_err(|error| failed(&error))? {
            status if status.success() => Ok(()),
            status => Err(BrokerError::Failed(format!("'{kill}': {status}"))),
        }
    }

    fn order(&mut self, order: &str) -> Result<(), BrokerError> {
        let stdin = self.shell.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe);
        let written = stdin
            .map_err(io::Error::from)
            .and_then(|pipe| writeln!(pipe, "{order}"));
        written.map_err(|error| failed(&error))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // So that ports, processes and files are gone when this returns.
        let _ = self.shell.wait();
    }
}

fn failed(error: &io::Error) -> BrokerError {
    BrokerError::Failed(format!("the broker's keeper: {error}"))
}
