//! The options that say which bus, and how long to wait for it.

use std::time::Duration;

use clap::Args;
use rpc_runtime::transport::url::TransportUrl;
use rpc_runtime::transport::{ConnectError, TransportError};
use rpc_runtime::{Bus, Settings};

use super::exit::{Class, Failed};
use crate::place::Place;

/// How long a bus may take to be there.
const CONNECT: Duration = Duration::from_secs(10);

/// Which bus.
#[derive(Args, Debug)]
pub(crate) struct BusOptions {
    /// The bus: rabbit://, unix:// or tcp:// [default: a socket of yours alone]
    ///
    /// As in rabbit://user:password@host/vhost, unix:///path/to/socket or tcp://127.0.0.1:7000. Others on this
    /// machine can see a command line, and a password in it: rather set the variable.
    // A text, and read later: clap would show one it cannot read, with the password.
    #[arg(
        long,
        value_name = "URL",
        env = "CONDUCTOR_TRANSPORT_URL",
        hide_env_values = true
    )]
    transport_url: Option<String>,

    /// What scopes the topic (control_exchange); Nova's is nova
    #[arg(long, value_name = "NAME", default_value = "openstack")]
    pub(crate) exchange: String,
}

impl BusOptions {
    /// Where the bus is. For those who listen, a directory is made for the default socket.
    pub(crate) fn url(&self, listens: bool) -> Result<TransportUrl, Failed> {
        match &self.transport_url {
            Some(url) => match url.parse() {
                Ok(TransportUrl::Memory { .. }) => Err(Failed::usage(
                    "--transport-url: memory:// is inside one process, where no other can reach it",
                )
                .hint("unix:///path/to/socket and tcp://127.0.0.1:7000 need no broker either")),
                Ok(url) => Ok(url),
                Err(error) => Err(Failed::usage(format!("--transport-url: {error}"))),
            },
            None => {
                let place = Place::of_user();
                place.check(listens).map_err(|problem| {
                    Failed::new(Class::Bus, problem)
                        .hint("set XDG_RUNTIME_DIR, or name a socket: --transport-url unix:///path/to/socket")
                })?;
                Ok(TransportUrl::Unix { path: place.socket() })
            }
        }
    }

    /// Whether the bus is the default one.
    pub(crate) fn is_default(&self) -> bool {
        self.transport_url.is_none()
    }

    /// The bus, not connected yet.
    pub(crate) fn open(&self, url: &TransportUrl) -> Result<Bus, Failed> {
        let settings = Settings {
            control_exchange: self.exchange.as_str().into(),
            ..Settings::default()
        };
        Ok(Bus::open(url, settings)?)
    }

    /// The bus, connected.
    pub(crate) async fn connect(&self, limit: Duration) -> Result<Bus, Failed> {
        let url = self.url(false)?;
        let bus = self.open(&url)?;
        match bus.ready(limit.min(CONNECT)).await {
            Ok(()) => Ok(bus),
            Err(
                error @ TransportError::Connect {
                    reason: ConnectError::Refused,
                    ..
                },
            ) if !matches!(url, TransportUrl::Rabbit(_)) => {
                Err(Failed::from(error).hint("is it running? `conductor serve` starts a conductor there"))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads a time limit: seconds, or a number with a unit.
pub(crate) fn time_limit(text: &str) -> Result<Duration, String> {
    const ADVICE: &str = "write seconds, or a number with ms, s, m or h, as in 30, 0.5, 200ms or 5m";
    const LONGEST: f64 = 49.0 * 86_400.0;
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (number, unit) = units
        .iter()
        .find_map(|(name, seconds)| Some((text.strip_suffix(name)?, *seconds)))
        .unwrap_or((text, 1.0));
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match number.parse::<f64>() {
        Ok(number) if plain => {
            let seconds = number * unit;
            if seconds > LONGEST {
                return Err("longer than 49 days, which no broker waits".to_owned());
            }
            match Duration::try_from_secs_f64(seconds) {
                Ok(limit) if !limit.is_zero() => Ok(limit),
                _ => Err(format!("no time at all: {ADVICE}")),
            }
        }
        _ => Err(ADVICE.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits() {
        for (text, millis) in [
            ("30", 30_000),
            ("0.5", 500),
            ("200ms", 200),
            ("5m", 300_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(time_limit(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        let huge = "9".repeat(400);
        for bad in [
            "",
            "0",
            "-1",
            "NaN",
            "inf",
            "1e3",
            "s",
            "1 s",
            "1d",
            "99999999999",
            huge.as_str(),
            "0.0000000001",
        ] {
            assert!(time_limit(bad).is_err(), "{bad}");
        }
    }
}
