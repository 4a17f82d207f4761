//! The frame around a server: what a process does from its start to its end, whatever it serves.
//!
//! A [`Service`] is a [`Manager`] on a bus: its hooks run in a fixed order, its host's row is kept by a
//! [`ServiceGroup`], its periodic tasks run beside its methods. A [`Launcher`] runs it in this process or in several
//! worker processes, and ends, reloads and restarts them as signals say. Nothing here knows a database, or an API.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use rpc_runtime::service::{Manager, Service, periodic_tasks};
//! use rpc_runtime::{Bus, Context, RpcServer, rpc_api};
//!
//! #[rpc_api(topic = "inventory", version = "1.0")]
//! trait Inventory {
//!     #[rpc(call)]
//!     async fn count(&self, ctx: &Context) -> Result<u32, Infallible>;
//! }
//!
//! struct Stock;
//!
//! impl Inventory for Stock {
//!     async fn count(&self, _: &Context) -> Result<u32, Infallible> {
//!         Ok(10)
//!     }
//! }
//!
//! #[derive(RpcServer)]
//! struct Warehouse {
//!     #[rpc(InventoryApi)]
//!     stock: Stock,
//! }
//!
//! impl Manager for Warehouse {}
//!
//! #[periodic_tasks]
//! impl Warehouse {
//!     /// Counts everything again.
//!     #[periodic_task(spacing = "60s")]
//!     async fn recount(&self, _ctx: &Context) {}
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::memory();
//! let service = Service::builder(&bus, Warehouse { stock: Stock })
//!     .binary("warehouse")
//!     .host("hall-1")
//!     .periodic_fuzzy_delay(Duration::from_secs(10))
//!     .start()
//!     .await?;
//! assert_eq!(InventoryClient::new(&bus).call().count(&Context::new()).await?, 10);
//! let _ = service.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Objects that travel
//!
//! There is no serializer between the router and the managers. What oslo.messaging's does at run time, walk a tree of
//! values and replace those that look like objects, serde does at compile time: an object is a type, written and read
//! by its own `Serialize` and `Deserialize`, and it stands in the trait's method where it travels. A second seam
//! would only let the two disagree.

pub mod backdoor;
mod builder;
pub mod group;
mod identity;
pub mod launch;
mod manager;
pub mod periodic;
mod ready;
mod running;

pub use builder::{Builder, StartError};
pub use group::{MemoryGroup, ServiceGroup};
pub use identity::{Identity, host_name};
pub use launch::{Launcher, Workers};
pub use manager::Manager;
pub use periodic::{PeriodicTask, PeriodicTasks};
pub use ready::wait_until_ready;
/// The periodic tasks of a manager.
///
/// On an `impl` block of the manager; `#[periodic_task(..)]` marks the methods of it that are tasks.
///
/// ```
/// use std::time::Duration;
///
/// use rpc_runtime::Context;
/// use rpc_runtime::service::{PeriodicTasks, periodic_tasks};
///
/// struct Warehouse {
///     audit_every: Option<Duration>,
/// }
///
/// #[periodic_tasks]
/// impl Warehouse {
///     /// An error is logged; the other tasks run all the same.
///     #[periodic_task(spacing = "10m", run_immediately)]
///     async fn recount(&self, _ctx: &Context) -> Result<(), std::io::Error> {
///         Ok(())
///     }
///
///     #[periodic_task(spacing = self.audit_every.unwrap_or_default(), enabled = self.audit_every.is_some())]
///     async fn audit(&self, _ctx: &Context) {}
///
///     /// Without a spacing: in every pass, and so once a minute at least.
///     #[periodic_task]
///     async fn sweep(&self, _ctx: &Context) {}
/// }
///
/// let tasks = Warehouse { audit_every: None }.periodic_tasks();
/// assert_eq!(tasks.len(), 3);
/// assert!(tasks.iter().any(|task| task.name() == "audit" && !task.is_enabled()));
/// ```
pub use rpc_macros::periodic_tasks;
pub use running::Service;

/// What a hook, a task or a driver fails with: logged, or handed on, but never looked into.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
