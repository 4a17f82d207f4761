//! The command line: one file a command, and what they share. It knows the bus by its client alone.

mod bus;
mod call;
mod exit;
mod fields;
mod logs;
mod ping;
mod print;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Failed;

/// The conductor: serves what only it may do, and asks any service of the bus from a terminal
#[derive(Parser, Debug)]
#[command(
    name = "conductor",
    version,
    after_help = exit::CODES
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

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
    // Without a command, and so without options, it serves.
    let parsed = Cli::try_parse().and_then(|cli| match cli.command {
        Some(command) => Ok((command, cli.verbose)),
        None => serve::Serve::try_parse_from(["serve"]).map(|serve| (Command::Serve(serve), cli.verbose)),
    });
    let (command, verbose) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return print::usage(&error),
    };
    match execute(command, verbose) {
        Ok(code) => code,
        Err(failed) => {
            print::note(&failed);
            failed.class.into()
        }
    }
}

fn execute(command: Command, verbose: u8) -> Result<ExitCode, Failed> {
    logs::start(matches!(command, Command::Serve(_)), verbose)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(exit::Class::Bus, format!("cannot start: {error}")))?;
    let code = runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Ping(ping) => ping.run().await,
            Command::Call(call) => call.run().await,
        }
    });
    // What still runs has no claim on this process any more.
    runtime.shutdown_background();
    code
}
