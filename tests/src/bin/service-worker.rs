//! A service for launcher tests: serves [`Work`](rpc_tests::work::Work) in this process or in several.
//!
//! ```text
//! service-worker URL WORKERS NAME ORACLE-FILE DRAIN-SECONDS
//! ```
//!
//! The oracle knows a worker process by the name and its number, as `NAME-1`, and a service without any by its name.
//! Prints `ready` when it serves, `reload` where that hook runs, and `reset` where the manager's does. `FAILS` in the
//! environment lets every start fail. Logs go to standard error, as `RUST_LOG` says.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::service::{BoxError, Identity, Launcher, Manager, PeriodicTasks, Service, Workers};
use rpc_runtime::testing::Oracle;
use rpc_runtime::{Bus, RpcServer, Settings};
use rpc_tests::work::{WorkApi, Worker};
use tracing_subscriber::EnvFilter;

#[derive(RpcServer)]
struct House {
    #[rpc(WorkApi)]
    worker: Worker,
}

impl PeriodicTasks for House {}

impl Manager for House {
    async fn init_host(&self, _: &Identity) -> Result<(), BoxError> {
        match std::env::var_os("FAILS") {
            Some(_) => Err("as asked".into()),
            None => Ok(()),
        }
    }

    async fn reset(&self) {
        say(&format!("reset {}", self.worker.name));
    }
}

/// One write a line: several processes write to one output.
fn say(line: &str) {
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, workers, name, file, drain] = &arguments[..] else {
        eprintln!("usage: service-worker URL WORKERS NAME ORACLE-FILE DRAIN-SECONDS");
        return ExitCode::from(2);
    };
    match run(url, workers, name, file.as_ref(), drain).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(
    url: &str,
    workers: &str,
    name: &str,
    file: &Path,
    drain: &str,
) -> Result<ExitCode, Box<dyn Error>> {
    let mut launcher = Launcher::new()?.on_ready(|| say("ready"));
    let own_name = match launcher.worker() {
        Some(number) => format!("{name}-{number}"),
        None => name.to_owned(),
    };
    launcher = launcher.on_reload({
        let name = own_name.clone();
        move || say(&format!("reload {name}"))
    });

    let url = url.parse()?;
    let workers = Workers::processes(workers.parse()?, &url)?;
    let oracle = Arc::new(Oracle::in_file(file)?);
    let house = House {
        worker: Worker::new(&own_name, &oracle),
    };
    let bus = Bus::open(&url, Settings::default())?;
    let drain = Duration::from_secs(drain.parse()?);
    let service = Service::builder(&bus, house)
        .host(name)
        .server(move |server| server.handlers(200).drain(drain));
    launcher.serve(workers, service.start())?;
    Ok(launcher.wait().await?.exit_code())
}
