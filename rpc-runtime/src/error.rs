//! How a call or a cast can end other than well.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use crate::transport::{ConnectError, Rejected, Route, Sent, TransportError};
use crate::version::Version;
use crate::wire::{EncodeError, Failure};

/// Errors of an API: what a manager returns, what crosses the wire, and what the caller gets back.
///
/// `#[derive(RpcError)]` implements it for an enum. A class and module name the error on the wire, so that a
/// Python peer can rebuild its own exception, and the other way round.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error that peers know",
    label = "this type does not implement `RpcError`",
    note = "for a type of your own, add `#[derive(rpc_runtime::RpcError)]`; `rpc_runtime::Failure` stands for any error"
)]
pub trait RpcError: std::error::Error + Send + Sync + Sized + 'static {
    /// The errors that it can be, for who compares an API with a released one; `None` when that is open.
    const KNOWN: Option<&'static [KnownError]> = None;

    /// The error as it travels.
    fn to_failure(&self) -> Failure;

    /// The error that a failure means. `None` when it is not one of these, or its arguments do not fit.
    fn from_failure(failure: &Failure) -> Option<Self>;
}

/// An error that a type can be, as peers know it.
#[derive(Clone, Copy, Debug)]
pub enum KnownError {
    /// One of its own.
    Class {
        /// The module of the exception.
        module: &'static str,
        /// The class of the exception.
        class: &'static str,
        /// What it is called in Rust.
        variant: &'static str,
    },
    /// Those of another type; `None` when it can be anything.
    Within(Option<&'static [KnownError]>),
}

/// For methods that declare no errors of their own.
impl RpcError for Infallible {
    const KNOWN: Option<&'static [KnownError]> = Some(&[]);

    fn to_failure(&self) -> Failure {
        match *self {}
    }

    fn from_failure(_: &Failure) -> Option<Self> {
        None
    }
}

/// For methods that pass on whatever failure another service gave them.
impl RpcError for Failure {
    fn to_failure(&self) -> Failure {
        self.clone()
    }

    fn from_failure(failure: &Failure) -> Option<Self> {
        Some(failure.clone())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

impl std::error::Error for Failure {}

/// How a call ended, when not with its result.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E> {
    /// The manager returned one of the errors its method declares.
    #[error(transparent)]
    Api(E),
    /// The server answered with an error that the method does not declare: from the dispatcher (an unsupported
    /// version, a missing method, arguments that do not fit), a defect of the manager, or a class that is not
    /// known here.
    #[error("remote error: {0}")]
    Remote(Failure),
    /// The server answered with something that is not the declared type.
    #[error("the answer cannot be read: {0}")]
    Answer(String),
    /// There is no answer.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl<E> CallError<E> {
    /// Nobody serves the target.
    pub fn is_no_server(&self) -> bool {
        matches!(self, Self::Send(SendError::NoServer { .. }))
    }

    /// The deadline passed.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Send(SendError::Timeout { .. }))
    }
}

impl<E: RpcError> CallError<E> {
    /// The declared error that `failure` means, or the failure itself.
    pub(crate) fn from_failure(failure: Failure) -> Self {
        match E::from_failure(&failure) {
            Some(error) => Self::Api(error),
            None => Self::Remote(failure),
        }
    }
}

/// Why a message was not sent, or a call has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Nobody listens to the target: the broker returned the message.
    #[error("no server: nobody listens to {0}", target)]
    NoServer {
        /// Where the message was sent.
        target: Route,
    },
    /// The deadline passed, or the connection was lost with the message on its way.
    #[error("{sent}{target} in {waited:.1?}{detail}", sent = Without(*sent), detail = Detail(detail))]
    Timeout {
        /// Where the message was sent.
        target: Route,
        /// The time that passed: the limit, or less when the connection was lost.
        waited: Duration,
        /// How far the message came. With [`Sent::No`], sending again is safe.
        sent: Sent,
        /// What the bus last had trouble with; may be empty.
        detail: String,
    },
    /// The server of a monitored call fell silent: no heartbeat within the monitor's limit.
    #[error("{target} fell silent: no heartbeat in {silent:?}")]
    ServerLost {
        /// Where the message was sent.
        target: Route,
        /// The limit of silence that passed.
        silent: Duration,
    },
    /// The bus refused the message.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The method is later than the version this client is pinned to. Nothing was sent.
    #[error("'{method}' is from version {since}, this client is pinned to {pinned}")]
    NotInPin {
        /// The method.
        method: &'static str,
        /// The version that brought it.
        since: Version,
        /// The pin.
        pinned: Version,
    },
    /// An argument was set that is later than the version this client is pinned to. Nothing was sent.
    #[error("argument '{argument}' of '{method}' is from version {since}, this client is pinned to {pinned}")]
    ArgumentNotInPin {
        /// The method.
        method: &'static str,
        /// The argument.
        argument: &'static str,
        /// The version that brought it.
        since: Version,
        /// The pin.
        pinned: Version,
    },
    /// The target cannot be sent to: no topic, or a name the bus cannot carry.
    #[error("invalid target: {0}")]
    InvalidTarget(String),
    /// A value cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// There is no connection, and waiting for one is no use.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// `host:port`, or a path.
        host: String,
        /// What went wrong.
        reason: ConnectError,
    },
    /// This kind of bus cannot do that.
    #[error("{0}")]
    Unsupported(String),
    /// The bus was closed by this process.
    #[error("cancelled: the bus is closed")]
    Cancelled,
}

impl SendError {
    /// How far the message came. With [`Sent::No`] nobody has it or ever will: sending again is safe.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Timeout { sent, .. } => *sent,
            // A server took it and told so: there were heartbeats, or the bus had confirmed it before the silence.
            Self::ServerLost { .. } => Sent::Confirmed,
            // The broker may have read it before it stopped taking more; a closed bus may have sent it.
            Self::Rejected(Rejected::Blocked(_)) | Self::Cancelled => Sent::Unknown,
            Self::NoServer { .. }
            | Self::Rejected(_)
            | Self::NotInPin { .. }
            | Self::ArgumentNotInPin { .. }
            | Self::InvalidTarget(_)
            | Self::Encode(_)
            | Self::Connect { .. }
            | Self::Unsupported(_) => Sent::No,
        }
    }

    /// What a transport's error means to the sender of a message.
    pub(crate) fn from_transport(error: TransportError, target: &Route, waited: Duration) -> Self {
        match error {
            TransportError::Unroutable(target) => Self::NoServer { target },
            TransportError::Timeout { sent, detail } => Self::Timeout {
                target: target.clone(),
                waited,
                sent,
                detail,
            },
            TransportError::Lost(detail) => Self::Timeout {
                target: target.clone(),
                waited,
                sent: Sent::Unknown,
                detail,
            },
            TransportError::Rejected(rejected) => Self::Rejected(rejected),
            TransportError::Connect { host, reason } => Self::Connect { host, reason },
            TransportError::InvalidTarget(text) => Self::InvalidTarget(text),
            TransportError::Unsupported(text) => Self::Unsupported(text),
            TransportError::Closed => Self::Cancelled,
        }
    }
}

/// What did not come: the begin of a sentence.
struct Without(Sent);

impl fmt::Display for Without {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Sent::No => "nothing was sent to ",
            Sent::Unknown => "it is unknown whether anything arrived at ",
            Sent::Confirmed => "no answer from ",
        })
    }
}

/// The end of a sentence: nothing, or `: what`.
struct Detail<'a>(&'a str);

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.0)
        }
    }
}
