//! Requests from a peer: the inner document, and where its parts stand in it.

use std::fmt;

use serde::de::DeserializeOwned;

use super::DecodeError;
use super::context::Context;
use super::envelope::{Document, open};
use super::grammar::Bad;
use super::span::{Span, Text, Value};
use crate::version::python_int;

/// What a key of the context begins with in the document.
const PREFIX: &[u8] = b"_context_";

/// More keys than any context has; fewer than it takes to make looking for doubles slow.
const MAX_CONTEXT_KEYS: usize = 1000;

/// As many as an OpenStack service sends.
const USUAL_CONTEXT_KEYS: usize = 32;

/// A request as received.
#[derive(Clone, Default)]
pub struct Request {
    /// The document; behind it, what those of its strings mean that hold escapes.
    text: String,
    method: Option<Text>,
    namespace: Option<Text>,
    version: Option<Value>,
    args: Option<Span>,
    msg_id: Option<Text>,
    reply_q: Option<Text>,
    unique_id: Option<Text>,
    timeout: Option<Value>,
    /// Keys without prefix, and values. No key twice.
    context: Vec<(Text, Span)>,
}

/// The version a request asks for. Absent and null differ: absent means 1.0, null fits no endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestedVersion<'a> {
    /// The key is missing.
    Absent,
    /// The key is null.
    Null,
    /// The text given.
    Text(&'a str),
}

impl Request {
    /// Reads a request out of a body, in its envelope or bare. `None` for an empty body, which means nothing.
    ///
    /// The whole document is checked, but no value is read.
    pub fn decode(body: &[u8]) -> Result<Option<Self>, DecodeError> {
        if body.is_empty() {
            return Ok(None);
        }
        open(body).map(Some)
    }

    fn part(&self, text: Option<Text>) -> Option<&str> {
        text.map(|text| text.span.of(&self.text))
    }

    /// The method asked for; `None` when missing or not a string.
    pub fn method(&self) -> Option<&str> {
        self.part(self.method)
    }

    /// The namespace; `None` when absent or null.
    pub fn namespace(&self) -> Option<&str> {
        self.part(self.namespace)
    }

    /// The version asked for.
    pub fn version(&self) -> RequestedVersion<'_> {
        let span = match self.version {
            None => return RequestedVersion::Absent,
            Some(Value::Null(_)) => return RequestedVersion::Null,
            Some(Value::Text(text)) => text.span,
            Some(Value::Other(span)) => span,
        };
        RequestedVersion::Text(span.of(&self.text))
    }

    /// The arguments as JSON text. `{}` when absent; as the peer wrote them, even when that is not an object.
    pub fn args(&self) -> &str {
        self.args.map_or("{}", |span| span.of(&self.text))
    }

    /// The id a reply must carry. `None` for a cast: missing, null or empty.
    pub fn msg_id(&self) -> Option<&str> {
        self.part(self.msg_id).filter(|id| !id.is_empty())
    }

    /// Where a reply goes.
    pub fn reply_q(&self) -> Option<&str> {
        self.part(self.reply_q)
    }

    /// Identifies the message; the same when it is published again.
    pub fn unique_id(&self) -> Option<&str> {
        self.part(self.unique_id)
    }

    /// The call monitor limit in whole seconds, when the caller gave one (a number, or a numeric string).
    pub fn monitor(&self) -> Option<u64> {
        match self.timeout? {
            Value::Null(_) => None,
            Value::Text(text) => u64::try_from(python_int(&text.meaning(&self.text))?).ok(),
            Value::Other(written) => {
                let seconds: f64 = written.of(&self.text).parse().ok()?;
                seconds.is_finite().then_some(seconds.max(0.0) as u64)
            }
        }
    }

    /// Whether the caller is of a generation that reads a one-message reply: it sent the key `_timeout`.
    pub fn reads_single_reply(&self) -> bool {
        self.timeout.is_some()
    }

    /// The context, as a type of the application. The key `client_timeout` is always present in it. `()` takes any.
    pub fn context<C: DeserializeOwned>(&self) -> Result<C, serde_json::Error> {
        C::deserialize(Context {
            text: &self.text,
            members: &self.context,
            client_timeout: self
                .timeout
                .map_or("null", |timeout| timeout.json().of(&self.text)),
        })
    }
}

impl Document for Request {
    #[inline(always)]
    fn member(&mut self, name: &[u8], key: Text, value: Value, text: &[u8]) -> Result<(), Bad> {
        match name {
            b"method" => self.method = value.text(),
            b"namespace" => self.namespace = value.text(),
            b"version" => self.version = Some(value),
            b"args" => self.args = Some(value.json()),
            b"_msg_id" => self.msg_id = value.text(),
            b"_reply_q" => self.reply_q = value.text(),
            b"_unique_id" => self.unique_id = value.text(),
            b"_timeout" => self.timeout = Some(value),
            // The receiver's own; what a sender puts there is lost.
            b"_context_msg_id" | b"_context_reply_q" | b"_context_client_timeout" => {}
            _ if key.span.of_bytes(text).starts_with(PREFIX) => {
                let key = key.without_prefix(PREFIX.len());
                return insert(&mut self.context, key, value.json(), text);
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, text: String) {
        self.text = text;
        if let Some(Value::Text(version)) = &mut self.version {
            version.settle(&mut self.text);
        }
        let texts = [
            &mut self.method,
            &mut self.namespace,
            &mut self.msg_id,
            &mut self.reply_q,
            &mut self.unique_id,
        ];
        for written in texts.into_iter().flatten() {
            written.settle(&mut self.text);
        }
    }
}

/// Without arguments and context, which may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method())
            .field("namespace", &self.namespace())
            .field("version", &self.version())
            .field("msg_id", &self.msg_id())
            .field("reply_q", &self.reply_q())
            .field("unique_id", &self.unique_id())
            .finish_non_exhaustive()
    }
}

/// Adds a key to a context; the last of doubles wins.
fn insert(context: &mut Vec<(Text, Span)>, key: Text, value: Span, text: &[u8]) -> Result<(), Bad> {
    if let Some(double) = context
        .iter_mut()
        .find(|(known, _)| known.span.of_bytes(text) == key.span.of_bytes(text))
    {
        *double = (key, value);
        return Ok(());
    }
    match context.len() {
        0 => context.reserve(USUAL_CONTEXT_KEYS),
        MAX_CONTEXT_KEYS => return Err(Bad::Many("context keys")),
        _ => {}
    }
    context.push((key, value));
    Ok(())
}
