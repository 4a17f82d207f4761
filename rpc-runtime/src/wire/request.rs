//! Requests: writing one for a peer, reading one from a peer.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::value::escape;
use super::{Argument, DecodeError, EncodeError, Id};
use crate::version::Version;

/// Writes a request: the head, then the arguments one by one, then the rest.
#[derive(Debug)]
pub struct RequestWriter {
    body: Vec<u8>,
    first: bool,
}

/// What makes a request a call.
#[derive(Clone, Copy, Debug)]
pub struct ReplyTo<'a> {
    /// Identifies the call among those waiting.
    pub msg_id: Id,
    /// The address of the caller.
    pub reply_q: &'a str,
    /// The seconds of silence after which a monitored caller gives up (`_timeout`).
    pub monitor: Option<u64>,
}

impl RequestWriter {
    /// Begins a request. `namespace` and `version` are absent from the message when `None`.
    pub fn new(method: &str, namespace: Option<&str>, version: Option<Version>) -> Self {
        let mut body = Vec::with_capacity(512);
        body.extend_from_slice(br#"{"oslo.version":"2.0","oslo.message":"{\"method\":"#);
        escape(&Value::from(method).to_string(), &mut body);
        if let Some(namespace) = namespace {
            body.extend_from_slice(br#",\"namespace\":"#);
            escape(&Value::from(namespace).to_string(), &mut body);
        }
        if let Some(version) = version {
            body.extend_from_slice(format!(r#",\"version\":\"{version}\""#).as_bytes());
        }
        body.extend_from_slice(br#",\"args\":{"#);
        Self { body, first: true }
    }

    /// Adds an argument.
    pub fn arg(&mut self, name: &str, value: &dyn Argument) -> Result<(), EncodeError> {
        if !std::mem::take(&mut self.first) {
            self.body.push(b',');
        }
        escape(&Value::from(name).to_string(), &mut self.body);
        self.body.push(b':');
        value.write_escaped(&mut self.body).map_err(|source| EncodeError {
            name: name.to_owned(),
            source,
        })
    }

    /// Ends the request: context, ids, reply address. The body is complete.
    pub fn finish(
        mut self,
        context: &dyn Argument,
        unique_id: Id,
        reply: Option<ReplyTo<'_>>,
    ) -> Result<Vec<u8>, EncodeError> {
        let error = |source| EncodeError {
            name: "the context".to_owned(),
            source,
        };
        self.body.push(b'}');
        let context: Map<String, Value> =
            serde_json::from_slice(&context.to_json().map_err(error)?).map_err(error)?;
        for (key, value) in context {
            self.body.push(b',');
            escape(
                &Value::from(format!("_context_{key}")).to_string(),
                &mut self.body,
            );
            self.body.push(b':');
            escape(&value.to_string(), &mut self.body);
        }
        if let Some(reply) = reply {
            let monitor = reply
                .monitor
                .map_or_else(|| "null".to_owned(), |seconds| seconds.to_string());
            self.body
                .extend_from_slice(format!(r#",\"_msg_id\":\"{}\",\"_reply_q\":"#, reply.msg_id).as_bytes());
            escape(&Value::from(reply.reply_q).to_string(), &mut self.body);
            self.body
                .extend_from_slice(format!(r#",\"_timeout\":{monitor}"#).as_bytes());
        }
        self.body
            .extend_from_slice(format!(r#",\"_unique_id\":\"{unique_id}\"}}"}}"#).as_bytes());
        Ok(self.body)
    }
}

/// A request as received: the inner document, and where its parts stand in it.
#[derive(Clone, Debug)]
pub struct Request {
    text: String,
    args: Option<Range<usize>>,
    context: Vec<(String, Range<usize>)>,
    method: Option<String>,
    namespace: Option<String>,
    version: RequestedVersion,
    msg_id: Option<String>,
    reply_q: Option<String>,
    unique_id: Option<String>,
    timeout: Option<Value>,
}

/// The version a request asks for. Absent and null differ: absent means 1.0, null fits no endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestedVersion {
    /// The key is missing.
    Absent,
    /// The key is null.
    Null,
    /// The text given.
    Text(String),
}

impl Request {
    /// Reads a request out of a body, in its envelope or bare. `None` for an empty body, which means nothing.
    pub fn decode(body: &[u8]) -> Result<Option<Self>, DecodeError> {
        if body.is_empty() {
            return Ok(None);
        }
        let text = super::reply::open(body)?;
        let json = |error: serde_json::Error| DecodeError::Json {
            what: "oslo.message",
            detail: error.to_string(),
        };
        let parts: std::collections::BTreeMap<String, &RawValue> =
            serde_json::from_str(&text).map_err(json)?;
        let start = text.as_ptr() as usize;
        let span = |raw: &RawValue| {
            let at = raw.get().as_ptr() as usize - start;
            at..at + raw.get().len()
        };
        let string = |key: &str| {
            parts
                .get(key)
                .and_then(|raw| serde_json::from_str(raw.get()).ok())
        };
        let version = match parts.get("version") {
            None => RequestedVersion::Absent,
            Some(raw) => match serde_json::from_str(raw.get()) {
                Ok(Value::Null) => RequestedVersion::Null,
                Ok(Value::String(text)) => RequestedVersion::Text(text),
                _ => RequestedVersion::Text(raw.get().to_owned()),
            },
        };
        let (args, method, namespace) = (
            parts.get("args").map(|r| span(r)),
            string("method"),
            string("namespace"),
        );
        let (msg_id, reply_q, unique_id) = (string("_msg_id"), string("_reply_q"), string("_unique_id"));
        let timeout = parts
            .get("_timeout")
            .and_then(|raw| serde_json::from_str(raw.get()).ok());
        let context = parts
            .iter()
            .filter_map(|(key, raw)| Some((key.strip_prefix("_context_")?.to_owned(), span(raw))))
            .collect();
        Ok(Some(Self {
            args,
            context,
            method,
            namespace,
            version,
            msg_id,
            reply_q,
            unique_id,
            timeout,
            text,
        }))
    }

    /// The method asked for; `None` when missing or not a string.
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// The namespace; `None` when absent or null.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The version asked for.
    pub fn version(&self) -> &RequestedVersion {
        &self.version
    }

    /// The arguments as JSON text. `{}` when absent.
    pub fn args(&self) -> &str {
        self.args.clone().map_or("{}", |span| &self.text[span])
    }

    /// The id a reply must carry. `None` for a cast: missing, null or empty.
    pub fn msg_id(&self) -> Option<&str> {
        self.msg_id.as_deref().filter(|id| !id.is_empty())
    }

    /// Where a reply goes.
    pub fn reply_q(&self) -> Option<&str> {
        self.reply_q.as_deref()
    }

    /// Identifies the message; the same when it is published again.
    pub fn unique_id(&self) -> Option<&str> {
        self.unique_id.as_deref()
    }

    /// The call monitor limit in whole seconds, when the caller gave one (a number, or a numeric string).
    pub fn monitor(&self) -> Option<u64> {
        match self.timeout.as_ref()? {
            Value::Number(n) => n.as_f64().map(|seconds| seconds.max(0.0) as u64),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether the caller is of a generation that reads a one-message reply: it sent the key `_timeout`.
    pub fn reads_single_reply(&self) -> bool {
        self.timeout.is_some()
    }

    /// The context, as a type of the application. The key `client_timeout` is always present in it.
    pub fn context<C: DeserializeOwned>(&self) -> Result<C, serde_json::Error> {
        let mut map = Map::new();
        for (key, span) in &self.context {
            map.insert(key.clone(), serde_json::from_str(&self.text[span.clone()])?);
        }
        map.insert(
            "client_timeout".to_owned(),
            self.timeout.clone().unwrap_or(Value::Null),
        );
        serde_json::from_value(Value::Object(map))
    }
}
