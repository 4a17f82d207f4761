//! What tests of services need: a throwaway broker, a network that fails on command, a count of what was lost or
//! done twice, and a bus that only records.
//!
//! Behind the feature `testing`. Nothing here knows an API. All but the recorder know no envelope either: they
//! work for whatever speaks AMQP or TCP, and for any message that carries an id.

pub mod broker;
pub mod oracle;
mod ports;
pub mod recorder;
pub mod relay;

pub use broker::{Broker, BrokerError, Vhost};
pub use oracle::Oracle;
pub use ports::free_ports;
pub use recorder::{Recorded, Recorder};
pub use relay::Relay;
