//! The conductor: serves what only it may do, and asks any service of the bus from a terminal.

mod cli;
mod place;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
