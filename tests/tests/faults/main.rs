//! Faults, one at a time, against a real RabbitMQ: what a fault does to a service, and what it must not do.
//!
//! Each test states the fault and the promise. Where a request could be lost or done twice, an oracle counts.
//! Tests that need a broker of their own are in modules named `own_broker`, which the test runner knows.

#![allow(clippy::unwrap_used, reason = "tests")]

mod connecting;
mod input;
mod kit;
mod launcher;
mod running;
mod serving;
mod shutdown;
