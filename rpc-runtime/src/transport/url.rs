//! Transport URLs: which bus, where, as whom.
//!
//! The grammar of `rabbit://` is oslo.messaging's. Nothing here connects, and nothing here prints a password:
//! not `Debug`, not `Display`, and no error.

mod options;
mod percent;

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

pub use options::{LoginMethod, Profile, RabbitOptions};

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

/// A RabbitMQ broker, or the hosts of a cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct RabbitUrl {
    /// At least one.
    pub hosts: Vec<RabbitHost>,
    /// The virtual host, decoded once. `/` when the URL has none.
    pub virtual_host: String,
    /// What the query says, over the defaults.
    pub options: RabbitOptions,
    /// The query as it was given: name and decoded value, in order.
    query: Vec<(String, String)>,
}

/// One host of a cluster. Credentials are not inherited from the host before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RabbitHost {
    /// A name or an address, without brackets.
    pub host: String,
    /// 5672 when the URL has none (5671 for `amqps`).
    pub port: u16,
    /// `guest` when the URL has none.
    pub user: String,
    /// `guest` when the URL has none.
    pub password: Password,
}

/// A password. Never shown by `Debug`; it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps it.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The secret itself, for the login and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
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
                let (host, port) = host_and_port(text.trim_end_matches('/'), "tcp://")?;
                match port {
                    Some(port) if !host.is_empty() => Ok(Self::Tcp { host, port }),
                    _ => Err(UrlError::new(
                        "a tcp:// URL needs a host and a port",
                        "write tcp://127.0.0.1:7000",
                    )),
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

impl RabbitUrl {
    fn parse(rest: &str, tls: bool) -> Result<Self, UrlError> {
        if rest.contains('#') {
            return Err(UrlError::new(
                "the transport URL contains '#'",
                "write %23 for a '#' in a user name, a password or a virtual host",
            ));
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        // Refused, though Python takes it: what follows an unescaped '/' in a password would be read (and shown)
        // as the virtual host.
        if path.contains('@') || query.contains('@') {
            return Err(UrlError::new(
                "the transport URL contains '@' after its host part",
                "write %2F for a '/', %3F for a '?' and %40 for a '@' in a user name, a password or a virtual host",
            ));
        }
        let default_port = if tls { 5671 } else { 5672 };
        let mut hosts = Vec::new();
        for (index, element) in authority.split(',').enumerate() {
            if !element.is_empty() {
                hosts.push(RabbitHost::parse(element, index + 1, default_port)?);
            }
        }
        if hosts.is_empty() {
            hosts.push(RabbitHost::parse("localhost", 1, default_port)?);
        }
        let virtual_host = match percent::decode(path, || "the virtual host".into())? {
            empty if empty.is_empty() => "/".to_owned(),
            name => name,
        };
        // AMQP gives it a byte for its length.
        if virtual_host.len() > 255 {
            return Err(UrlError::new(
                format!("the virtual host has {} bytes", virtual_host.len()),
                "write at most 255",
            ));
        }
        let query = percent::query(query)?;
        let mut options = RabbitOptions::parse(&query)?;
        options.ssl |= tls;
        Ok(Self {
            hosts,
            virtual_host,
            options,
            query,
        })
    }
}

impl RabbitUrl {
    fn with_options<'a>(
        mut self,
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, UrlError> {
        for (name, value) in options {
            if !self.query.iter().any(|(given, _)| given == name) {
                self.query.push((name.to_owned(), value.to_owned()));
            }
        }
        let tls = self.options.ssl;
        self.options = RabbitOptions::parse(&self.query)?;
        self.options.ssl |= tls;
        Ok(self)
    }
}

impl RabbitHost {
    fn parse(element: &str, number: usize, default_port: u16) -> Result<Self, UrlError> {
        let (login, address) = match element.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, element),
        };
        let (user, password) = match login {
            Some(login) => login.split_once(':').unwrap_or((login, "")),
            None => ("", ""),
        };
        let or_guest = |text: &str, what: &str| {
            percent::decode(text, || format!("the {what} of host {number}"))
                .map(|text| if text.is_empty() { "guest".to_owned() } else { text })
        };
        let (host, port) = host_and_port(address, &format!("host {number}"))?;
        Ok(Self {
            host: if host.is_empty() {
                "localhost".to_owned()
            } else {
                host
            },
            port: port.unwrap_or(default_port),
            user: or_guest(user, "user name")?,
            password: Password(or_guest(password, "password")?),
        })
    }
}

/// Takes `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address apart. Errors show nothing of the text:
/// it may be a password whose '/' was not escaped.
fn host_and_port(text: &str, place: &str) -> Result<(String, Option<u16>), UrlError> {
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
                    "write user:password@host:port; a '/' in a password is written %2F, a '@' %40, a '#' %23",
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

impl fmt::Display for RabbitUrl {
    /// The URL with `***` for every password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rabbit://")?;
        for (index, host) in self.hosts.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let user = percent::encode(&host.user, "");
            write!(f, "{comma}{user}:***@{}", Address(&host.host, host.port))?;
        }
        if self.virtual_host == "/" {
            f.write_str("/")?;
        } else {
            write!(f, "/{}", percent::encode(&self.virtual_host, ""))?;
        }
        let mut separator = '?';
        for (name, value) in &self.query {
            write!(f, "{separator}{name}={}", percent::encode(value, "/:,"))?;
            separator = '&';
        }
        Ok(())
    }
}

impl fmt::Debug for RabbitUrl {
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
