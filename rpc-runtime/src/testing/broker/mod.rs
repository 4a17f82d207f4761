//! A throwaway RabbitMQ: own node, directory, cookie and ports, all on loopback; it leaves nothing behind.
//!
//! ```no_run
//! # async fn example() -> Result<(), rpc_runtime::testing::BrokerError> {
//! use rpc_runtime::testing::Broker;
//!
//! let broker = Broker::start().await?;
//! let vhost = broker.vhost("orders").await?;
//! println!("{}", vhost.url()); // rabbit://guest:guest@127.0.0.1:23456/orders-...
//! broker.kill().await?; // as kill -9 does
//! broker.start_again().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A start takes some seconds. Tests that only need a virtual host of their own share one: [`Broker::shared`].
//!
//! `RPC_TEST_KEEP=1` leaves the directory (under `TMPDIR`) with its logs in place.

mod admin;
mod control;
mod home;
mod keeper;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, sleep, timeout};

pub use admin::{Binding, Exchange, Queue, Vhost};
use home::Home;
use keeper::Keeper;

/// The variable that names the directory of a broker which tests of several processes share.
///
/// Set by a test runner to [`Broker::directory`].
pub const SHARED: &str = "RPC_TEST_BROKER";

/// A start usually takes five seconds; a busy machine needs more.
const START_LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);

/// Why there is no throwaway broker, or why it did not do what it was told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BrokerError {
    /// A program is missing.
    #[error(
        "'{0}' was not found on the PATH or in /usr/lib/rabbitmq/bin: install the package 'rabbitmq-server'"
    )]
    NotInstalled(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

/// A throwaway broker. Dropping it ends the node and removes its directory.
#[derive(Debug)]
pub struct Broker {
    home: Home,
    /// None for a broker that another process keeps.
    keeper: Option<Mutex<Keeper>>,
}

impl Broker {
    /// Starts a broker of one's own and waits until it serves.
    ///
    /// # Errors
    /// [`BrokerError::NotInstalled`] without RabbitMQ; otherwise the broker's last words.
    pub async fn start() -> Result<Self, BrokerError> {
        Self::start_with("").await
    }

    /// As [`start`](Self::start), with further lines of `rabbitmq.conf`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(settings: &str) -> Result<Self, BrokerError> {
        let home = Home::create(settings)?;
        let keeper = Keeper::start(&home)?;
        let broker = Self {
            home,
            keeper: Some(Mutex::new(keeper)),
        };
        broker.start_again().await?;
        Ok(broker)
    }

    /// The broker that tests share: the one that the variable [`SHARED`] names, or one that is started once in
    /// this process. It cannot be stopped, killed or frozen.
    ///
    /// # Errors
    /// As [`start`](Self::start), or when the variable does not name a broker's directory.
    pub async fn shared() -> Result<&'static Self, BrokerError> {
        static BROKER: OnceCell<Broker> = OnceCell::const_new();
        let open = async || match std::env::var_os(SHARED) {
            Some(directory) => Ok(Self {
                home: Home::open(Path::new(&directory))?,
                keeper: None,
            }),
            None => Self::start().await,
        };
        BROKER.get_or_try_init(open).await
    }

    /// Where its files are; what another process sets [`SHARED`] to.
    pub fn directory(&self) -> &Path {
        &self.home.directory
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.home.amqp)
    }

    /// The transport URL of a virtual host, `/` or another.
    pub fn url(&self, vhost: &str) -> String {
        self.url_by(self.address(), vhost)
    }

    /// As [`url`](Self::url), by way of another address, such as a [`Relay`](super::Relay)'s.
    pub fn url_by(&self, address: impl std::fmt::Display, vhost: &str) -> String {
        format!("rabbit://guest:guest@{address}/{vhost}")
    }

    /// Kills the node (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// When it is not running, or not ours to kill.
    pub async fn kill(&self) -> Result<(), BrokerError> {
        self.end("KILL").await
    }

    /// Stops the node in order and waits until it is gone.
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub async fn stop(&self) -> Result<(), BrokerError> {
        self.end("TERM").await
    }

    async fn end(&self, signal: &str) -> Result<(), BrokerError> {
        let mut keeper = self.keeper()?.lock().await;
        keeper.signal(signal)?;
        timeout(START_LIMIT, keeper.ended())
            .await
            .map_err(|_| BrokerError::Failed(format!("the broker did not end by SIG{signal}")))
    }

    /// Stops the node's processes where they are (SIGSTOP): connections stay open and silent.
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub async fn freeze(&self) -> Result<(), BrokerError> {
        self.keeper()?.lock().await.signal("STOP")
    }

    /// Ends a [`freeze`](Self::freeze).
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub async fn thaw(&self) -> Result<(), BrokerError> {
        self.keeper()?.lock().await.signal("CONT")
    }

    /// Starts the node again after [`kill`](Self::kill) or [`stop`](Self::stop), on the same port and with what
    /// it stored; waits until it serves.
    ///
    /// # Errors
    /// When it does not start, with its last words.
    pub async fn start_again(&self) -> Result<(), BrokerError> {
        let mut keeper = self.keeper()?.lock().await;
        if keeper.pid().is_some() {
            return Err(BrokerError::Failed("the broker is running already".to_owned()));
        }
        keeper.start_node().await?;
        let limit = Instant::now() + START_LIMIT;
        while !self.serves().await {
            if keeper.pid().is_none() || Instant::now() > limit {
                let words = self.home.last_words();
                return Err(BrokerError::Failed(format!("the broker did not start:{words}")));
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// It has booted, and answers an AMQP header with its first frame.
    async fn serves(&self) -> bool {
        let booted = self.home.control().eval("rabbit:is_running().".to_owned()).await;
        if booted.as_deref() != Ok("true") {
            return false;
        }
        let greet = async {
            let mut stream = TcpStream::connect(self.address()).await?;
            stream.write_all(b"AMQP\0\0\x09\x01").await?;
            stream.read_u8().await
        };
        const METHOD_FRAME: u8 = 1;
        matches!(timeout(Duration::from_secs(5), greet).await, Ok(Ok(METHOD_FRAME)))
    }

    fn keeper(&self) -> Result<&Mutex<Keeper>, BrokerError> {
        self.keeper.as_ref().ok_or_else(|| {
            BrokerError::Failed("this broker is shared: start one of your own to stop it".to_owned())
        })
    }

    /// Runs `rabbitmqctl` and gives what it printed.
    ///
    /// # Errors
    /// What it complained of.
    pub async fn ctl(&self, arguments: &[&str]) -> Result<String, BrokerError> {
        let mut command = Command::new(&self.home.programs.ctl);
        command
            .arg("--quiet")
            .args(arguments)
            .envs(self.home.environment());
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output
            .await
            .map_err(|error| BrokerError::Failed(error.to_string()))?;
        let output = output.map_err(|error| BrokerError::Failed(format!("rabbitmqctl: {error}")))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(BrokerError::Failed(format!(
            "rabbitmqctl {}: {}{}",
            arguments.join(" "),
            text(&output.stdout),
            text(&output.stderr)
        )))
    }

    /// Evaluates Erlang expressions (each list ends with a full stop) in the broker, some thousand times faster
    /// than `rabbitmqctl eval`. The last value comes back as a term, or as JSON if it is `{json, Term}`.
    ///
    /// # Errors
    /// What was raised, or that the broker does not answer.
    pub async fn eval(&self, expressions: &str) -> Result<String, BrokerError> {
        self.home.control().eval(expressions.to_owned()).await
    }
}
