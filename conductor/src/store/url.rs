//! Where the database is. It may carry a password, which no log and no error shows.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database:
///
/// - `sqlite:///absolute/path`, `sqlite://relative/path`
/// - `postgresql://user:password@host:port/name?sslmode=require`
/// - `mysql://user:password@host:port/name`
///
/// The name of a driver, as in `mysql+pymysql://`, is read over.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(Address),
    MySql(Address),
}

/// The address of a server, with what must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    url: String,
    shown: String,
}

/// A text that is no address of a database. It is not quoted: it may have a password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum DatabaseUrlError {
    #[error(
        "a database is written as sqlite:///path, postgresql://user:password@host/name or mysql://user:password@host/name"
    )]
    NoScheme,
    #[error("'{0}' is no database that is known: sqlite, postgresql and mysql (or mariadb) are")]
    Scheme(String),
    #[error("a database in memory is gone with its first connection: write sqlite:///path/of/a/file")]
    Memory,
    #[error("the name of the database is missing: {0}://user:password@host/name")]
    NoName(&'static str),
    #[error(
        "a database has no option '{0}'; there are charset, host, socket, sslmode, ssl_ca, ssl_cert and ssl_key"
    )]
    Option(String),
    #[error(
        "what follows the '?' is no list of options, as in ?charset=utf8; in a password write %3F for '?'"
    )]
    Options,
}

impl DatabaseUrl {
    /// The database when nobody says: a file among what the user's programs keep. None if there is no such place.
    ///
    /// A service of systemd has `$STATE_DIRECTORY`, which is made for it.
    pub(crate) fn of_user() -> Option<Self> {
        Self::choose(|name| std::env::var_os(name))
    }

    fn choose(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        // The specification of these has relative paths ignored.
        let directory = |name| {
            variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let place = directory("STATE_DIRECTORY").or_else(|| {
            let state = directory("XDG_STATE_HOME").or_else(|| Some(directory("HOME")?.join(".local/state")));
            Some(state?.join("conductor"))
        });
        Some(Self::Sqlite(place?.join("conductor.sqlite")))
    }
}

impl Address {
    /// The whole address, with its password.
    pub(super) fn expose(&self) -> &str {
        &self.url
    }

    fn read(scheme: &'static str, rest: &str) -> Result<Self, DatabaseUrlError> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (user, place) = place
            .rsplit_once('@')
            .map_or((None, place), |(user, place)| (Some(user), place));
        let (host, name) = match place.split_once('/').unwrap_or((place, "")) {
            // What MySQL's programs take for nothing, too.
            ("", name) if scheme == "mysql" => ("localhost", name),
            place => place,
        };
        if name.is_empty() {
            return Err(DatabaseUrlError::NoName(scheme));
        }
        let (user, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
            Some((user, password)) => (Some(user), Some(password).filter(|password| !password.is_empty())),
            None => (None, None),
        };
        let mut options = options(query)?;
        let mut authority = String::new();
        match user {
            // Without a host there is no place for a user before it; the driver then looks for a socket.
            Some(user) if host.is_empty() => {
                options.push(format!("user={user}"));
                options.extend(password.map(|password| format!("password={password}")));
            }
            Some(user) => {
                let password = password.map_or_else(String::new, |password| format!(":{password}"));
                authority = format!("{user}{password}@");
            }
            None => {}
        }
        let options = if options.is_empty() {
            String::new()
        } else {
            format!("?{}", options.join("&"))
        };
        let user = user.map_or_else(String::new, |user| {
            format!("{user}{}@", if password.is_some() { ":***" } else { "" })
        });
        Ok(Self {
            url: format!("{scheme}://{authority}{host}/{name}{options}"),
            shown: format!("{scheme}://{user}{host}/{name}"),
        })
    }
}

/// The options of an address, by the names that the drivers have for them.
fn options(query: &str) -> Result<Vec<String>, DatabaseUrlError> {
    let mut options = Vec::new();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let known = match name {
            "charset" => "charset",
            "host" => "host",
            "socket" | "unix_socket" => "socket",
            "sslmode" | "ssl_mode" => "sslmode",
            "sslrootcert" | "ssl_ca" => "ssl-ca",
            "sslcert" | "ssl_cert" => "sslcert",
            "sslkey" | "ssl_key" => "sslkey",
            other if is_word(other) => return Err(DatabaseUrlError::Option(other.to_owned())),
            // A password with a '?' in it, as a rule.
            _ => return Err(DatabaseUrlError::Options),
        };
        options.push(format!("{known}={value}"));
    }
    Ok(options)
}

