//! `cargo rpc`: what the APIs of a crate look like, what was released of them, and what changed.
//!
//! What an API looks like only the compiler knows. So the crate is compiled as for its tests, in a target folder of
//! its own, and asked ([`describe`]); everything else works on what it answered. Knows no runtime and no bus.
#![forbid(unsafe_code)]

mod cargo;
mod changes;
mod command;
mod describe;
mod export;
mod json;
mod output;
mod release;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Cargo passes the name of the subcommand on.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "rpc") {
        arguments.remove(1);
    }
    match command::Command::parse_from(arguments).run() {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            output::tell("error", error);
            command::Outcome::Failed.into()
        }
    }
}
