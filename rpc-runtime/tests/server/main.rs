//! What a server does with odd messages and at odd moments, seen from the other end of the bus.

#![allow(clippy::unwrap_used, reason = "a test")]

mod broker;
mod heartbeats;
mod messages;
mod peer;
mod replies;
mod sharing;
mod stop;
mod work;
