//! Typed RPC in the protocol of oslo.messaging.
#![forbid(unsafe_code)]

pub mod spec;
pub mod transport;
pub mod version;
pub mod wire;

pub use spec::{Api, ApiSpec, ArgSpec, MethodSpec};
pub use version::Version;
