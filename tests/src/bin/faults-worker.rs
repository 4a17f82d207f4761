//! A worker process for fault tests: serves [`Work`](rpc_tests::work::Work) until it is told to stop, or killed.
//!
//! ```text
//! faults-worker URL NAME ORACLE-FILE DRAIN-SECONDS
//! ```
//!
//! Prints `ready` when it listens. SIGTERM stops it in order; it also ends with its standard input, so that it does
//! not outlive a test. Logs go to standard error, as `RUST_LOG` says.

use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::testing::Oracle;
use rpc_runtime::{Bus, Server, Settings};
use rpc_tests::work::{WorkApi, Worker};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, name, file, drain] = &arguments[..] else {
        eprintln!("usage: faults-worker URL NAME ORACLE-FILE DRAIN-SECONDS");
        return ExitCode::from(2);
    };
    match run(url, name, file.as_ref(), drain).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run(url: &str, name: &str, file: &Path, drain: &str) -> Result<(), Box<dyn Error>> {
    // Blocks for ever, so it is a thread of its own.
    std::thread::spawn(|| {
        while let Ok(1..) = std::io::stdin().read(&mut [0; 64]) {}
        std::process::exit(3);
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let oracle = Arc::new(Oracle::in_file(file)?);
    let bus = Bus::open(&url.parse()?, Settings::default())?;
    let server = Server::builder(&bus)
        .server(name)
        .handlers(200)
        .drain(Duration::from_secs(drain.parse()?))
        .serve::<WorkApi, _>(Worker::new(name, &oracle))
        .start()
        .await?;
    std::io::stdout().write_all(b"ready\n")?;
    terminate.recv().await;
    let stopped = server.stop().await;
    bus.close().await;
    match stopped.abandoned {
        0 => Ok(()),
        abandoned => Err(format!("{abandoned} handlers did not finish").into()),
    }
}
