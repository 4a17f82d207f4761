//! Runs a service from the start of its process to the end, in this process or in several.
//!
//! ```no_run
//! # use rpc_runtime::service::{Launcher, PeriodicTasks, Manager, Service, Workers};
//! # use rpc_runtime::{Bus, Managers, Settings};
//! # use std::process::ExitCode;
//! # async fn example<M: Manager>(warehouse: M) -> Result<ExitCode, Box<dyn std::error::Error>> {
//! let url = "rabbit://guest:guest@localhost/".parse()?;
//! let workers = Workers::processes(4, &url)?;
//! let bus = Bus::open(&url, Settings::default())?;
//!
//! let mut launcher = Launcher::new()?.on_ready(|| eprintln!("at your service"));
//! launcher.serve(workers, Service::builder(&bus, warehouse).start())?;
//! Ok(launcher.wait().await?.exit_code())
//! # }
//! ```
//!
//! # Worker processes
//!
//! They are this program, started again with the same arguments, and compete for the messages of the same queues. In
//! each of them `main` runs as it does here, and its launcher serves; here, the launcher only keeps them: the future
//! that would start the service is dropped. So what comes before `serve` is done in every process, and should be
//! cheap: settings, logs, a bus that is open but not connected.
//!
//! A worker that ends is replaced. When more of them were started within as many seconds as there are workers, the
//! launcher waits for a second before the next. When they end before they are ready, because a database cannot be
//! reached, say, the pauses grow to half a minute, until one is ready. The log tells of both.
//!
//! # Signals
//!
//! | signal | what happens |
//! | --- | --- |
//! | SIGTERM, SIGINT | No further messages are taken; what has begun is finished; the process ends. A second one ends it at once, workers included. A worker itself goes by the first alone, so that a whole group of processes can be told, as systemd does. |
//! | SIGHUP | What [`Launcher::on_reload`] says, then [`Manager::reset`](super::Manager::reset); in every worker, too. |
//!
//! A worker whose launcher is gone, by whatever end, ends at once. systemd is told of the start, of reloads and of the
//! end, if it asks (`Type=notify-reload`).

mod fleet;
mod in_process;
mod role;
mod signals;
mod systemd;
mod throttle;
mod worker;

use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::error;

use super::{BoxError, Service};
use crate::panic;
use crate::transport::url::TransportUrl;
use fleet::Fleet;
use role::{Role, Tether};
use signals::Signals;

/// In how many processes a service runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Workers(Option<NonZeroU32>);

/// Worker processes cannot share this bus.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{workers} worker processes cannot share {url}: only a broker gives each message to one of several processes; \
     use a rabbit:// URL, or no workers"
)]
pub struct NeedsBroker {
    workers: u32,
    url: String,
}

impl Workers {
    /// None: the service runs in this process.
    pub const IN_PROCESS: Self = Self(None);

    /// So many processes; none at all is [`IN_PROCESS`](Self::IN_PROCESS).
    pub fn processes(count: u32, url: &TransportUrl) -> Result<Self, NeedsBroker> {
        let workers = Self(NonZeroU32::new(count));
        if workers.0.is_some() && !matches!(url, TransportUrl::Rabbit(_)) {
            return Err(NeedsBroker {
                workers: count,
                url: url.to_string(),
            });
        }
        Ok(workers)
    }
}

/// Why a service was not launched, or did not end in order.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// One launcher serves one service.
    #[error("this launcher serves already: serve is called once")]
    AlreadyServing,
    /// There is nothing to wait for.
    #[error("this launcher serves nothing: call serve first")]
    NothingServed,
    /// The process cannot hear signals.
    #[error("cannot await signals: {0}")]
    Signals(io::Error),
    /// A worker process whose launcher cannot be found.
    #[error("this process cannot be a worker: {0}")]
    Role(String),
    /// No worker process can be started.
    #[error("cannot start a worker process: {0}")]
    Spawn(io::Error),
    /// The service did not start.
    #[error(transparent)]
    Start(BoxError),
    /// The bus was closed under the service.
    #[error("the bus was closed under the service")]
    BusClosed,
    /// The service panicked.
    #[error("the launcher panicked: {0}")]
    Panicked(String),
}

/// How a service ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Ended {
    /// It was told to, and finished what it had begun.
    Stopped {
        /// Requests that were still at work when the drain time was over. Those of worker processes are in their logs.
        abandoned: usize,
    },
    /// A signal ended it, of this number, before it was up or before it had finished.
    Signalled(i32),
}

impl Ended {
    /// The code of a process that ended so: 0, or 128 and the signal's number.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Stopped { .. } => ExitCode::SUCCESS,
            Self::Signalled(signal) => u8::try_from(128 + signal).map_or(ExitCode::FAILURE, ExitCode::from),
        }
    }
}

