//! What tests of services need: a throwaway broker, and a network that fails on command.
//!
//! Behind the feature `testing`. Nothing here knows an API, an envelope or a transport: the pieces work for
//! whatever speaks AMQP or TCP.

pub mod broker;
pub mod relay;

pub use broker::{Broker, BrokerError, Vhost};
pub use relay::Relay;
