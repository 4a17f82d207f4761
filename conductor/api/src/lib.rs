//! The APIs of the conductor: the traits and the types that cross the wire. It knows no manager and no database:
//! what calls a conductor depends on this crate alone.
#![forbid(unsafe_code)]

mod base;
pub mod compute_task;
mod conductor;
pub mod havana;
mod object;
mod plain;

pub use base::{Base, BaseApi, BaseClient, Pong, wait_until_ready};
pub use compute_task::{ComputeTask, ComputeTaskApi, ComputeTaskClient, ComputeTaskRelease, MigrateError};
pub use conductor::{Conductor, ConductorApi, ConductorClient, Manifest};
pub use object::{FieldError, NovaObject};
pub use plain::{ObjectOr, Row};
