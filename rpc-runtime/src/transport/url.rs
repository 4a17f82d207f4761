//! Transport URLs: which bus, where, as whom.
//!
//! The grammar of `rabbit://` is oslo.messaging's. Nothing here connects, and nothing here prints a password:
//! not `Debug`, not `Display`, and no error.

mod options;
mod percent;
mod rabbit;

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

pub use options::{LoginMethod, Profile, RabbitOptions};
pub use rabbit::{Password, RabbitHost, RabbitUrl};

/// Where a bus is.
///
/// ```
/// use rpc_runtime::transport::url::TransportUrl;
///
/// let url: TransportUrl = "rabbit://nova:s3cret@10.0.0.1,nova:s3cret@10.0.0.2/cell1?ssl=true".parse()?;
/// assert_eq!(url.to_string(), "rabbit://nova:***@10.0.0.1:5672,nova:***@10.0.0.2:5672/cell1?ssl=true");
/// # Ok::<(), rpc_runtime::transport::url::UrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportUrl {
    /// `memory://name`: the bus of that name inside this process.
    Memory {
        /// Its name; `default` when the URL has none.
        name: String,
    },
    /// `unix:///path`: straight to one server process of this machine.
    Unix {
        /// The socket. Absolute.
        path: PathBuf,
    },
    /// `tcp://host:port`: straight to one server process.
    Tcp {
        /// A name or an address, without brackets.
        host: String,
        /// Where it listens.
        port: u16,
    },
    /// `rabbit://`, `amqp://`, `amqps://`: RabbitMQ.
    Rabbit(Box<RabbitUrl>),
}

/// What is wrong with a transport URL, where, and what to write instead. Shows no part that may be a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}; {advice}")]
pub struct UrlError {
    message: String,
    advice: String,
}

impl UrlError {
    fn new(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            advice: advice.into(),
        }
    }
}

const SCHEMES: &str =
    "write rabbit://user:password@host/vhost, memory://name, unix:///path/to/socket or tcp://host:port";

impl FromStr for TransportUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(UrlError::new("the transport URL has no scheme", SCHEMES));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "rabbit" | "amqp" => RabbitUrl::parse(rest, false).map(|url| Self::Rabbit(Box::new(url))),
            "amqps" => RabbitUrl::parse(rest, true).map(|url| Self::Rabbit(Box::new(url))),
            "memory" => {
                let name = plain(rest, "memory")?;
                Ok(Self::Memory {
                    name: if name.is_empty() { "default".into() } else { name },
                })
            }
            "unix" => {
                let path = PathBuf::from(plain(rest, "unix")?);
                if !path.is_absolute() {
                    return Err(UrlError::new(
                        "a unix:// URL needs an absolute path",
                        "write three slashes, as in unix:///run/user/1000/conductor.sock",
                    ));
                }
                Ok(Self::Unix { path })
            }
            "tcp" => {
                let text = plain(rest, "tcp")?;
                let (host, port) = host_and_port(text.trim_end_matches('/'), "the host", TCP)?;
                match port {
                    Some(port) if !host.is_empty() => Ok(Self::Tcp { host, port }),
                    _ => Err(UrlError::new("a tcp:// URL needs a host and a port", TCP)),
                }
            }
            "" => Err(UrlError::new("the transport URL has no scheme", SCHEMES)),
            // What stands before "://" is a scheme only if it looks like one; else it could be anything.
            other
                if other
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) =>
            {
                Err(UrlError::new(
                    format!("no transport is called '{other}'"),
                    SCHEMES,
                ))
            }
            _ => Err(UrlError::new(
                "the scheme of the transport URL is not one",
                SCHEMES,
            )),
        }
    }
}

impl TransportUrl {
    /// The URL with options for those that its query does not give: what a file of settings says about every broker.
    /// Other buses have none.
    pub fn with_options<'a>(
        self,
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, UrlError> {
        match self {
            Self::Rabbit(url) => url.with_options(options).map(|url| Self::Rabbit(Box::new(url))),
            plain => Ok(plain),
        }
    }
}

/// What follows the scheme of a bus that has no options.
fn plain(rest: &str, scheme: &str) -> Result<String, UrlError> {
    if rest.contains(['?', '#']) {
        return Err(UrlError::new(
            format!("a {scheme}:// URL takes no options"),
            "leave out what follows '?' (a '?' or '#' in a name is written %3F or %23)",
        ));
    }
    percent::decode(rest, || format!("the name in a {scheme}:// URL"))
}

/// How a `tcp://` URL is written.
const TCP: &str = "write tcp://127.0.0.1:7000";

/// Takes `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address apart. Errors show nothing of the text:
/// it may be a password whose '/' was not escaped.
fn host_and_port(text: &str, place: &str, form: &'static str) -> Result<(String, Option<u16>), UrlError> {
    let bad_v6 = || {
        UrlError::new(
            format!("{place} of the transport URL is not a valid IPv6 address"),
            "write it in brackets, as in [2001:db8::1]:5672",
        )
    };
    let (host, port) = if let Some(inside) = text.strip_prefix('[') {
        let (host, after) = inside.split_once(']').ok_or_else(bad_v6)?;
        // A zone index (fe80::1%eth0) is for the resolver to judge.
        let address = host.split_once('%').map_or(host, |(address, _)| address);
        address.parse::<Ipv6Addr>().map_err(|_| bad_v6())?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return Err(bad_v6()),
        }
    } else if text.matches(':').count() > 1 {
        text.parse::<Ipv6Addr>().map_err(|_| bad_v6())?;
        (text, None)
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    if host.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(UrlError::new(
            format!("{place} of the transport URL contains a blank or a control character"),
            "write host names without blanks; hosts are separated by commas",
        ));
    }
    let port = match port {
        None => None,
        Some(port) => match port.parse::<u16>() {
            Ok(port) if port > 0 => Some(port),
            _ => {
                return Err(UrlError::new(
                    format!("the port of {place} of the transport URL is not a number from 1 to 65535"),
                    form,
                ));
            }
        },
    };
    Ok((host.to_owned(), port))
}

impl fmt::Display for TransportUrl {
    /// The URL with `***` for every password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { name } => write!(f, "memory://{}", percent::encode(name, "/:@")),
            Self::Unix { path } => write!(f, "unix://{}", percent::encode(&path.to_string_lossy(), "/:@")),
            Self::Tcp { host, port } => write!(f, "tcp://{}", Address(host, *port)),
            Self::Rabbit(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for TransportUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `host:port`, with brackets where they are needed.
pub(crate) struct Address<'a>(pub(crate) &'a str, pub(crate) u16);

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') {
            write!(f, "[{}]:{}", self.0, self.1)
        } else {
            write!(f, "{}:{}", self.0, self.1)
        }
    }
}

#[cfg(test)]
mod tests;
