//! What tests of services need: a throwaway broker, a network that fails on command, and a count of
//! what was lost or done twice.
//!
//! Behind the feature `testing`. Nothing here knows an API, an envelope or a transport: the pieces work for
//! whatever speaks AMQP or TCP, and for any message that carries an id.

pub mod broker;
pub mod oracle;
pub mod relay;

pub use broker::{Broker, BrokerError, Vhost};
pub use oracle::Oracle;
pub use relay::Relay;
