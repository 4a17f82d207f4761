//! `conductor serve`: serves until a signal says stop.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use clap::Parser;
use rpc_runtime::service::launch::LaunchError;
use rpc_runtime::service::{BoxError, Launcher, Service, StartError, Workers};
use rpc_runtime::transport::url::TransportUrl;
use rpc_runtime::transport::{ConnectError, TransportError};
use rpc_runtime::{Bus, server};
use tracing::warn;

use super::bus::{self, BusOptions};
use super::config;
use super::database::{self, DatabaseOptions};
use super::exit::{CODES, Class, Failed};
use super::print;
use crate::service;
use crate::settings::{Assignment, Loaded};
use crate::store::Store;

/// Serve the topic conductor; this is done when no command is given
///
/// SIGTERM or SIGINT (Ctrl-C) ends it: what is begun is finished, and nothing more is taken. A second signal ends it
/// at once. SIGHUP reads the settings again; what is logged follows them. A broker that is not there yet is waited
/// for.
#[derive(Parser, Debug)]
#[command(after_help = CODES)]
pub(crate) struct Serve {
    /// The name of this server on its topic [default: the name of the host]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,

    /// Serve with so many processes, which share the work [default: with this one]
    #[arg(long, value_name = "NUMBER")]
    workers: Option<String>,

    #[command(flatten)]
    bus: BusOptions,

    #[command(flatten)]
    database: DatabaseOptions,
}

impl Serve {
    /// What the options say, as settings.
    pub(super) fn assignments(&self) -> Vec<Assignment> {
        let options = [
            ("host", &self.host, "--host"),
            ("workers", &self.workers, "--workers"),
        ];
        let own = options.into_iter().filter_map(|(key, value, option)| {
            Some(Assignment::option("service", key, value.as_deref()?, option))
        });
        own.chain(self.bus.assignments())
            .chain(self.database.assignments())
            .collect()
    }
}

/// Serves as the settings say. `reload` reads them again.
pub(super) async fn run(
    loaded: Loaded,
    reload: impl Fn() + Send + Sync + 'static,
) -> Result<ExitCode, Failed> {
    let url = bus::url(&loaded, true)?;
    let bus = bus::open(&loaded, &url)?;
    let workers = workers(&loaded, &url)?;
    let greeting = greeting(&loaded, &url);

    let mut launcher = Launcher::new()
        .map_err(told)?
        .on_reload(reload)
        .on_ready(move || print::line(greeting).unwrap_or_else(print::note));
    let worker = launcher.worker();
    if worker.is_none() {
        for hint in &loaded.hints {
            warn!("{hint}");
        }
    }
    let opened = Arc::new(OnceLock::new());
    launcher
        .serve(workers, start(bus, loaded, worker, Arc::clone(&opened)))
        .map_err(told)?;
    let ended = launcher.wait().await;
    if let Some(store) = opened.get() {
        store.close().await;
    }
    Ok(ended.map_err(told)?.exit_code())
}

/// Starts the service, in whichever process it is to run. The database that it opened is told.
async fn start(
    bus: Bus,
    loaded: Loaded,
    worker: Option<u32>,
    opened: Arc<OnceLock<Store>>,
) -> Result<Service, BoxError> {
    let store = database::open(&loaded, true).await?;
    let store = opened.get_or_init(|| store).clone();
    let mut service = service::conductor(&bus, store, &loaded.settings);
    if let Some(place) = loaded.settings.backdoor(worker) {
        let shown = config::as_json(&loaded);
        service = service.backdoor(place).settings(move || shown.clone());
    }
    Ok(service.start().await?)
}

fn workers(loaded: &Loaded, url: &TransportUrl) -> Result<Workers, Failed> {
    let count = loaded.settings.service.workers.map_or(0, |workers| workers.0);
    Workers::processes(count, url)
        .map_err(|error| Failed::usage(format!("{}: {error}", loaded.place("service", "workers"))))
}

/// What is said when it is up: where it is, and what to type next to be answered.
fn greeting(loaded: &Loaded, url: &TransportUrl) -> String {
    let (host, exchange) = (
        &loaded.settings.service.host,
        &loaded.settings.rpc.control_exchange,
    );
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
    if exchange != "openstack" {
        command.push_str(&format!(" --exchange {exchange}"));
    }
    format!("conductor '{host}' listens at {url}; ask it with: {command}")
}

/// Why it does not serve.
fn told(error: LaunchError) -> Failed {
    let error = match error {
        LaunchError::Start(error) => error,
        other => return Failed::new(Class::Bus, other),
    };
    let error = match error.downcast::<Failed>() {
        Ok(failed) => return *failed,
        Err(other) => other,
    };
    match error.downcast::<StartError>().map(|error| *error) {
        Ok(StartError::Server(error)) => cannot_listen(error),
        Ok(other) => Failed::new(Class::Bus, other),
        Err(other) => Failed::new(Class::Bus, other),
    }
}

fn cannot_listen(error: server::StartError) -> Failed {
    match error {
        // Another process listens there, and only one can.
        server::StartError::Transport(TransportError::Unsupported(text)) => Failed::new(Class::Bus, text),
        server::StartError::Transport(TransportError::Connect {
            host,
            reason: ConnectError::Other(text),
        }) => Failed::new(Class::Bus, format!("{host}: {text}"))
            .hint("--transport-url names another place, as in unix:///path/to/socket"),
        server::StartError::Transport(error) => error.into(),
        wrong @ (server::StartError::Incomplete(_) | server::StartError::ServedTwice(_)) => {
            Failed::new(Class::Usage, wrong)
        }
    }
}
