//! The seam between generated dispatch tables and the server: a request in, an answer out.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::RpcError;
use crate::spec::{Api, ApiSpec};
use crate::transport::BoxFuture;
use crate::version::Version;
use crate::wire::{EncodedResult, Failure, Request, RequestedVersion};

/// An API served by a manager of type `M`. `#[rpc_api]` implements it for the API's marker, for every `M` that
/// implements the trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the API of this manager",
    label = "not what `#[rpc_api]` makes of a trait that this manager implements",
    note = "for `trait Calc` the API is `CalcApi`: neither the trait nor the client"
)]
pub trait Serve<M>: Api {
    /// Runs the method that the request asks for.
    fn dispatch(manager: &M, request: Incoming) -> Dispatch<'_>;
}

/// Everything a server serves: one API or several. `#[derive(RpcServer)]` implements it for a struct of managers;
/// [`Managers`](crate::Managers) is for sets known only at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service",
    label = "serves no API by itself",
    note = "a manager of one API is served by `.serve::<CalcApi, _>(manager)`",
    note = "for several, add `#[derive(rpc_runtime::RpcServer)]` to a struct of managers"
)]
pub trait RpcServer: Send + Sync + 'static {
    /// The APIs, in the order in which they are tried. No two have the same namespace and major version.
    fn apis(&self) -> &[&'static ApiSpec];

    /// Runs the method that the request asks for.
    fn dispatch(&self, request: Incoming) -> Dispatch<'_>;
}

/// A server that somebody else holds as well.
impl<S: RpcServer + ?Sized> RpcServer for Arc<S> {
    fn apis(&self) -> &[&'static ApiSpec] {
        (**self).apis()
    }

    fn dispatch(&self, request: Incoming) -> Dispatch<'_> {
        (**self).dispatch(request)
    }
}

/// A method at work. The error is one that the method does not declare.
pub type Dispatch<'a> = BoxFuture<'a, Result<Answer, Failure>>;

/// A request on its way to a manager.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Shared with the answer on its way: what is known of the caller, and the method's name for the log.
    request: Arc<Request>,
    version: Option<Version>,
    redelivered: bool,
}

impl Incoming {
    /// Reads the head of a request. The error is what Python's dispatcher raises for such a one.
    pub(crate) fn new(request: Arc<Request>, redelivered: bool) -> Result<Self, Failure> {
        let version = match request.version() {
            RequestedVersion::Absent => Some(Version::new(1, 0)),
            RequestedVersion::Null => None,
            RequestedVersion::Text(text) => Some(Version::of_peer(text)?),
        };
        if request.method().is_none() {
            return Err(Failure::type_error("the method is missing, or is not a string"));
        }
        Ok(Self {
            request,
            version,
            redelivered,
        })
    }

    /// The method asked for.
    pub fn method(&self) -> &str {
        self.request.method().unwrap_or_default()
    }

    /// The version asked for; `None` fits no API.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// The arguments, as a JSON object.
    pub fn args(&self) -> &str {
        self.request.args()
    }

    /// Whether this request was given to a server before, which did not finish it.
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// Whether the API is the one asked for: its namespace, and a version it implements.
    pub fn is_for(&self, api: &ApiSpec) -> bool {
        self.request.namespace() == api.namespace && self.version.is_some_and(|version| api.serves(version))
    }

    /// Whether no namespace is asked for, and a version that `implemented` accepts.
    pub(crate) fn is_for_bare(&self, implemented: Version) -> bool {
        self.request.namespace().is_none() && self.version.is_some_and(|version| implemented.accepts(version))
    }

    /// The context, as the API's type of it.
    pub fn context<C: DeserializeOwned>(&self) -> Result<C, Failure> {
        self.request
            .context()
            // The parser's words may repeat a value, and there are credentials among them.
            .map_err(|_| Failure::type_error("the context does not fit the API's type of it"))
    }

    /// The message this request came in.
    pub fn message(&self) -> &Request {
        &self.request
    }

    /// How Python spells the version in its errors.
    pub(crate) fn version_text(&self) -> &str {
        match self.request.version() {
            RequestedVersion::Absent => "1.0",
            RequestedVersion::Null => "None",
            RequestedVersion::Text(text) => text,
        }
    }
}

/// What a manager's method came to.
pub enum Answer {
    /// Its result.
    Value(EncodedResult),
    /// An error that the method declares.
    Declared(Failure),
    /// Any number of results, one message each.
    Items(ItemAnswers),
}

/// Results, one message each.
pub(super) type ItemAnswers = Pin<Box<dyn Stream<Item = Result<EncodedResult, Failure>> + Send>>;

impl Answer {
    /// The answer that a result is.
    pub fn value<T: Serialize + Send + Sync + ?Sized>(value: &T) -> Result<Self, Failure> {
        EncodedResult::new(value)
            .map(Self::Value)
            .map_err(|error| Failure::new("builtins", "TypeError", error.to_string()))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
            Self::Declared(failure) => f.debug_tuple("Declared").field(failure).finish(),
            Self::Items(_) => f.debug_tuple("Items").finish_non_exhaustive(),
        }
    }
}

/// The items a `#[rpc(stream)]` method answers with, one message each.
pub struct Items<T, E> {
    stream: Pin<Box<dyn Stream<Item = Result<T, E>> + Send>>,
}

impl<T, E> Items<T, E> {
    /// The items of a stream. The first error is the last item.
    pub fn new(stream: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self {
        Self {
            stream: Box::pin(stream),
        }
    }

    /// The items of anything that can be iterated over.
    pub fn from_values<I>(values: I) -> Self
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'static,
        T: 'static,
        E: 'static,
    {
        Self::new(futures_util::stream::iter(values.into_iter().map(Ok)))
    }
}

impl<T, E> Stream for Items<T, E> {
    type Item = Result<T, E>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl<T, E> fmt::Debug for Items<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}

impl<T, E> From<Items<T, E>> for Answer
where
    T: Serialize + Send + Sync + 'static,
    E: RpcError,
{
    fn from(items: Items<T, E>) -> Self {
        use futures_util::StreamExt as _;
        let encoded = items.stream.map(|item| {
            let value = item.map_err(|error| error.to_failure())?;
            let encoded =
                EncodedResult::new(&value).map_err(|error| Failure::type_error(error.to_string()))?;
            if encoded.is_null() {
                // On the wire a null that is not the end is a heartbeat: it would be lost without a word.
                return Err(Failure::type_error("an item of a stream cannot be null"));
            }
            Ok(encoded)
        });
        Self::Items(Box::pin(encoded))
    }
}
