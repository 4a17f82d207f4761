//! The messages of oslo.messaging, envelope 2.0, in both roles: bytes in, bytes out.
//!
//! Pure functions: no I/O, no clock, no task. What arrives here is not trusted; nothing here panics.

mod absent;
mod args;
mod compression;
mod context;
mod envelope;
mod escape;
mod failure;
mod form;
mod grammar;
mod id;
mod older;
mod parts;
mod reader;
mod reply;
mod request;
mod request_writer;
mod source;
mod span;
mod value;
mod writer;

pub use args::*;
pub use compression::decompress;
pub(crate) use compression::plain;
pub use failure::Failure;
pub use id::Id;
pub(crate) use older::todays;
pub(crate) use reader::read as read_json;
pub use reply::{EncodedResult, Reply};
pub use request::{Request, RequestedVersion};
pub use request_writer::{ReplyTo, RequestWriter};
pub use value::Argument;

/// The longest body that is read, in bytes. Above what a broker takes by default today (16 MiB), below what would
/// hurt.
pub const MAX_BODY: usize = 64 << 20;

/// How deep objects and arrays may nest in the value of a message's key. serde_json's own limit.
pub const MAX_DEPTH: usize = 127;

/// A body that is not a message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, at the level named.
    #[error("{what} is not JSON: {detail}")]
    Json {
        /// `the body`, or `oslo.message`.
        what: &'static str,
        /// The parser's words.
        detail: String,
    },
    /// JSON of another shape.
    #[error("{0}")]
    Shape(String),
    /// An envelope version that is not spoken here.
    #[error("envelope version {0} is not 2.0")]
    Envelope(String),
    /// More than this process takes.
    #[error("{0}")]
    Limit(String),
    /// The header names a compression that is not known, or the body is not of it.
    #[error("compressed body: {0}")]
    Compression(String),
}

/// A value that cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("'{name}' cannot be written as JSON: {source}")]
pub struct EncodeError {
    /// The argument, or `the context`, `the result`.
    pub name: String,
    /// The serializer's words.
    pub source: serde_json::Error,
}
