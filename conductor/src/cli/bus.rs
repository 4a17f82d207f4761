//! The options that say which bus, and how long to wait for it.

use std::time::Duration;

use clap::Args;
use rpc_runtime::Bus;
use rpc_runtime::transport::url::TransportUrl;
use rpc_runtime::transport::{ConnectError, TransportError};

use super::exit::{Class, Failed};
use crate::place::Place;
use crate::settings::{Assignment, Limit, Loaded};

/// How long a bus may take to be there.
const CONNECT: Duration = Duration::from_secs(10);

/// Which bus.
#[derive(Args, Debug)]
pub(crate) struct BusOptions {
    /// The bus: rabbit://, unix:// or tcp:// [env: CONDUCTOR_TRANSPORT_URL] [default: a socket of yours alone]
    ///
    /// As in rabbit://user:password@host/vhost, unix:///path/to/socket or tcp://127.0.0.1:7000. Others on this
    /// machine can see a command line, and a password in it: rather set the variable, or write it in a file.
    // A text, and read later: clap would show one it cannot read, with the password.
    #[arg(long, value_name = "URL")]
    transport_url: Option<String>,

    /// What scopes the topic (control_exchange) [default: openstack, or nova with --nova-conf]
    #[arg(long, value_name = "NAME")]
    exchange: Option<String>,
}

impl BusOptions {
    /// What the options say, as settings.
    pub(crate) fn assignments(&self) -> Vec<Assignment> {
        let options = [
            ("transport_url", &self.transport_url, "--transport-url"),
            ("control_exchange", &self.exchange, "--exchange"),
        ];
        options
            .into_iter()
            .filter_map(|(key, value, option)| {
                Some(Assignment::option("rpc", key, value.as_deref()?, option))
            })
            .collect()
    }
}

/// Where the bus is. For those who listen, a directory is made for the default socket.
pub(crate) fn url(loaded: &Loaded, listens: bool) -> Result<TransportUrl, Failed> {
    match loaded.settings.transport_url().map_err(Failed::usage)? {
        Some(TransportUrl::Memory { .. }) => Err(Failed::usage(format!(
            "{}: memory:// is inside one process, where no other can reach it",
            loaded.origin("rpc", "transport_url")
        ))
        .hint("unix:///path/to/socket and tcp://127.0.0.1:7000 need no broker either")),
        Some(url) => Ok(url),
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

/// The bus, not connected yet.
pub(crate) fn open(loaded: &Loaded, url: &TransportUrl) -> Result<Bus, Failed> {
    Ok(Bus::open(url, loaded.settings.of_bus())?)
}

/// The bus, connected.
pub(crate) async fn connect(loaded: &Loaded, limit: Duration) -> Result<Bus, Failed> {
    let url = url(loaded, false)?;
    let bus = open(loaded, &url)?;
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
        // It does not say by itself who did not answer.
        Err(error @ TransportError::Timeout { .. }) => Err(Failed::new(
            Class::Bus,
            format!("cannot connect to {url}: {error}"),
        )),
        Err(error) => Err(error.into()),
    }
}

/// Reads a time limit.
pub(crate) fn time_limit(text: &str) -> Result<Duration, String> {
    text.parse().map(Limit::get)
}
