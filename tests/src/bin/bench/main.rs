//! Measures the project against a hand-written lapin loop and oslo.messaging, on one throwaway broker, and what a
//! call costs in instructions and allocations.
//!
//! `cargo run --release -p rpc-tests --bin bench` prints everything; `-- --quick` checks that it all runs, and
//! `-- count` counts instructions and allocations alone, without a broker.

mod api;
mod callgrind;
mod compared;
mod count;
mod counted;
mod lapin_loop;
mod ours;
mod payload;
mod peers;
mod proc;
mod table;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

/// Measures calls and casts against a hand-written lapin loop and oslo.messaging on one throwaway broker, and what
/// they cost in instructions and allocations. Prints Markdown.
#[derive(Parser)]
struct Options {
    /// Only checks, in some seconds, that everything runs, and that instructions and allocations are within limits.
    #[arg(long)]
    quick: bool,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long one measurement takes, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Python with oslo.messaging, as `tests/run` makes it.
    #[arg(long, env = "RPC_TEST_PYTHON", default_value = "target/python/bin/python")]
    python: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

/// A part of the benchmark, or what its own processes are started for.
#[derive(Subcommand)]
enum Command {
    /// Counts instructions and allocations alone, which needs no broker; fails when one is beyond its limit.
    Count,
    /// Does a piece of work a number of times, to be watched by valgrind.
    #[command(hide = true)]
    Repeat { work: String, times: u64 },
    /// Serves until standard input ends.
    #[command(hide = true)]
    Serve { peer: Peer, url: String },
    /// Calls as ordered on standard input.
    #[command(hide = true)]
    Call { peer: Peer, url: String },
}

#[derive(Clone, Copy, ValueEnum)]
enum Peer {
    Ours,
    Lapin,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        None => bench(&options),
        Some(Command::Count) => count_alone(),
        Some(Command::Repeat { work, times }) => counted::Work::named(work).and_then(|work| work.run(*times)),
        Some(Command::Serve { peer, url }) => match peer {
            Peer::Ours => worker::until_orphaned(ours::serve(url)),
            Peer::Lapin => worker::until_orphaned(lapin_loop::serve(url)),
        },
        Some(Command::Call { peer, url }) => match peer {
            Peer::Ours => worker::obey(ours::Client::connect(url)),
            Peer::Lapin => worker::obey(lapin_loop::Client::connect(url)),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn count_alone() -> Result<(), Failed> {
    callgrind::check_installed()?;
    within_limits(counted::report(&mut std::io::stdout())?)
}

fn within_limits(kept: bool) -> Result<(), Failed> {
    if kept {
        Ok(())
    } else {
        Err("something costs more instructions or allocations than it may".into())
    }
}

fn bench(options: &Options) -> Result<(), Failed> {
    callgrind::check_installed()?;
    let mut out = std::io::stdout();
    let python = options.python.is_file().then(|| options.python.clone());
    if python.is_none() {
        eprintln!(
            "oslo.messaging is left out, for there is no {}: tests/run makes it",
            options.python.display()
        );
    }
    let plan = if options.quick {
        compared::Plan {
            rounds: 1,
            warm_up: Duration::from_millis(50),
            length: Duration::from_millis(200),
            callers: &[1, 64],
            windows: &[16],
            python,
        }
    } else {
        compared::Plan {
            rounds: options.rounds,
            warm_up: Duration::from_millis(500),
            length: Duration::from_secs_f64(options.seconds),
            callers: &[1, 8, 64, 512],
            windows: &[1, 16, 256],
            python,
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(compared::report(&plan, &mut out))?;
    let kept = counted::report(&mut out)?;
    if options.quick {
        within_limits(kept)
    } else {
        Ok(())
    }
}
