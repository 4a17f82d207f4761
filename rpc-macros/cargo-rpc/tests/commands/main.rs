//! `cargo rpc` as a terminal runs it: what it prints, what it writes, and its exit code.

mod diff;
mod package;
mod program;
