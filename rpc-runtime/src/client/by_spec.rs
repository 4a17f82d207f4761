//! The client that knows methods by their specs, and no API: what all others send with.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::outgoing::{Kind, Limits, Outgoing, Subject};
use super::{Call, CallStream, Cast, older};
use crate::bus::Bus;
use crate::deadline::LONGEST;
use crate::error::SendError;
use crate::managers::Managers;
use crate::pin::Pin;
use crate::server::{Serve, Server};
use crate::spec::{ApiSpec, MethodSpec};
use crate::transport::{Headers, Message, Rejected, Route};
use crate::version::Version;
use crate::wire::{Argument, Id, MAX_BODY, ReplyTo, RequestWriter};

/// Sends methods that it is given the specs of, with as many arguments: what a [`Client`](super::Client) wraps, and
/// what an API without a trait is called with.
///
/// The methods that change something return a changed copy, as oslo.messaging's `prepare` does.
#[derive(Clone)]
pub struct SpecClient {
    pub(super) bus: Bus,
    spec: &'static ApiSpec,
    exchange: Option<Arc<str>>,
    topic: Option<Arc<str>>,
    server: Option<Arc<str>>,
    pub(super) timeout: Option<Duration>,
    pub(super) monitor: Option<Duration>,
    pin: Option<Pin>,
    /// The server of a local client lives as long as its last client.
    local: Option<Arc<Server>>,
}

impl SpecClient {
    /// A client of the API on its own topic.
    pub fn new(bus: &Bus, spec: &'static ApiSpec) -> Self {
        Self {
            bus: bus.clone(),
            spec,
            exchange: None,
            topic: spec.topic.map(Into::into),
            server: None,
            timeout: None,
            monitor: None,
            pin: None,
            local: None,
        }
    }

