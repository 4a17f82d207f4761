//! What the macros know of the user's items: plain data with the places it was read from.
//!
//! Filled by `parse`, judged by `check`, written out by `expand`.

mod api;
mod error_type;
mod periodic;
mod service;
pub(crate) mod wire_type;

pub(crate) use api::*;
pub(crate) use error_type::{ErrorType, Fields, NamedField, Variant, Wire};
pub(crate) use periodic::{PeriodicTasks, Spacing, Task};
pub(crate) use service::{Served, Service};
