//! `conductor serve`: serves until a signal says stop.

use std::process::ExitCode;

use clap::Parser;
use rpc_runtime::server::StartError;
use rpc_runtime::transport::url::TransportUrl;
use rpc_runtime::transport::{ConnectError, TransportError};
use rpc_runtime::{Bus, Server};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use super::bus::{self, BusOptions};
use super::exit::{CODES, Class, Failed};
use super::print;
use crate::service::{Conductor, TOPIC};
use crate::settings::{Assignment, Loaded};

/// Serve the topic conductor; this is done when no command is given
///
/// SIGTERM or SIGINT (Ctrl-C) ends it: what is begun is finished, and nothing more is taken. A second signal ends it
/// at once. A broker that is not there yet is waited for.
#[derive(Parser, Debug)]
#[command(after_help = CODES)]
pub(crate) struct Serve {
    /// The name of this server on its topic [default: the name of the host]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,

    #[command(flatten)]
    bus: BusOptions,
}

impl Serve {
    /// What the options say, as settings.
    pub(super) fn assignments(&self) -> Vec<Assignment> {
        let host = self.host.as_deref();
        let host = host.map(|host| Assignment::option("service", "host", host, "--host"));
        host.into_iter().chain(self.bus.assignments()).collect()
    }

    pub(super) async fn run(self, loaded: &Loaded) -> Result<ExitCode, Failed> {
        let mut signals = Signals::listen()?;
        let url = bus::url(loaded, true)?;
        let host = &loaded.settings.service.host;
        let bus = bus::open(loaded, &url)?;
        let server = tokio::select! {
            server = start(&bus, host) => server?,
            code = signals.next() => return Ok(code),
        };
        print::line(format_args!(
            "conductor '{host}' listens at {url}; ask it with: {}",
            next_command(loaded, &url)
        ))?;
        let code = signals.next().await;
        info!(at_work = server.at_work(), "stopping");
        tokio::select! {
            stopped = server.stop() => {
                if stopped.abandoned > 0 {
                    warn!(abandoned = stopped.abandoned, "requests were not finished");
                }
                bus.close().await;
                Ok(ExitCode::SUCCESS)
            }
            _ = signals.next() => Ok(code),
        }
    }
}

/// What to type next, to be answered by this server.
fn next_command(loaded: &Loaded, url: &TransportUrl) -> String {
    // Cargo says so to what it runs.
    let program = if std::env::var_os("CARGO").is_some() {
        "cargo run -p conductor --"
    } else {
        "conductor"
    };
    let mut command = format!("{program} ping");
    if !loaded.is_default("rpc", "transport_url") {
        command.push_str(&match url {
            // The URL is not shown whole: it has a password.
            TransportUrl::Rabbit(_) => " --transport-url URL".to_owned(),
            plain => format!(" --transport-url {plain}"),
        });
    }
    let exchange = &loaded.settings.rpc.control_exchange;
    if exchange != "openstack" {
        command.push_str(&format!(" --exchange {exchange}"));
    }
    command
}

async fn start(bus: &Bus, host: &str) -> Result<Server, Failed> {
    let server = Server::builder(bus)
        .topic(TOPIC)
        .server(host)
        .service(Conductor::default())
        .start()
        .await;
    server.map_err(|error| match error {
        // Another process listens there, and only one can.
        StartError::Transport(TransportError::Unsupported(text)) => Failed::new(Class::Bus, text),
        StartError::Transport(TransportError::Connect {
            host,
            reason: ConnectError::Other(text),
        }) => Failed::new(Class::Bus, format!("{host}: {text}"))
            .hint("--transport-url names another place, as in unix:///path/to/socket"),
        StartError::Transport(error) => error.into(),
        incomplete @ StartError::Incomplete(_) => Failed::new(Class::Usage, incomplete),
    })
}

/// The signals that end the service.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failed> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failed::new(Class::Bus, format!("cannot await signals: {error}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits for one; the code of a process that it ends at once.
    async fn next(&mut self) -> ExitCode {
        tokio::select! {
            _ = self.terminate.recv() => ExitCode::from(143),
            _ = self.interrupt.recv() => ExitCode::from(130),
        }
    }
}
