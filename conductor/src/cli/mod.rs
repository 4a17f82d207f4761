//! The command line: one file a command, and what they share. It knows the bus by its client alone.

mod bus;
mod call;
mod exit;
mod fields;
mod ping;
mod print;
mod serve;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use exit::Failed;

/// The conductor: serves what only it may do, and asks any service of the bus from a terminal
#[derive(Parser, Debug)]
#[command(
    name = "conductor",
    version,
    after_help = exit::CODES,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: serve::Serve,

    /// Log more, to the standard error; twice for everything
    ///
    /// The variable RUST_LOG says it in detail, as in rpc_runtime=debug.
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 100)]
    verbose: u8,
}

#[derive(Subcommand, Debug)]
enum Command {
    Serve(serve::Serve),
    Ping(ping::Ping),
    Call(call::Call),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return print::usage(&error),
    };
    match execute(cli) {
        Ok(code) => code,
        Err(failed) => {
            print::note(&failed);
            failed.class.into()
        }
    }
}

fn execute(cli: Cli) -> Result<ExitCode, Failed> {
    log(cli.verbose)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(exit::Class::Bus, format!("cannot start: {error}")))?;
    let code = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(cli.serve)) {
            Command::Serve(serve) => serve.run().await,
            Command::Ping(ping) => ping.run().await,
            Command::Call(call) => call.run().await,
        }
    });
    // What still runs has no claim on this process any more.
    runtime.shutdown_background();
    code
}

/// Logs go to the standard error: the standard output is for answers.
fn log(verbose: u8) -> Result<(), Failed> {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "trace",
    };
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(text)
            .map_err(|error| Failed::usage(format!("the variable RUST_LOG: {error}")))?,
        _ => EnvFilter::new(level),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}
