//! A client of any service, by names and JSON: for tools, gateways and tests, which know a method only when they
//! run. Where the API is known when compiling, a generated client is the better one.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::outgoing::{Kind, Limits, Outgoing, Subject};
use super::{Call, CallStream, Cast, SpecClient};
use crate::bus::Bus;
use crate::error::SendError;
use crate::spec::ApiSpec;
use crate::version::Version;
use crate::wire::{Argument, RequestWriter};

/// Sends methods by their names, with arguments of any serde type. Nothing is checked here; the server does.
///
/// ```
/// # async fn shown(bus: rpc_runtime::Bus) -> Result<(), rpc_runtime::CallError<rpc_runtime::Failure>> {
/// use rpc_runtime::{Context, Failure, UntypedClient};
/// use serde_json::Value;
///
/// let conductor = UntypedClient::new(&bus, "conductor").namespace("baseapi");
/// let pong: Value = conductor
///     .call::<_, Failure>("ping", &Context::new(), &[("arg", &"hello")])
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct UntypedClient {
    client: SpecClient,
    namespace: Option<String>,
    version: Option<Version>,
}

/// What an untyped client knows of an API.
const NOTHING: &ApiSpec = &ApiSpec::new("an untyped client", Version::new(1, 0), &[]);

impl UntypedClient {
    /// A client of a topic. Messages name neither a namespace nor a version, which servers take for 1.0.
    pub fn new(bus: &Bus, topic: impl Into<String>) -> Self {
        Self {
            client: SpecClient::new(bus, NOTHING).topic(topic),
            namespace: None,
            version: None,
        }
    }

    /// To the API of this namespace.
    #[must_use]
    pub fn namespace(&self, namespace: impl Into<String>) -> Self {
        Self {
            namespace: Some(namespace.into()),
            ..self.clone()
        }
    }

    /// Asks for this version: the server must implement it, or a later one of the same major.
    #[must_use]
    pub fn version(&self, version: Version) -> Self {
        Self {
            version: Some(version),
            ..self.clone()
        }
    }

    /// To this server of the topic.
    #[must_use]
    pub fn on(&self, server: impl Into<String>) -> Self {
        self.with(self.client.on(server))
    }

    /// To the topic as scoped by this exchange, instead of the bus's `control_exchange`.
    #[must_use]
    pub fn exchange(&self, exchange: impl Into<String>) -> Self {
        self.with(self.client.exchange(exchange))
    }

    /// Calls wait this long; the bus's `response_timeout` if not given.
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        self.with(self.client.timeout(limit))
    }

    /// Calls are monitored: they end when their server is silent for this long (whole seconds, at least 2).
    #[must_use]
    pub fn monitored(&self, limit: Duration) -> Self {
        self.with(self.client.monitored(limit))
    }

    fn with(&self, client: SpecClient) -> Self {
        Self {
            client,
            namespace: self.namespace.clone(),
            version: self.version,
        }
    }

    /// Sends a call: a message to one server, and its answer. With `Failure` for `E`, every error of the server is
    /// [`CallError::Api`](crate::CallError::Api).
    pub fn call<T, E>(
        &self,
        method: &str,
        context: &dyn Argument,
        args: &[(&str, &dyn Argument)],
    ) -> Call<T, E> {
        Call::new(self.prepare(Kind::Call, method, context, args))
    }

    /// Sends a call that is answered with a stream of items.
    pub fn stream<T: 'static, E: 'static>(
        &self,
        method: &str,
        context: &dyn Argument,
        args: &[(&str, &dyn Argument)],
    ) -> CallStream<T, E> {
        CallStream::new(self.prepare(Kind::Call, method, context, args))
    }

    /// Sends a cast: a message to one server, which does not answer.
    pub fn cast(&self, method: &str, context: &dyn Argument, args: &[(&str, &dyn Argument)]) -> Cast {
        Cast::new(self.prepare(Kind::Cast, method, context, args))
    }

    /// Sends a fan-out cast: a message to every server of the topic.
    pub fn fanout(&self, method: &str, context: &dyn Argument, args: &[(&str, &dyn Argument)]) -> Cast {
        Cast::new(self.prepare(Kind::Fanout, method, context, args))
    }

    fn prepare(
        &self,
        kind: Kind,
        method: &str,
        context: &dyn Argument,
        args: &[(&str, &dyn Argument)],
    ) -> Result<Outgoing, SendError> {
        let since = Instant::now();
        let client = &self.client;
        let mut writer = RequestWriter::new(method, self.namespace.as_deref(), self.version);
        for (name, value) in args {
            writer.arg(name, *value)?;
        }
        let limits = Limits {
            since,
            answer: client.timeout.unwrap_or(client.bus.settings().response_timeout),
            silence: client.monitor,
        };
        let subject = Subject {
            api: self.namespace.clone().map_or(Cow::Borrowed(""), Cow::Owned),
            method: Cow::Owned(method.to_owned()),
            spec: None,
        };
        client.finish(kind, subject, limits, writer, context)
    }
}

impl fmt::Debug for UntypedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntypedClient")
            .field("client", &self.client)
            .field("namespace", &self.namespace)
            .field("version", &self.version)
            .finish()
    }
}
