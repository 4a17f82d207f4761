//! The client of an API that the compiler knows. What is sent by it are the methods of its trait, each in the ways that
//! the trait declares.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::SpecClient;
use crate::bus::Bus;
use crate::pin::Pin;
use crate::server::Serve;
use crate::spec::{Api, MethodSpec};

/// The client of the API `A`: where its messages go, how long their answers are waited for, and which version they may
/// ask for at most.
///
/// [`rpc_api`](crate::rpc_api) on a trait `Calc` names its client `CalcClient`. [`call`](Self::call),
/// [`cast`](Self::cast) and [`fanout`](Self::fanout) have the methods of the trait, each if the API has methods of that
/// kind. The methods that change something return a changed copy, as oslo.messaging's `prepare` does:
///
/// ```
/// use std::time::Duration;
/// use rpc_runtime::{Bus, CallError, Context, Failure, rpc_api};
///
/// /// Adds things.
/// #[rpc_api(topic = "calc", version = "1.0")]
/// pub trait Calc {
///     /// Adds two numbers.
///     #[rpc(call)]
///     async fn add(&self, ctx: &Context, a: i64, b: i64) -> Result<i64, Failure>;
/// }
///
/// async fn sum(bus: &Bus) -> Result<i64, CallError<Failure>> {
///     let calc = CalcClient::new(bus).on("abacus").timeout(Duration::from_secs(5));
///     calc.call().add(&Context::new(), 1, 2).await
/// }
/// ```
pub struct Client<A> {
    by_spec: SpecClient,
    api: PhantomData<fn() -> A>,
}

impl<A: Api> Client<A> {
    /// Sends over this bus, to the API's own topic.
    pub fn new(bus: &Bus) -> Self {
        Self::of(SpecClient::new(bus, A::SPEC))
    }

    /// Sends to a manager in this process: the same encoding and the same version rules, over a bus of its own
    /// (Havana's `use_local`).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, since the manager's methods need one to run on.
    pub fn local<M>(manager: M) -> Self
    where
        A: Serve<M>,
        M: Send + Sync + 'static,
    {
        Self::of(SpecClient::local::<A, M>(manager))
    }

    /// To this server of the topic.
    #[must_use]
    pub fn on(&self, server: impl Into<String>) -> Self {
        Self::of(self.by_spec.on(server))
    }

    /// To this topic.
    #[must_use]
    pub fn topic(&self, topic: impl Into<String>) -> Self {
        Self::of(self.by_spec.topic(topic))
    }

    /// To the topic as scoped by this exchange, instead of the bus's `control_exchange`.
    #[must_use]
    pub fn exchange(&self, exchange: impl Into<String>) -> Self {
        Self::of(self.by_spec.exchange(exchange))
    }

    /// Calls wait this long, whatever the methods declare.
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        Self::of(self.by_spec.timeout(limit))
    }

    /// Calls are monitored: they end when their server is silent for this long: whole seconds, and at least 2;
    /// less is rounded up.
    #[must_use]
    pub fn monitored(&self, silence: Duration) -> Self {
        Self::of(self.by_spec.monitored(silence))
    }

    /// Sends nothing that a server of this version does not understand (oslo's `version_cap`).
    #[must_use]
    pub fn pinned(&self, pin: impl Into<Pin>) -> Self {
        Self::of(self.by_spec.pinned(pin))
    }

    /// Whether servers of the version that this client is pinned to have the method, which is a constant of `A`.
    pub fn can_send(&self, method: &MethodSpec) -> bool {
        self.by_spec.can_send(method)
    }

    /// Sends to one server and waits for its answer.
    pub fn call(&self) -> A::Caller<'_>
    where
        A: Calls,
    {
        A::caller(&self.by_spec)
    }

    /// Sends to one server, which does not answer. `Ok` means that the bus has the message, not that there is a server
    /// to take it.
    pub fn cast(&self) -> A::Caster<'_>
    where
        A: Casts,
    {
        A::caster(&self.by_spec)
    }

    /// Sends to every server of the topic; none answers.
    pub fn fanout(&self) -> A::Fanout<'_>
    where
        A: FansOut,
    {
        A::fanout(&self.by_spec)
    }
}

impl<A> Client<A> {
    fn of(by_spec: SpecClient) -> Self {
        let api = PhantomData;
        Self { by_spec, api }
    }
}

impl<A> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self::of(self.by_spec.clone())
    }
}

impl<A> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.by_spec).finish()
    }
}

/// An API with methods that answer: `#[rpc(call)]` or `#[rpc(stream)]`.
pub trait Calls: Api {
    /// Has these methods.
    type Caller<'c>;

    /// Calls them with this client.
    fn caller(client: &SpecClient) -> Self::Caller<'_>;
}

/// An API with methods that may go unanswered: `#[rpc(cast)]`.
pub trait Casts: Api {
    /// Has these methods.
    type Caster<'c>;

    /// Casts them with this client.
    fn caster(client: &SpecClient) -> Self::Caster<'_>;
}

/// An API with methods that may go to all servers at once: `#[rpc(fanout)]`.
pub trait FansOut: Api {
    /// Has these methods.
    type Fanout<'c>;

    /// Fans them out with this client.
    fn fanout(client: &SpecClient) -> Self::Fanout<'_>;
}
