//! Typed RPC in the protocol of oslo.messaging: a trait is the contract of a service, and the bus is a URL.
//!
//! [`rpc_api`] on a trait makes the client and the server's dispatch of it. A [`Bus`] is where messages go: RabbitMQ,
//! a socket, or this process. [`Server`] serves managers on it; the generated client calls them. [`CallError`] says how
//! a call can end, and [`RpcError`] which errors cross the wire by their class. [`UntypedClient`] calls any service by
//! names and JSON. [`service`] is the frame of a process that serves: its start and end, periodic tasks, workers.
//!
//! ```
//! use std::convert::Infallible;
//! use rpc_runtime::{Context, rpc_api};
//!
//! /// Greets.
//! #[rpc_api(topic = "hall", version = "1.0")]
//! pub trait Greeter {
//!     /// Greets somebody.
//!     #[rpc(call)]
//!     async fn greet(&self, ctx: &Context, name: String) -> Result<String, Infallible>;
//! }
//!
//! struct Porter;
//!
//! impl Greeter for Porter {
//!     async fn greet(&self, _: &Context, name: String) -> Result<String, Infallible> {
//!         Ok(format!("Good evening, {name}"))
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let greeter = GreeterClient::local(Porter);
//! let greeting = greeter.call().greet(&Context::new(), "Ada").await.unwrap();
//! assert_eq!(greeting, "Good evening, Ada");
//! # });
//! ```
//!
//! # What is promised
//!
//! * A call ends by its deadline, plus half a second, whatever state the bus is in: with its result, an error of the
//!   server, or a [`SendError`] that says how far the message came ([`Sent`](transport::Sent)).
//! * A cast ends when the bus has confirmed the message, whether or not there is a server to take it.
//! * A request runs at most once, unless its method says [`at_least_once`](spec::Delivery::AtLeastOnce); one that is
//!   published twice, because the confirm of the first copy was lost, runs once if the same server gets both within its
//!   [`dedup`](server::Builder::dedup) window.
//! * Nothing that a peer sends makes a process panic, or publish to anything but a reply queue.
//!
//! # Features
//!
//! `testing`: a throwaway RabbitMQ, a TCP relay that makes faults, an oracle that counts, and a recorder, for the tests
//! of services.
#![forbid(unsafe_code)]

mod arities;
mod bus;
pub mod client;
mod context;
mod deadline;
mod described;
mod error;
mod joined;
mod managers;
mod panic;
pub mod pin;
mod released;
mod sanitized;
pub mod server;
pub mod service;
pub mod shape;
mod sockets;
pub mod spec;
mod taken;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trace;
pub mod transport;
mod travels;
pub mod version;
pub mod wire;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
use __private as private;

pub use bus::{Bus, ConnectFailed, Settings};
pub use client::{ArgOf, ByRef, Call, CallStream, Cast, Client, ItemStream, SpecClient, UntypedClient};
pub use context::Context;
pub use error::{CallError, KnownError, RpcError, SendError};
pub use managers::{Managers, ServedTwice};
pub use pin::{Pin, PinSource, Release, UpgradeLevel};
/// Variants of an enum as exceptions that peers know.
///
/// ```
/// use rpc_runtime::{Failure, RpcError};
///
/// #[derive(Debug, thiserror::Error, RpcError)]
/// #[rpc(module = "nova.exception")]
/// pub enum MigrateError {
///     #[error("Instance {instance_id} could not be found.")]
///     InstanceNotFound { instance_id: String },
///     #[error("{0}")]
///     #[rpc(module = "builtins")]
///     ValueError(String),
///     #[error(transparent)]
///     #[rpc(transparent)]
///     Other(Failure),
/// }
///
/// let failure = MigrateError::InstanceNotFound { instance_id: "7".to_owned() }.to_failure();
/// assert_eq!(failure.class, "InstanceNotFound");
/// assert_eq!(failure.kwargs["instance_id"], "7");
/// ```
pub use rpc_macros::RpcError;
/// Several APIs on one server.
///
/// ```
/// use std::convert::Infallible;
///
/// use rpc_runtime::{Bus, Context, RpcServer, Server, rpc_api};
///
/// #[rpc_api(topic = "tasks", namespace = "compute_task", version = "1.0")]
/// trait ComputeTask {
///     #[rpc(cast)]
///     async fn migrate(&self, ctx: &Context, instance: String);
/// }
///
/// #[rpc_api(topic = "tasks", version = "1.1")]
/// trait Base {
///     #[rpc(call)]
///     async fn ping(&self, ctx: &Context) -> Result<String, Infallible>;
/// }
///
/// struct Manager;
///
/// impl ComputeTask for Manager {
///     async fn migrate(&self, _: &Context, _: String) {}
/// }
///
/// impl Base for Manager {
///     async fn ping(&self, _: &Context) -> Result<String, Infallible> {
///         Ok("pong".to_owned())
///     }
/// }
///
/// #[derive(RpcServer)]
/// struct Service {
///     #[rpc(ComputeTaskApi)]
///     tasks: Manager,
///     #[rpc(BaseApi)]
///     base: Manager,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::memory();
/// let service = Service { tasks: Manager, base: Manager };
/// let server = Server::builder(&bus).server("here").service(service).start().await?;
/// assert_eq!(BaseClient::new(&bus).call().ping(&Context::new()).await?, "pong");
/// # let _ = server.stop().await;
/// # Ok(())
/// # }
/// ```
pub use rpc_macros::RpcServer;
/// What serde makes of a type, known to the compiler.
///
/// ```
/// use rpc_runtime::Wire;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Wire)]
/// #[serde(rename_all = "camelCase")]
/// struct Host {
///     host_name: String,
///     #[serde(default)]
///     ports: Vec<u16>,
/// }
///
/// assert_eq!(<Vec<Host> as Wire>::SHAPE.to_string(), "[Host]");
/// ```
pub use rpc_macros::Wire;
/// A trait as a service and its client.
///
/// ```
/// use rpc_runtime::{Context, Failure, Version, rpc_api};
///
/// /// Adds things.
/// #[rpc_api(topic = "calc", namespace = "calc", version = "1.1")]
/// pub trait Calc {
///     /// Adds two numbers.
///     #[rpc(call, timeout = "30s", idempotent)]
///     async fn add(
///         &self,
///         ctx: &Context,
///         a: i64,
///         #[rpc(since = "1.1", default = 1)] b: i64,
///     ) -> Result<i64, Failure>;
///
///     /// Forgets everything.
///     #[rpc(cast, fanout)]
///     async fn reset(&self, ctx: &Context);
/// }
///
/// struct Manager;
///
/// impl Calc for Manager {
///     async fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, Failure> {
///         Ok(a + b)
///     }
///
///     async fn reset(&self, _: &Context) {}
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ctx = Context::new();
/// let client = CalcClient::local(Manager);
/// assert_eq!(client.call().add(&ctx, 1, 2).await?, 3);
/// client.fanout().reset(&ctx).await?;
///
/// // A server from before 1.1 adds one: any other number would be lost on it.
/// let pinned = client.pinned(Version::new(1, 0));
/// assert_eq!(pinned.call().add(&ctx, 1, 1).await?, 2);
/// assert!(pinned.call().add(&ctx, 1, 2).await.is_err());
/// # Ok(())
/// # }
/// ```
pub use rpc_macros::rpc_api;
pub use server::{Answer, Dispatch, Incoming, Items, RpcServer, Serve, Server};
pub use shape::Wire;
pub use spec::{Api, ApiSpec, ArgSpec, MethodSpec};
pub use travels::Travels;
pub use version::Version;
pub use wire::Failure;

/// The code of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
