//! Syntax to model: reads what the user wrote and tells what cannot be read. Judges no rule across items.

mod api;
mod argument;
mod attribute;
mod method;
mod options;
mod values;

pub(crate) use api::api;
