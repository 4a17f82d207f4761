//! Replies: writing one for a caller, reading one from a server.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::value::escape;
use super::{Argument, DecodeError, EncodeError, Failure, Id};

/// A result, written into the beginning of the reply that will carry it.
#[derive(Clone, Debug)]
pub struct EncodedResult {
    body: Vec<u8>,
    null: bool,
}

const HEAD: &[u8] = br#"{"oslo.version":"2.0","oslo.message":"{\"result\":"#;

impl EncodedResult {
    /// Writes `value`.
    pub fn new<T: Serialize + Send + Sync + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        let mut body = Vec::with_capacity(256);
        body.extend_from_slice(HEAD);
        value.write_escaped(&mut body).map_err(|source| EncodeError {
            name: "the result".to_owned(),
            source,
        })?;
        let null = body[HEAD.len()..] == *b"null";
        Ok(Self { body, null })
    }

    /// Whether the result is null; old callers take that in another form.
    pub fn is_null(&self) -> bool {
        self.null
    }

    /// The reply's body. `ending` is true in the last reply to a call.
    pub fn finish(mut self, msg_id: &str, ending: bool) -> Vec<u8> {
        finish(&mut self.body, "null", msg_id, ending);
        self.body
    }
}

fn finish(body: &mut Vec<u8>, failure: &str, msg_id: &str, ending: bool) {
    body.extend_from_slice(br#",\"failure\":"#);
    escape(failure, body);
    body.extend_from_slice(format!(r#",\"ending\":{ending},\"_msg_id\":"#).as_bytes());
    escape(&Value::from(msg_id).to_string(), body);
    body.extend_from_slice(format!(r#",\"_unique_id\":\"{}\"}}"}}"#, Id::new()).as_bytes());
}

/// A reply as received.
#[derive(Clone, Debug)]
pub struct Reply {
    inner: Map<String, Value>,
}

impl Reply {
    /// A failure, as the body of a reply.
    pub fn failure_body(failure: &Failure, msg_id: &str, ending: bool) -> Vec<u8> {
        let mut body = [HEAD, b"null"].concat();
        let document = serde_json::to_string(failure).unwrap_or_default();
        finish(&mut body, &Value::from(document).to_string(), msg_id, ending);
        body
    }

    /// The message that ends a call without a result of its own (`ending`), or tells a monitored caller that
    /// the method is still running (not `ending`: a heartbeat).
    pub fn empty_body(msg_id: &str, ending: bool) -> Vec<u8> {
        let mut body = [HEAD, b"null"].concat();
        finish(&mut body, "null", msg_id, ending);
        body
    }

    /// Reads a reply out of a body, in its envelope or bare.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let text = open(body)?;
        let inner = serde_json::from_str(&text).map_err(|error| DecodeError::Json {
            what: "oslo.message",
            detail: error.to_string(),
        })?;
        Ok(Self { inner })
    }

    /// The id of the call it answers.
    pub fn msg_id(&self) -> Option<&str> {
        self.inner.get("_msg_id")?.as_str()
    }

    /// Whether it is the last one. A failure is always the last (Havana sends it without `ending`).
    pub fn ending(&self) -> bool {
        self.inner
            .get("ending")
            .is_some_and(|ending| ending.as_bool().unwrap_or(ending == 1))
            || self.failed()
    }

    /// Whether it carries a failure.
    pub fn failed(&self) -> bool {
        self.inner
            .get("failure")
            .is_some_and(|failure| !matches!(failure.as_str(), Some("")) && !failure.is_null())
    }

    /// Whether there is a result other than null.
    pub fn has_result(&self) -> bool {
        self.inner.get("result").is_some_and(|result| !result.is_null())
    }

    /// The failure. One that cannot be read becomes a failure that says so: nothing of it is trusted.
    pub fn failure(&self) -> Option<Failure> {
        let text = self.inner.get("failure").filter(|_| self.failed())?;
        let parsed = text.as_str().and_then(|text| serde_json::from_str(text).ok());
        Some(parsed.unwrap_or_else(|| Failure::new("", "", format!("a failure that cannot be read: {text}"))))
    }

    /// The result, as a type of the application; null when absent.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.inner.get("result").cloned().unwrap_or(Value::Null))
    }
}

/// The inner document of a body.
pub(super) fn open(body: &[u8]) -> Result<String, DecodeError> {
    let json = |detail: String| DecodeError::Json {
        what: "the body",
        detail,
    };
    let text = std::str::from_utf8(body).map_err(|error| json(error.to_string()))?;
    let outer: Map<String, Value> = serde_json::from_str(text).map_err(|error| json(error.to_string()))?;
    match (outer.get("oslo.version"), outer.get("oslo.message")) {
        (Some(version), Some(message)) if version == "2.0" => message
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| DecodeError::Shape("oslo.message is not a string".to_owned())),
        (Some(version), Some(_)) => Err(DecodeError::Envelope(version.to_string())),
        _ => Ok(text.to_owned()),
    }
}
