//! The conductor: serves what only it may do, and asks any service of the bus from a terminal.

mod cli;
mod group;
mod havana;
mod notifier;
mod objects;
mod peers;
mod place;
mod python;
mod quotas;
mod service;
mod services;
mod settings;
mod store;
mod tasks;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
