//! What an RPC API looked like when it was released, and whether a newer one still serves its callers.
//!
//! [`Snapshot`] is an API as data, [`read`] and `Display` its text form, which is checked in beside the code.
//! [`compare`] applies the [`Rule`]s to two of them. Types are [`Shape`]s; [`differences`] compares two, also while
//! the compiler evaluates constants. Knows no trait, no token and no transport.
#![forbid(unsafe_code)]

mod collect;
mod compare;
mod expression;
mod message;
mod model;
mod name;
mod read;
mod rules;
mod shape;
mod words;
mod write;

pub use collect::Collector;
pub use compare::{At, Change, Difference, Differences, Role, compare, differences};
pub use message::Message;
pub use model::{Answer, Argument, ErrorClass, Kinds, Method, Release, Snapshot, Version, Waiver};
pub use read::{Malformed, read};
pub use rules::{Rule, UnknownRule};
pub use shape::{Body, Content, Definition, Field, Link, List, Shape, Tagging, Text, Value};
