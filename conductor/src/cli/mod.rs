//! The command line: one file a command, and what they share. It knows the bus by its client alone.

mod bus;
mod call;
mod config;
mod database;
mod db;
mod exit;
mod fields;
mod logs;
mod output;
mod ping;
mod print;
mod serve;
mod service;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing::error;

use crate::settings::{Assignment, Environment, Files, Loaded, Settings};
use exit::Failed;
use logs::Logs;

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

    #[command(flatten)]
    files: FileOptions,
}

/// Where settings stand.
#[derive(Args, Debug, Default)]
struct FileOptions {
    /// The settings [default: /etc/conductor/conductor.toml, and then conductor/conductor.toml of your
    /// configuration directory, where they are]
    #[arg(long, value_name = "FILE", global = true, display_order = 101)]
    config: Option<PathBuf>,

    /// An existing nova.conf, whose options are taken for ours; also a directory, and several times
    #[arg(long, value_name = "FILE", global = true, display_order = 102)]
    nova_conf: Vec<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Command {
    Serve(serve::Serve),
    Ping(ping::Ping),
    Call(call::Call),
    Config(config::Config),
    Db(db::Db),
    Service(service::ServiceCommand),
}

impl Command {
    /// What its options say, as settings.
    fn assignments(&self) -> Vec<Assignment> {
        match self {
            Command::Serve(serve) => serve.assignments(),
            Command::Ping(ping) => ping.bus.assignments(),
            Command::Call(call) => call.bus.assignments(),
            Command::Config(_) => Vec::new(),
            Command::Db(db) => db.assignments(),
            Command::Service(service) => service.assignments(),
        }
    }
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    // Without a command it serves.
    let parsed = Cli::try_parse().and_then(|mut cli| match cli.command.take() {
        Some(command) => Ok((command, cli)),
        None => serve::Serve::try_parse_from(["serve"]).map(|serve| (Command::Serve(serve), cli)),
    });
    let (command, cli) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return print::usage(&error),
    };
    match execute(command, cli) {
        Ok(code) => code,
        Err(failed) => {
            print::note(&failed);
            failed.class.into()
        }
    }
}

fn execute(command: Command, cli: Cli) -> Result<ExitCode, Failed> {
    let sources = Sources {
        files: Files {
            config: cli.files.config,
            nova_conf: cli.files.nova_conf,
        },
        options: command.assignments(),
    };
    let loaded = sources.load()?;
    let logs = Logs::start(matches!(command, Command::Serve(_)), cli.verbose, &loaded)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(exit::Class::Bus, format!("cannot start: {error}")))?;
    let code = runtime.block_on(async {
        match command {
            Command::Serve(_) => serve::run(loaded, move || reload(&sources, &logs)).await,
            Command::Ping(ping) => ping.run(&loaded).await,
            Command::Call(call) => call.run(&loaded).await,
            Command::Config(config) => config.run(&loaded),
            Command::Db(db) => db.run(&loaded).await,
            Command::Service(service) => service.run(&loaded).await,
        }
    });
    // What still runs has no claim on this process any more.
    runtime.shutdown_background();
    code
}

/// Where the settings of this command come from, beside the environment.
struct Sources {
    files: Files,
    options: Vec<Assignment>,
}

impl Sources {
    fn load(&self) -> Result<Loaded, Failed> {
        Settings::load(&self.files, &Environment::of_process(), &self.options).map_err(|problems| {
            Failed::usage(problems).hint("`conductor config --help` tells where settings stand")
        })
    }
}

/// Reads the settings again, and follows those that can change in a process that serves.
fn reload(sources: &Sources, logs: &Logs) {
    match sources.load() {
        Ok(loaded) => logs.follow(&loaded),
        Err(problems) => error!("the settings stay as they are: {problems}"),
    }
}
