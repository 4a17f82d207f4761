//! A bus without servers: it records what a client sends and answers from a table. For tests of code that calls,
//! where the question is what it asks for; where a service's behaviour matters, `XClient::local(manager)` serves
//! better.
//!
//! ```
//! # async fn example() -> Result<(), rpc_runtime::CallError<rpc_runtime::Failure>> {
//! use rpc_runtime::testing::Recorder;
//! use rpc_runtime::{Context, Failure, UntypedClient};
//!
//! let recorder = Recorder::new();
//! recorder.answer("add", 5);
//! // In a test of one's own this is a generated client.
//! let client = UntypedClient::new(&recorder.bus(), "calc");
//! let sum: i64 = client
//!     .call::<_, Failure>("add", &Context::new(), &[("a", &2), ("b", &3)])
//!     .await?;
//! assert_eq!(sum, 5);
//! assert_eq!(recorder.take()[0].args["a"], 2);
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::bus::{Bus, Settings};
use crate::transport::{
    BoxFuture, Headers, Listen, Listener, Message, ReplySink, Route, Transport, TransportError,
};
use crate::wire::{EncodedResult, Failure, Reply, Request, RequestedVersion};

/// A request that was sent.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// Where to.
    pub route: Route,
    /// The method.
    pub method: String,
    /// The namespace, if any.
    pub namespace: Option<String>,
    /// The version asked for, if any.
    pub version: Option<String>,
    /// The arguments that were sent, by name.
    pub args: Map<String, Value>,
    /// The context as a server would see it.
    pub context: Map<String, Value>,
    /// It was a call, and not a cast.
    pub is_call: bool,
}

/// Records requests, and answers calls.
#[derive(Default)]
pub struct Recorder {
    recorded: Mutex<Vec<Recorded>>,
    answers: Mutex<BTreeMap<String, Result<Value, Failure>>>,
    caller: OnceLock<Arc<dyn ReplySink>>,
}

impl Recorder {
    /// A recorder without answers: calls fail until [`answer`](Self::answer) or [`fail`](Self::fail) is told.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The bus for the clients under test.
    pub fn bus(self: &Arc<Self>) -> Bus {
        Bus::new(self.clone(), Settings::default())
    }

    /// Calls of `method` return `result` from now on.
    ///
    /// # Panics
    ///
    /// When `result` cannot be written as JSON.
    #[track_caller]
    pub fn answer(&self, method: &str, result: impl Serialize) {
        match serde_json::to_value(result) {
            Ok(result) => self.set(method, Ok(result)),
            Err(error) => panic!("the answer to '{method}' is no JSON: {error}"),
        }
    }

    /// Calls of `method` fail with `failure` from now on.
    pub fn fail(&self, method: &str, failure: Failure) {
        self.set(method, Err(failure));
    }

    fn set(&self, method: &str, answer: Result<Value, Failure>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(method.to_owned(), answer);
    }

    /// What was sent since the last time, in order.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, route: Route, body: &[u8]) -> Result<(), String> {
        let request = Request::decode(body).map_err(|error| error.to_string())?;
        let request = request.ok_or("an empty body")?;
        let recorded = Recorded {
            route,
            method: request.method().unwrap_or_default().to_owned(),
            namespace: request.namespace().map(str::to_owned),
            version: match request.version() {
                RequestedVersion::Text(text) => Some(text.to_owned()),
                _ => None,
            },
            args: serde_json::from_str(request.args()).map_err(|error| error.to_string())?,
            context: request.context().map_err(|error| error.to_string())?,
            is_call: request.msg_id().is_some(),
        };
        if let (Some(msg_id), Some(caller)) = (request.msg_id(), self.caller.get()) {
            let reply = self.reply(&recorded.method, msg_id);
            caller.deliver(reply.into(), Headers::default());
        }
        let mut all = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(recorded);
        Ok(())
    }

    fn reply(&self, method: &str, msg_id: &str) -> Vec<u8> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let unprepared = || Failure::new("", "", format!("the recorder has no answer to '{method}'"));
        let failure = match answers.get(method) {
            Some(Ok(result)) => match EncodedResult::new(result) {
                Ok(result) => return result.finish(msg_id, true),
                Err(error) => Failure::type_error(error.to_string()),
            },
            Some(Err(failure)) => failure.clone(),
            None => unprepared(),
        };
        Reply::failure_body(&failure, msg_id, true)
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Transport for Recorder {
    fn ready(&self, _: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async { Ok(()) })
    }

    fn send(&self, route: Route, message: Message, _: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        let recorded = self.record(route, &message.body);
        Box::pin(async { recorded.map_err(TransportError::Unsupported) })
    }

    fn open_replies(
        &self,
        _: String,
        sink: Arc<dyn ReplySink>,
        _: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        // The first bus gets the replies.
        let _ = self.caller.set(sink);
        Box::pin(async { Ok(()) })
    }

    fn listen(&self, _: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        let text = "a recorder has no servers: Bus::memory() has";
        Box::pin(async { Err(TransportError::Unsupported(text.to_owned())) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallError, Context, UntypedClient, Version};

    #[tokio::test]
    async fn records_and_answers() {
        let recorder = Recorder::new();
        let client = UntypedClient::new(&recorder.bus(), "calc")
            .namespace("ns")
            .version(Version::new(1, 2))
            .on("host");
        let ctx = Context::new().project("demo");
        recorder.answer("add", 5);
        let sum: i64 = client
            .call::<_, Failure>("add", &ctx, &[("a", &2)])
            .await
            .unwrap();
        assert_eq!(sum, 5);
        client.cast("forget", &ctx, &[]).await.unwrap();
        let [add, forget] = &recorder.take()[..] else {
            panic!("two requests");
        };
        assert_eq!(add.route.to_string(), "server 'host' of topic 'calc'");
        assert_eq!((add.method.as_str(), add.is_call), ("add", true));
        assert_eq!(
            (add.namespace.as_deref(), add.version.as_deref()),
            (Some("ns"), Some("1.2"))
        );
        assert_eq!(add.args["a"], 2);
        assert_eq!(add.context["project_id"], "demo");
        assert_eq!((forget.method.as_str(), forget.is_call), ("forget", false));
        assert_eq!(recorder.take(), []);
    }

    #[tokio::test]
    async fn fails_as_told_and_when_not_told() {
        let recorder = Recorder::new();
        let client = UntypedClient::new(&recorder.bus(), "calc");
        let ctx = Context::new();
        recorder.fail("add", Failure::type_error("no such argument"));
        let error = client.call::<i64, Failure>("add", &ctx, &[]).await.unwrap_err();
        assert!(matches!(error, CallError::Api(failure) if failure.class == "TypeError"));
        let error = client.call::<i64, Failure>("other", &ctx, &[]).await.unwrap_err();
        assert!(error.to_string().contains("no answer to 'other'"), "{error}");
    }
}
