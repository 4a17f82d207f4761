//! How a command ends other than well: a class that scripts can tell apart, what is wrong, and what to do.

use std::fmt;
use std::io;
use std::process::ExitCode;

use rpc_runtime::transport::{Route, TransportError};
use rpc_runtime::{CallError, Failure, RpcError, SendError};

/// The end of a command's `--help`.
pub(crate) const CODES: &str = "\
Exit codes:
  0  done
  1  the server answered with an error
  2  the command line, a file or a URL is wrong
  3  nobody serves the target
  4  no answer in time
  5  the bus cannot be reached, or not be listened on
  6  the bus refused the message
  7  the answer cannot be written
  8  the database cannot be reached, or not be used";

/// The classes of errors, as exit codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    Remote = 1,
    Usage = 2,
    NoServer = 3,
    Timeout = 4,
    Bus = 5,
    Rejected = 6,
    Output = 7,
    Database = 8,
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) class: Class,
    what: String,
    hint: Option<String>,
}

impl Failed {
    pub(crate) fn new(class: Class, what: impl fmt::Display) -> Self {
        Self {
            class,
            what: what.to_string(),
            hint: None,
        }
    }

    pub(crate) fn usage(what: impl fmt::Display) -> Self {
        Self::new(Class::Usage, what)
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The answer could not be written to the standard output.
    pub(crate) fn output(error: &io::Error) -> Self {
        Self::new(Class::Output, format!("the answer cannot be written: {error}"))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

/// So that it can pass through code that knows errors only.
impl std::error::Error for Failed {}

impl From<Class> for ExitCode {
    fn from(class: Class) -> Self {
        ExitCode::from(class as u8)
    }
}

impl From<TransportError> for Failed {
    fn from(error: TransportError) -> Self {
        let class = match &error {
            TransportError::Unroutable(_) => Class::NoServer,
            TransportError::Rejected(_) => Class::Rejected,
            TransportError::InvalidTarget(_) | TransportError::Unsupported(_) => Class::Usage,
            // No connection, too late, lost, closed, and what later versions of the bus may tell.
            _ => Class::Bus,
        };
        Self::new(class, error)
    }
}

impl From<SendError> for Failed {
    fn from(error: SendError) -> Self {
        let class = match &error {
            SendError::NoServer { .. } => Class::NoServer,
            SendError::Timeout { .. } | SendError::ServerLost { .. } => Class::Timeout,
            SendError::Rejected(_) => Class::Rejected,
            SendError::NotInPin { .. }
            | SendError::ArgumentNotInPin { .. }
            | SendError::InvalidTarget(_)
            | SendError::Encode(_)
            | SendError::Unsupported(_) => Class::Usage,
            // Cancelled, not connected, and what later versions of the bus may tell.
            _ => Class::Bus,
        };
        let hint = match &error {
            SendError::NoServer {
                target: Route::Topic { exchange, .. },
            } => Some(format!(
                "is it running? `conductor serve` starts a conductor; the exchange asked is '{exchange}' \
                 (--exchange; Nova's is 'nova')"
            )),
            _ => None,
        };
        Self {
            hint,
            ..Self::new(class, error)
        }
    }
}

impl<E: RpcError> From<CallError<E>> for Failed {
    fn from(error: CallError<E>) -> Self {
        match error {
            CallError::Api(error) => error.to_failure().into(),
            CallError::Remote(failure) => failure.into(),
            CallError::Answer(text) => Self::new(Class::Remote, format!("the answer cannot be read: {text}")),
            CallError::Send(error) => error.into(),
        }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        let dispatch = failure.module == "oslo_messaging.rpc.dispatcher";
        let hint = match failure.class.as_str() {
            "UnsupportedVersion" if dispatch => Some(
                "the server has no API of this namespace in this version: write NAMESPACE.METHOD, and set --version",
            ),
            "NoSuchMethod" if dispatch => {
                Some("the server has the API, but not the method: check its name and NAMESPACE")
            }
            "TypeError" => {
                Some("do the arguments fit the method? values are JSON, or else text: name=\"1\" is a text")
            }
            _ => None,
        };
        let class = match failure.module.as_str() {
            "" | "builtins" | "exceptions" => failure.class.clone(),
            module => format!("{module}.{}", failure.class),
        };
        let failed = Self::new(
            Class::Remote,
            format!("the server answered {class}: {}", failure.message),
        );
        match hint {
            Some(hint) => failed.hint(hint),
            None => failed,
        }
    }
}
