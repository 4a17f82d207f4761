//! The bounds of the direct transport: times and sizes.

use std::time::Duration;

use crate::transport::memory::Limits;

/// Bounds of the direct transport. The defaults suit a service of any size; tests shorten them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// For making a connection, and once more for the greeting on it.
    pub connect: Duration,
    /// A client that has nothing to say for this long asks whether the server is there. Default 20 s.
    pub ping: Duration,
    /// A connection on which nothing arrives for this long is closed. Default 60 s; more than `ping`.
    pub silence: Duration,
    /// A frame that has begun must be complete after this time, and a second for each 64 KiB. Default 30 s.
    pub frame: Duration,
    /// A peer that takes nothing for this long loses its connection. Default 10 s.
    pub stall: Duration,
    /// Replies wait this long for a client that lost its connection. Default 60 s.
    pub reply_wait: Duration,
    /// The longest pause between two attempts to connect again. Default 1 s.
    pub retry: Duration,
    /// Connections one serving process takes. Default 1024.
    pub connections: usize,
    /// Bytes that may be on their way from a client to the server, or from the server to one reply address,
    /// before senders wait. Default 64 MiB. One message may always be, whatever its size.
    pub window: usize,
    /// Of each queue on the serving process.
    pub queues: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            ping: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            frame: Duration::from_secs(30),
            stall: Duration::from_secs(10),
            reply_wait: Duration::from_secs(60),
            retry: Duration::from_secs(1),
            connections: 1024,
            window: 64 << 20,
            queues: Limits::default(),
        }
    }
}
