//! Syntax to model: reads what the user wrote and tells what cannot be read. Judges no rule across items.

mod api;
mod argument;
mod attribute;
mod case;
mod error_type;
mod history;
mod method;
mod options;
mod periodic;
mod serde;
mod service;
mod values;
mod waiver;
mod wire_type;

pub(crate) use api::api;
pub(crate) use attribute::docs;
#[cfg(test)]
pub(crate) use attribute::strip;
pub(crate) use case::snake;
pub(crate) use error_type::error_type;
pub(crate) use periodic::periodic_tasks;
pub(crate) use service::service;
pub(crate) use wire_type::wire_type;
