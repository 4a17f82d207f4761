//! Requests from a peer: the inner document, and where its parts stand in it.

use std::fmt;

use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::envelope::{MESSAGE, open};
use super::scan::{Bad, Scanner, Span, Text, Value};
use super::{DecodeError, json};
use crate::version::python_int;

/// What a key of the context begins with in the document.
const PREFIX: &str = "_context_";

/// More keys than any context has; fewer than it takes to make looking for doubles slow.
const MAX_CONTEXT_KEYS: usize = 1000;

/// As many as an OpenStack service sends.
const USUAL_CONTEXT_KEYS: usize = 32;

/// A request as received.
#[derive(Clone)]
pub struct Request {
    /// The document; behind it, what those of its strings mean that hold escapes.
    text: String,
    method: Option<Span>,
    namespace: Option<Span>,
    version: Asked,
    args: Option<Span>,
    msg_id: Option<Span>,
    reply_q: Option<Span>,
    unique_id: Option<Span>,
    timeout: Option<Span>,
    /// Keys as written, without prefix and quotes, and values. No key twice.
    context: Vec<(Span, Span)>,
}

#[derive(Clone, Copy)]
enum Asked {
    Absent,
    Null,
    Text(Span),
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
        Self::read(open(body)?).map(Some)
    }

    fn read(mut text: String) -> Result<Self, DecodeError> {
        let bad = |bad: Bad| bad.of(MESSAGE);
        let (mut method, mut namespace, mut version) = (None, None, None);
        let (mut msg_id, mut reply_q, mut unique_id) = (None, None, None);
        let (mut args, mut timeout) = (None, None);
        let mut context = Vec::new();

        let mut scanner = Scanner::new(text.as_bytes());
        scanner.enter().map_err(bad)?;
        let mut first = true;
        while let Some(key) = scanner.key(first).map_err(bad)? {
            first = false;
            let value = scanner.value().map_err(bad)?;
            match &*key.meaning(&text) {
                "method" => method = value.text(),
                "namespace" => namespace = value.text(),
                "version" => version = Some(value),
                "args" => args = Some(value.json()),
                "_msg_id" => msg_id = value.text(),
                "_reply_q" => reply_q = value.text(),
                "_unique_id" => unique_id = value.text(),
                "_timeout" => timeout = Some(value.json()),
                // The receiver's own; what a sender puts there is lost.
                "_context_msg_id" | "_context_reply_q" | "_context_client_timeout" => {}
                _ if key.span.of(&text).starts_with(PREFIX) => {
                    insert(
                        &mut context,
                        key.span.without_prefix(PREFIX.len()),
                        value.json(),
                        &text,
                    )?;
                }
                _ => {}
            }
        }
        let mut meaning = |written: Text| {
            if !written.escaped {
                return written.span;
            }
            let start = text.len();
            let meaning = written.meaning(&text).into_owned();
            text.push_str(&meaning);
            Span::new(start, text.len())
        };
        Ok(Self {
            method: method.map(&mut meaning),
            namespace: namespace.map(&mut meaning),
            version: match version {
                None => Asked::Absent,
                Some(Value::Text(version)) => Asked::Text(meaning(version)),
                Some(Value::Null(_)) => Asked::Null,
                Some(other) => Asked::Text(other.json()),
            },
            msg_id: msg_id.map(&mut meaning),
            reply_q: reply_q.map(&mut meaning),
            unique_id: unique_id.map(&mut meaning),
            args,
            timeout,
            context,
            text,
        })
    }

    fn part(&self, span: Option<Span>) -> Option<&str> {
        span.map(|span| span.of(&self.text))
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
        match self.version {
            Asked::Absent => RequestedVersion::Absent,
            Asked::Null => RequestedVersion::Null,
            Asked::Text(span) => RequestedVersion::Text(span.of(&self.text)),
        }
    }

    /// The arguments as JSON text. `{}` when absent; as the peer wrote them, even when that is not an object.
    pub fn args(&self) -> &str {
        self.part(self.args).unwrap_or("{}")
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
        let written = self.part(self.timeout)?;
        if let Some(text) = written.strip_prefix('"') {
            return u64::try_from(python_int(text.strip_suffix('"')?)?).ok();
        }
        let seconds: f64 = written.parse().ok()?;
        seconds.is_finite().then_some(seconds.max(0.0) as u64)
    }

    /// Whether the caller is of a generation that reads a one-message reply: it sent the key `_timeout`.
    pub fn reads_single_reply(&self) -> bool {
        self.timeout.is_some()
    }

    /// The context, as a type of the application. The key `client_timeout` is always present in it. `()` takes any.
    pub fn context<C: DeserializeOwned>(&self) -> Result<C, serde_json::Error> {
        let written: usize = self
            .context
            .iter()
            .map(|(key, value)| key.len() + value.len() + 4)
            .sum();
        let mut map = String::with_capacity(written + 40);
        map.push('{');
        for (key, value) in &self.context {
            map.push('"');
            map.push_str(key.of(&self.text));
            map.push_str("\":");
            map.push_str(value.of(&self.text));
            map.push(',');
        }
        map.push_str("\"client_timeout\":");
        map.push_str(self.part(self.timeout).unwrap_or("null"));
        map.push('}');
        json::read(&map).or_else(|error| C::deserialize(Absent::Context).map_err(|_| error))
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
fn insert(context: &mut Vec<(Span, Span)>, key: Span, value: Span, text: &str) -> Result<(), DecodeError> {
    if let Some(double) = context
        .iter_mut()
        .find(|(known, _)| known.of(text) == key.of(text))
    {
        *double = (key, value);
        return Ok(());
    }
    match context.len() {
        0 => context.reserve(USUAL_CONTEXT_KEYS),
        MAX_CONTEXT_KEYS => {
            let text = format!("a context of more than {MAX_CONTEXT_KEYS} keys");
            return Err(DecodeError::Limit(text));
        }
        _ => {}
    }
    context.push((key, value));
    Ok(())
}
