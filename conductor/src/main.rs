//! The conductor: serves what only it may do, and asks any service of the bus from a terminal.

mod cli;
mod place;
mod service;
mod settings;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
