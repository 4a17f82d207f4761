//! Typed RPC in the protocol of oslo.messaging.
#![forbid(unsafe_code)]

mod bus;
pub mod client;
mod context;
mod error;
mod managers;
pub mod server;
pub mod spec;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trace;
pub mod transport;
pub mod version;
pub mod wire;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
use __private as private;

pub use bus::{Bus, ConnectFailed, Settings};
pub use client::{ArgOf, ByRef, Call, CallStream, Cast, Client, ItemStream, UntypedClient};
pub use context::Context;
pub use error::{CallError, RpcError, SendError};
pub use managers::{Managers, ServedTwice};
pub use rpc_macros::{RpcError, RpcServer, rpc_api};
pub use server::{Answer, Dispatch, Incoming, Items, RpcServer, Serve, Server};
pub use spec::{Api, ApiSpec, ArgSpec, MethodSpec};
pub use version::Version;
pub use wire::Failure;

/// The code of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
