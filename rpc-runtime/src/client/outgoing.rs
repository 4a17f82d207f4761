//! A message on its way out, before a transport has it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::bus::Bus;
use crate::server::Server;
use crate::spec::MethodSpec;
use crate::transport::{Headers, Message, Route};
use crate::wire::Id;

/// How a message is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// To one server, which answers.
    Call,
    /// To one server, which does not answer.
    Cast,
    /// To every server of the topic.
    Fanout,
}

/// What a message asks for.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) api: Cow<'static, str>,
    pub(super) method: Cow<'static, str>,
    pub(super) spec: Option<&'static MethodSpec>,
}

/// How long a call waits.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// When the call was made: writing it counts.
    pub(super) since: Instant,
    /// For its answer.
    pub(super) answer: Duration,
    /// For a sign of life, when it is monitored.
    pub(super) silence: Option<Duration>,
}

/// A message ready to leave: what middleware on the sending side sees.
///
/// A clone is the same message with the same ids: servers that got it already drop it.
#[derive(Clone)]
pub struct Outgoing {
    pub(super) bus: Bus,
    /// Keeps a local server up until the answer is there.
    pub(super) _local: Option<Arc<Server>>,
    pub(super) kind: Kind,
    pub(super) subject: Subject,
    pub(super) route: Route,
    pub(super) message: Message,
    pub(super) id: Id,
    pub(super) limit: Duration,
    pub(super) deadline: Instant,
    pub(super) monitor: Option<Duration>,
}

impl Outgoing {
    /// How it is sent.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the API it belongs to; the namespace, if an untyped client sends it.
    pub fn api(&self) -> &str {
        &self.subject.api
    }

    /// The name of the method it asks for.
    pub fn method(&self) -> &str {
        &self.subject.method
    }

    /// What the API declares of the method; `None` if an untyped client sends it. A retry is safe where that is
    /// `idempotent`.
    pub fn spec(&self) -> Option<&'static MethodSpec> {
        self.subject.spec
    }

    /// Where it goes.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// Identifies the call among those that wait for an answer.
    pub fn id(&self) -> Id {
        self.id
    }

    /// When its sender stops waiting. Layers may not extend it.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What travels beside the body.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.message.headers
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("kind", &self.kind)
            .field("method", &self.subject.method)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}
