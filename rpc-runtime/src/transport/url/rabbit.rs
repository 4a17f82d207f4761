//! `rabbit://` URLs: the hosts of a cluster, who logs in, the virtual host, and the options.

use std::fmt;

use super::options::RabbitOptions;
use super::{Address, UrlError, host_and_port, percent};

/// How a host is written.
const HOST: &str = "write user:password@host:port; a '/' in a password is written %2F, a '@' %40, a '#' %23";

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

impl RabbitUrl {
    pub(super) fn parse(rest: &str, tls: bool) -> Result<Self, UrlError> {
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

    pub(super) fn with_options<'a>(
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
        let (host, port) = host_and_port(address, &format!("host {number}"), HOST)?;
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
