//! The command line as a terminal sees it: the built program, its exit codes, and its two outputs.
#![allow(clippy::unwrap_used)]

mod answers;
mod backdoor;
mod database;
mod hosts;
mod mistakes;
mod peer;
mod program;
mod rabbit;
mod serving;
mod settings;
mod waiting;
