//! The frame around a server: the order of its start and its end, its service group, its periodic tasks.

#![allow(clippy::unwrap_used, reason = "tests")]

mod backdoor;
mod group;
mod kit;
mod launcher;
mod life;
mod periodic;
mod ready;