/// Whether a text may be shown: it is a name, and no part of an address.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").ok_or(DatabaseUrlError::NoScheme)?;
        match scheme.split('+').next().unwrap_or(scheme) {
            "sqlite" => match rest.split('?').next().unwrap_or(rest) {
                "" | "/" | ":memory:" | "/:memory:" => Err(DatabaseUrlError::Memory),
                path => Ok(Self::Sqlite(path.into())),
            },
            "postgresql" | "postgres" => Address::read("postgresql", rest).map(Self::Postgres),
            "mysql" | "mariadb" => Address::read("mysql", rest).map(Self::MySql),
            other if is_word(other) => Err(DatabaseUrlError::Scheme(other.to_owned())),
            _ => Err(DatabaseUrlError::NoScheme),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(address) | Self::MySql(address) => f.write_str(&address.shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_servers() {
        let path = |text: &str| match text.parse() {
            Ok(DatabaseUrl::Sqlite(path)) => path,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(
            path("sqlite:///var/lib/nova.sqlite"),
            PathBuf::from("/var/lib/nova.sqlite")
        );
        assert_eq!(path("sqlite://nova.sqlite"), PathBuf::from("nova.sqlite"));

        let driver: DatabaseUrl = "mysql+pymysql://u@h/nova?charset=utf8".parse().unwrap();
        let DatabaseUrl::MySql(address) = driver else {
            panic!()
        };
        assert_eq!(address.expose(), "mysql://u@h/nova?charset=utf8");
    }

    #[test]
    fn drivers_are_given_what_they_understand() {
        for (text, exposed) in [
            ("mysql://u:p%40@h:1/n", "mysql://u:p%40@h:1/n"),
            (
                "mysql://u@h/n?charset=utf8&ssl_ca=/ca.pem",
                "mysql://u@h/n?charset=utf8&ssl-ca=/ca.pem",
            ),
            ("mysql://u@h/n?unix_socket=/run/s", "mysql://u@h/n?socket=/run/s"),
            ("mysql://u:p@/n?socket=/s", "mysql://u:p@localhost/n?socket=/s"),
            ("postgresql://u:p@/n", "postgresql:///n?user=u&password=p"),
            (
                "postgresql:///n?host=/run/postgresql",
                "postgresql:///n?host=/run/postgresql",
            ),
        ] {
            let (DatabaseUrl::Postgres(address) | DatabaseUrl::MySql(address)) = text.parse().unwrap() else {
                panic!("{text}");
            };
            assert_eq!(address.expose(), exposed);
        }
        let odd = "postgresql://h/n?password=secret"
            .parse::<DatabaseUrl>()
            .unwrap_err();
        assert_eq!(odd, DatabaseUrlError::Option("password".to_owned()));
    }

    #[test]
    fn the_default_is_a_file_of_the_user() {
        let choose = |variables: &[(&str, &str)]| {
            let url = DatabaseUrl::choose(|name| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| value.into())
            });
            url.map(|url| url.to_string())
        };
        for (variables, expected) in [
            (
                &[("HOME", "/a")][..],
                "sqlite:///a/.local/state/conductor/conductor.sqlite",
            ),
            (
                &[("HOME", "/a"), ("XDG_STATE_HOME", "/s")],
                "sqlite:///s/conductor/conductor.sqlite",
            ),
            (
                &[("HOME", "/a"), ("STATE_DIRECTORY", "/var/lib/c")],
                "sqlite:///var/lib/c/conductor.sqlite",
            ),
        ] {
            assert_eq!(choose(variables).as_deref(), Some(expected));
        }
        assert_eq!(choose(&[("HOME", "relative")]), None);
    }

    #[test]
    fn no_password_is_shown() {
        for (text, shown) in [
            (
                "postgresql://nova:s3cr@t:x@db1:5432/nova",
                "postgresql://nova:***@db1:5432/nova",
            ),
            (
                "mysql+pymysql://nova:secret@h/nova?ssl_key=secret",
                "mysql://nova:***@h/nova",
            ),
            ("postgres://nova:secret@/nova", "postgresql://nova:***@/nova"),
            ("mariadb://h/nova", "mysql://h/nova"),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("secret"), "{url:?}");
        }
    }

    #[test]
    fn mistakes_are_told_without_the_text() {
        for (text, problem) in [
            ("nova.sqlite", DatabaseUrlError::NoScheme),
            ("u:secret@h://x", DatabaseUrlError::NoScheme),
            (
                "oracle://u:secret@h/n",
                DatabaseUrlError::Scheme("oracle".to_owned()),
            ),
            ("sqlite://", DatabaseUrlError::Memory),
            ("sqlite://:memory:", DatabaseUrlError::Memory),
            ("mysql://u:secret@h", DatabaseUrlError::NoName("mysql")),
            ("postgresql://u:secret@h/", DatabaseUrlError::NoName("postgresql")),
            (
                "mysql://u@h/n?colour=red",
                DatabaseUrlError::Option("colour".to_owned()),
            ),
            ("mysql://u:se/cret?secret@h/n", DatabaseUrlError::Options),
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            assert_eq!(error, problem, "{text}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
