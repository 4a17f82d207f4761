//! Measures the project against a hand-written lapin loop and oslo.messaging, on one throwaway broker, and what a
//! call costs in instructions and allocations.
//!
//! `cargo run --release -p rpc-tests --bin bench` prints everything; `--quick` checks in some seconds that it all
//! runs, and that instructions and allocations are within their limits.

mod api;
mod callgrind;
mod count;
mod counted;
mod payload;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

#[derive(Parser)]
#[command(about)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Does a piece of work a number of times, to be watched by valgrind.
    #[command(hide = true)]
    Repeat { work: String, times: u64 },
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        None => bench(),
        Some(Command::Repeat { work, times }) => counted::Work::named(&work).and_then(|work| work.run(times)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Failed> {
    if !callgrind::is_there() {
        return Err("instructions are counted by valgrind: install the package 'valgrind'".into());
    }
    if counted::report(&mut std::io::stdout().lock())? {
        Ok(())
    } else {
        Err("something costs more than it may".into())
    }
}
