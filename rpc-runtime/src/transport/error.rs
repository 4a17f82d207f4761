//! Why a bus does not do what it is asked for, and how far a message came.

use super::Route;

/// How far a message came that was not confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sent {
    /// It never left: sending again is safe.
    No,
    /// It may have left: only the receiver knows.
    Unknown,
    /// The bus has it, or a server took it; only the answer is missing.
    Confirmed,
}

/// Why the bus refused a message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// Larger than the bus takes.
    #[error("the message of {size} bytes is larger than the bus takes: {detail}")]
    Oversize {
        /// Bytes of the body.
        size: usize,
        /// The bus's own words.
        detail: String,
    },
    /// A queue is at its limit.
    #[error("a queue is full")]
    QueueFull,
    /// The user may not send there.
    #[error("the bus denies it: {0}")]
    Denied(String),
    /// The bus takes no messages at the moment: it is short of memory or disk.
    #[error("the bus takes no messages at the moment: {0}")]
    Blocked(String),
    /// Too much is waiting in this process already.
    #[error("overloaded: {0}")]
    Overloaded(String),
}

/// Why a transport could not do something.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Nobody listens there. Only mandatory messages fail so.
    #[error("nobody listens to {0}")]
    Unroutable(Route),
    /// The deadline passed.
    #[error("timed out ({detail})")]
    Timeout {
        /// How far the message came.
        sent: Sent,
        /// What was being waited for, and the last error met.
        detail: String,
    },
    /// The bus refused the message.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// No connection, and no use in waiting for one.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// `host:port`, or a path; never with credentials.
        host: String,
        /// What went wrong.
        reason: ConnectError,
    },
    /// The connection broke after the message may have left.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// A name the bus cannot carry.
    #[error("invalid target: {0}")]
    InvalidTarget(String),
    /// This kind of bus cannot do that.
    #[error("{0}")]
    Unsupported(String),
    /// The bus was closed by this process.
    #[error("the bus is closed")]
    Closed,
}

/// Why there is no connection.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody listens on the port.
    #[error("connection refused")]
    Refused,
    /// The name has no address.
    #[error("the host name cannot be resolved: {0}")]
    Resolve(String),
    /// No answer in time.
    #[error("no answer to {0} in time")]
    Timeout(&'static str),
    /// User or password is wrong.
    #[error("the broker refuses the user name or password")]
    Auth,
    /// The virtual host does not exist, or may not be used.
    #[error("virtual host '{vhost}': {detail}")]
    VirtualHost {
        /// Its name.
        vhost: String,
        /// The broker's own words.
        detail: String,
    },
    /// TLS failed.
    #[error("TLS: {0}")]
    Tls(String),
    /// The other side does not speak the protocol.
    #[error("the other side does not speak the protocol: {0}")]
    Protocol(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}