    /// A client of a manager in this process: the same encoding and the same version rules, over a bus of its
    /// own (Havana's `use_local`).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, since the manager's methods need one to run on; when the API's topic is one that no bus
    /// can carry, which `#[rpc_api]` does not let pass.
    pub fn local<A: Serve<M>, M: Send + Sync + 'static>(manager: M) -> Self {
        let bus = Bus::memory();
        let topic = A::SPEC.topic.unwrap_or("local");
        let managers = Managers::one::<A, M>(manager);
        let server = Server::builder(&bus)
            .topic(topic)
            .server("local")
            .service(managers)
            .start_local();
        Self {
            topic: Some(topic.into()),
            local: Some(Arc::new(server)),
            ..Self::new(&bus, A::SPEC)
        }
    }

    /// To this server of the topic.
    #[must_use]
    pub fn on(&self, server: impl Into<String>) -> Self {
        Self {
            server: Some(server.into().into()),
            ..self.clone()
        }
    }

    /// To this topic.
    #[must_use]
    pub fn topic(&self, topic: impl Into<String>) -> Self {
        Self {
            topic: Some(topic.into().into()),
            ..self.clone()
        }
    }

    /// To the topic as scoped by this exchange, instead of the bus's `control_exchange`.
    #[must_use]
    pub fn exchange(&self, exchange: impl Into<String>) -> Self {
        Self {
            exchange: Some(exchange.into().into()),
            ..self.clone()
        }
    }

    /// Calls wait this long, whatever the methods declare.
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        Self {
            timeout: Some(limit),
            ..self.clone()
        }
    }

    /// Calls are monitored: they end when their server is silent for this long: whole seconds, and at least 2;
    /// less is rounded up.
    #[must_use]
    pub fn monitored(&self, limit: Duration) -> Self {
        Self {
            monitor: Some(limit),
            ..self.clone()
        }
    }

    /// Sends nothing that a server of this version does not understand (oslo's `version_cap`).
    #[must_use]
    pub fn pinned(&self, pin: impl Into<Pin>) -> Self {
        Self {
            pin: Some(pin.into()),
            ..self.clone()
        }
    }

    /// Whether the pin allows the method.
    pub fn can_send(&self, method: &MethodSpec) -> bool {
        method.version_under(self.cap()).is_some()
    }

    /// The version that no message goes beyond.
    fn cap(&self) -> Version {
        let pinned = self.pin.as_ref().and_then(Pin::version);
        pinned.unwrap_or(self.spec.version)
    }

    /// Sends a call: a message to one server, and its answer.
    pub fn call<T, E>(
        &self,
        method: &'static MethodSpec,
        context: &dyn Argument,
        args: &[&dyn Argument],
    ) -> Call<T, E> {
        Call::new(self.prepare(Kind::Call, method, context, args))
    }

    /// Sends a call that is answered with a stream of items.
    pub fn stream<T: 'static, E: 'static>(
        &self,
        method: &'static MethodSpec,
        context: &dyn Argument,
        args: &[&dyn Argument],
    ) -> CallStream<T, E> {
        CallStream::new(self.prepare(Kind::Call, method, context, args))
    }

    /// Sends a cast: a message to one server, which does not answer. `Ok` means that the bus has it, not that there is
    /// a server to take it: a broker confirms, and drops, what is sent to a topic that nobody has ever served.
    pub fn cast(&self, method: &'static MethodSpec, context: &dyn Argument, args: &[&dyn Argument]) -> Cast {
        Cast::new(self.prepare(Kind::Cast, method, context, args))
    }

    /// Sends a fan-out cast: a message to every server of the topic.
    pub fn fanout(
        &self,
        method: &'static MethodSpec,
        context: &dyn Argument,
        args: &[&dyn Argument],
    ) -> Cast {
        Cast::new(self.prepare(Kind::Fanout, method, context, args))
    }

    /// Writes the message. The clock of its deadline starts here.
    fn prepare(
        &self,
        kind: Kind,
        method: &'static MethodSpec,
        context: &dyn Argument,
        args: &[&dyn Argument],
    ) -> Result<Outgoing, SendError> {
        let since = Instant::now();
        let cap = self.cap();
        let version = method.version_under(cap).ok_or_else(|| SendError::NotInPin {
            method: method.name,
            since: method.history.since_in(cap).unwrap_or(self.spec.version),
            pinned: cap,
        })?;
        let mut writer = RequestWriter::new(method.name, self.spec.namespace, Some(version));
        for (spec, value) in method.args.iter().zip(args) {
            match spec.form_in(version) {
                _ if !spec.history.has(version) => older::withhold(method, spec, cap, *value)?,
                Some(form) => writer.arg(spec.name, &older::form(spec, form, *value)?)?,
                None => writer.arg(spec.name, *value)?,
            }
        }
        let subject = Subject {
            api: Cow::Borrowed(self.spec.name),
            method: Cow::Borrowed(method.name),
            spec: Some(method),
        };
        let limits = Limits {
            since,
            answer: self.timeout.unwrap_or_else(|| self.bus.timeout_of(method)),
            silence: self
                .monitor
                .or_else(|| method.monitored.then_some(self.bus.settings().monitor)),
        };
        self.finish(kind, subject, limits, writer, context)
    }

    /// Ends the message, and addresses it.
    pub(super) fn finish(
        &self,
        kind: Kind,
        subject: Subject,
        limits: Limits,
        writer: RequestWriter,
        context: &dyn Argument,
    ) -> Result<Outgoing, SendError> {
        let route = self.route(kind)?;
        let limit = limits.answer.min(LONGEST);
        // Servers read whole seconds, and tell nobody who asks for less than two.
        let monitor = limits
            .silence
            .filter(|_| kind == Kind::Call)
            .map(|limit| Duration::from_secs(limit.as_secs_f64().ceil().max(2.0) as u64));
        let id = Id::new();
        let reply_to = (kind == Kind::Call).then(|| ReplyTo {
            msg_id: id,
            reply_q: self.bus.reply_address(),
            monitor: monitor.map(|limit| limit.as_secs()),
        });
        let body = writer.finish(context, Id::new(), reply_to)?;
        if body.len() > MAX_BODY {
            let (size, detail) = (body.len(), format!("no peer reads more than {MAX_BODY} bytes"));
            return Err(Rejected::Oversize { size, detail }.into());
        }
        let message = Message {
            body: Bytes::from(body),
            headers: Headers::default(),
            expiration: (kind == Kind::Call).then_some(limit),
            mandatory: kind == Kind::Call && self.bus.settings().mandatory,
        };
        Ok(Outgoing {
            bus: self.bus.clone(),
            _local: self.local.clone(),
            kind,
            subject,
            route,
            message,
            id,
            limit,
            deadline: limits.since + limit,
            monitor,
        })
    }

    fn route(&self, kind: Kind) -> Result<Route, SendError> {
        let topic = self.topic.clone().ok_or_else(|| {
            SendError::InvalidTarget(format!(
                "{} has no topic of its own: set one with .topic(..)",
                self.spec.name
            ))
        })?;
        if kind == Kind::Fanout {
            return Ok(Route::Fanout { topic });
        }
        let exchange = self
            .exchange
            .clone()
            .unwrap_or_else(|| self.bus.settings().control_exchange.clone());
        Ok(Route::Topic {
            exchange,
            topic,
            server: self.server.clone(),
        })
    }
}

impl fmt::Debug for SpecClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpecClient")
            .field("api", &self.spec.name)
            .field("topic", &self.topic)
            .field("server", &self.server)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}
