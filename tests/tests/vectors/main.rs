//! Golden vectors: what real oslo.messaging clients and servers (18.3.1, and the library of 2013.2) sent over
//! RabbitMQ, recorded in `tests/vectors/`, and what both of our halves make of the same.
//!
//! The tests walk the folders: a new file is a new case. Where we differ on purpose, the case is listed with the
//! reason and with what we do instead. The vectors know no Rust, and this code knows no Python.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod calling;
mod conversations;
mod havana;
mod lab;
mod probes;
mod serving;
mod stub;
mod tables;
mod vector;

/// Ends a case with the two sides, unless they are equal.
macro_rules! same {
    ($ours:expr, $theirs:expr, $what:expr) => {
        match (&$ours, &$theirs) {
            (ours, theirs) if ours != theirs => {
                return Err(format!(
                    "{}:
    ours     {ours:?}
    recorded {theirs:?}",
                    $what
                ));
            }
            _ => {}
        }
    };
}
pub(crate) use same;