/// Runs one service until a signal ends it.
pub struct Launcher {
    role: Role,
    signals: Option<Signals>,
    reload: Reload,
    ready: Option<Ready>,
    serving: Option<JoinHandle<Result<Ended, LaunchError>>>,
}

type Reload = Arc<dyn Fn() + Send + Sync>;
type Ready = Box<dyn FnOnce() + Send>;

impl Launcher {
    /// Hears signals from now on. A worker process hears of its launcher's end, too.
    pub fn new() -> Result<Self, LaunchError> {
        let role = Role::of_this_process()?;
        Ok(Self {
            signals: Some(Signals::listen(&role).map_err(LaunchError::Signals)?),
            role,
            reload: Arc::new(|| {}),
            ready: None,
            serving: None,
        })
    }

    /// What else is to be done on SIGHUP, in this process and in each worker: read settings that can change, say.
    /// A panic of it is logged, and the service goes on.
    #[must_use]
    pub fn on_reload(mut self, reload: impl Fn() + Send + Sync + 'static) -> Self {
        self.reload = Arc::new(move || {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(&reload)) {
                error!(
                    panic = panic::text(&*payload),
                    "what is to be done on a reload panicked"
                );
            }
        });
        self
    }

    /// What is to be done when the service is up; with worker processes, when all of them are. Not done by a worker.
    #[must_use]
    pub fn on_ready(mut self, ready: impl FnOnce() + Send + 'static) -> Self {
        self.ready = Some(Box::new(ready));
        self
    }

    /// The number of this worker process, from 1; `None` in the process that others see.
    pub fn worker(&self) -> Option<u32> {
        self.role.worker()
    }

    /// Begins to serve; once. `start` is what starts the service, where it is to run.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn serve<E: Into<BoxError>>(
        &mut self,
        workers: Workers,
        start: impl Future<Output = Result<Service, E>> + Send + 'static,
    ) -> Result<(), LaunchError> {
        let signals = self.signals.take().ok_or(LaunchError::AlreadyServing)?;
        let reload = Arc::clone(&self.reload);
        let ready = self.ready.take();
        let start = async { start.await.map_err(Into::into) };
        self.serving = Some(match (&mut self.role, workers) {
            (Role::Worker { tether, .. }, _) => {
                let tether = tether.take().ok_or(LaunchError::AlreadyServing)?;
                tokio::spawn(worker::run(start, signals, reload, tether))
            }
            (Role::Launcher, Workers(None)) => tokio::spawn(in_process::run(start, signals, reload, ready)),
            (Role::Launcher, Workers(Some(count))) => {
                drop(start);
                tokio::spawn(Fleet::new(count).run(signals, reload, ready))
            }
        });
        Ok(())
    }

    /// Waits for the end of the service, which is in order after a signal.
    pub async fn wait(self) -> Result<Ended, LaunchError> {
        let serving = self.serving.ok_or(LaunchError::NothingServed)?;
        match serving.await {
            Ok(ended) => ended,
            Err(error) => Err(LaunchError::Panicked(error.to_string())),
        }
    }
}

impl fmt::Debug for Launcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launcher")
            .field("worker", &self.worker())
            .field("serving", &self.serving.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_need_a_bus_that_they_can_share() {
        let rabbit = "rabbit://guest:guest@localhost/".parse().unwrap();
        assert_eq!(Workers::processes(2, &rabbit), Ok(Workers(NonZeroU32::new(2))));
        for alone in ["memory://here", "unix:///run/here.sock", "tcp://127.0.0.1:7000"] {
            let url = alone.parse().unwrap();
            assert_eq!(Workers::processes(0, &url), Ok(Workers::IN_PROCESS));
            let refused = Workers::processes(2, &url).unwrap_err().to_string();
            assert!(
                refused.contains(alone) && refused.contains("rabbit://"),
                "{refused}"
            );
        }
    }

    #[tokio::test]
    async fn a_reload_that_panics_is_over() {
        let launcher = Launcher::new().unwrap().on_reload(|| panic!("no settings"));
        (launcher.reload)();
        in_process::caught(Box::pin(async { panic!("no rows") })).await;
    }

    #[test]
    fn an_end_by_a_signal_shows_in_the_exit_code() {
        let code = |ended: Ended| format!("{:?}", ended.exit_code());
        assert_eq!(
            code(Ended::Stopped { abandoned: 3 }),
            format!("{:?}", ExitCode::SUCCESS)
        );
        assert_eq!(code(Ended::Signalled(15)), format!("{:?}", ExitCode::from(143)));
        assert_eq!(code(Ended::Signalled(999)), format!("{:?}", ExitCode::FAILURE));
    }
}
