//! Replies: writing one for a caller, reading one from a server.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::envelope::{Document, open};
use super::form::Form;
use super::grammar::Bad;
use super::reader::read;
use super::span::{Span, Text, Value};
use super::writer::write;
use super::{Argument, DecodeError, EncodeError, Failure, Id};

/// Most results fit, so that most replies are written with one allocation.
const CAPACITY: usize = 1024;

/// How much of a failure that cannot be read is repeated, in bytes.
const EXCERPT: usize = 1000;

/// A result, written into the beginning of the reply that will carry it.
#[derive(Clone)]
pub struct EncodedResult {
    body: Vec<u8>,
    null: bool,
}

impl EncodedResult {
    /// Writes `value`.
    pub fn new<T: Serialize + Send + Sync + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        let mut body = head();
        let start = body.len();
        value.write_escaped(&mut body).map_err(|source| EncodeError {
            name: "the result".to_owned(),
            source,
        })?;
        let null = body.get(start..) == Some(b"null");
        Ok(Self { body, null })
    }

    /// Whether the result is null; old callers take that in another form.
    pub fn is_null(&self) -> bool {
        self.null
    }

    /// The reply's body. `ending` is true in the last reply to a call.
    pub fn finish(self, msg_id: &str, ending: bool) -> Vec<u8> {
        finish(self.body, None, msg_id, ending)
    }
}

/// Without the result, which may be secret.
impl fmt::Debug for EncodedResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncodedResult")
            .field("bytes", &self.body.len())
            .field("null", &self.null)
            .finish()
    }
}

fn head() -> Vec<u8> {
    let mut body = Vec::with_capacity(CAPACITY);
    body.extend_from_slice(br#"{"oslo.version":"2.0","oslo.message":"{\"result\":"#);
    body
}

fn finish(mut body: Vec<u8>, failure: Option<&Failure>, msg_id: &str, ending: bool) -> Vec<u8> {
    body.extend_from_slice(br#",\"failure\":"#);
    match failure {
        None => body.extend_from_slice(b"null"),
        Some(failure) => {
            body.extend_from_slice(br#"\""#);
            // Texts and JSON values only: writing them into memory cannot fail.
            let _ = write(failure, &mut body, Form::Document);
            body.extend_from_slice(br#"\""#);
        }
    }
    let tail: &[u8] = if ending {
        br#",\"ending\":true,\"_msg_id\":\""#
    } else {
        br#",\"ending\":false,\"_msg_id\":\""#
    };
    body.extend_from_slice(tail);
    Form::Inner.inside(msg_id, &mut body);
    body.extend_from_slice(br#"\",\"_unique_id\":\""#);
    body.extend_from_slice(&Id::new().digits());
    body.extend_from_slice(br#"\"}"}"#);
    body
}

/// A reply as received.
#[derive(Clone, Default)]
pub struct Reply {
    text: String,
    msg_id: Option<Text>,
    unique_id: Option<Text>,
    ending: bool,
    failure: Option<Value>,
    result: Option<Span>,
}

impl Reply {
    /// A failure, as the body of a reply.
    pub fn failure_body(failure: &Failure, msg_id: &str, ending: bool) -> Vec<u8> {
        let mut body = head();
        body.extend_from_slice(b"null");
        finish(body, Some(failure), msg_id, ending)
    }

    /// The message that ends a call without a result of its own (`ending`), or tells a monitored caller that
    /// the method is still running (not `ending`: a heartbeat).
    pub fn empty_body(msg_id: &str, ending: bool) -> Vec<u8> {
        let mut body = head();
        body.extend_from_slice(b"null");
        finish(body, None, msg_id, ending)
    }

    /// Reads a reply out of a body, in its envelope or bare. The whole document is checked, but no value is read.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        open(body)
    }

    /// The id of the call it answers.
    pub fn msg_id(&self) -> Option<&str> {
        self.msg_id.map(|id| id.span.of(&self.text))
    }

    /// Identifies the message; the same when it is published again.
    pub fn unique_id(&self) -> Option<&str> {
        self.unique_id.map(|id| id.span.of(&self.text))
    }

    /// Whether it is the last one. A failure is always the last (Havana sends it without `ending`).
    pub fn ending(&self) -> bool {
        self.ending || self.failed()
    }

    /// Whether it carries a failure.
    pub fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Whether there is a result other than null.
    pub fn has_result(&self) -> bool {
        self.result.is_some()
    }

    /// The failure. One that cannot be read becomes a failure that says so, without class and module: nothing of it
    /// is trusted.
    pub fn failure(&self) -> Option<Failure> {
        let value = self.failure?;
        let document = value.text().map(|text| text.meaning(&self.text));
        Some(
            document
                .and_then(|text| Failure::parse(&text))
                .unwrap_or_else(|| {
                    let written = value.json().of(&self.text);
                    let excerpt = written
                        .get(..written.floor_char_boundary(EXCERPT))
                        .unwrap_or_default();
                    Failure::new("", "", format!("a failure that cannot be read: {excerpt}"))
                }),
        )
    }

    /// The result, as a type of the application; null when absent.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        read(self.result.map_or("null", |span| span.of(&self.text)))
    }
}

impl Document for Reply {
    #[inline(always)]
    fn member(&mut self, name: &[u8], _: Text, value: Value, text: &[u8]) -> Result<(), Bad> {
        match name {
            b"result" => self.result = Some(value.json()).filter(|_| !value.is_null()),
            b"failure" => self.failure = Some(value).filter(|value| is_true(*value, text)),
            b"ending" => self.ending = is_true(value, text),
            b"_msg_id" => self.msg_id = value.text(),
            b"_unique_id" => self.unique_id = value.text(),
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, text: String) {
        self.text = text;
        for id in [&mut self.msg_id, &mut self.unique_id].into_iter().flatten() {
            id.settle(&mut self.text);
        }
    }
}

/// Without result and failure, which may be secret.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("msg_id", &self.msg_id())
            .field("ending", &self.ending)
            .field("failed", &self.failed())
            .field("has_result", &self.has_result())
            .finish_non_exhaustive()
    }
}

/// What Python takes for true.
fn is_true(value: Value, text: &[u8]) -> bool {
    let json = match value {
        Value::Text(inside) => return inside.span.len() > 0,
        Value::Null(_) => return false,
        Value::Other(json) => json.of_bytes(text),
    };
    let mut rest = json.iter().filter(|byte| !byte.is_ascii_whitespace());
    match rest.next() {
        Some(b't') => true,
        Some(b'f') => false,
        Some(b'[' | b'{') => !matches!(rest.next(), Some(b']' | b'}')),
        _ => str::from_utf8(json).is_ok_and(|number| number.parse() != Ok(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn enveloped(inner: &serde_json::Value) -> Vec<u8> {
        serde_json::to_vec(&json!({"oslo.version": "2.0", "oslo.message": inner.to_string()})).unwrap()
    }

    fn decoded(inner: &serde_json::Value) -> Reply {
        Reply::decode(&enveloped(inner)).unwrap()
    }

    #[test]
    fn a_result_comes_through() {
        let value = json!({"text": "a\"\\\n\u{1}é😀", "list": [1, -2, 0.5, null, true]});
        let result = EncodedResult::new(&value).unwrap();
        assert!(!result.is_null());
        let reply = Reply::decode(&result.finish("id \"1\"", true)).unwrap();
        assert_eq!(reply.msg_id(), Some("id \"1\""));
        assert_eq!(reply.result::<serde_json::Value>().unwrap(), value);
        assert!(reply.ending() && reply.has_result() && !reply.failed());
        assert_eq!(reply.failure(), None);
    }

    #[test]
    fn null_is_no_result() {
        let result = EncodedResult::new(&None::<u8>).unwrap();
        assert!(result.is_null());
        for body in [result.finish("1", false), Reply::empty_body("1", false)] {
            let reply = Reply::decode(&body).unwrap();
            assert!(!reply.has_result() && !reply.ending() && !reply.failed());
            assert_eq!(reply.result::<Option<u8>>().unwrap(), None);
        }
        assert!(Reply::decode(&Reply::empty_body("1", true)).unwrap().ending());
        assert!(!EncodedResult::new(&"null").unwrap().is_null());
    }

    #[test]
    fn a_failure_comes_through_three_levels_of_json() {
        let mut failure = Failure::new("my\\module", "Quo\"ted", "a \"text\"\n\\ \u{7} é");
        failure.traceback = vec!["  File \"x\"\n".to_owned()];
        failure.kwargs = Map::from_iter([("k\"".to_owned(), json!([{"a\n": "\\\""}]))]);
        let body = Reply::failure_body(&failure, "1", true);
        let reply = Reply::decode(&body).unwrap();
        assert!(reply.failed() && reply.ending() && !reply.has_result());
        assert_eq!(reply.failure(), Some(failure.clone()));

        // The same through serde_json alone, a level at a time.
        let outer: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let inner: serde_json::Value = serde_json::from_str(outer["oslo.message"].as_str().unwrap()).unwrap();
        let document: Failure = serde_json::from_str(inner["failure"].as_str().unwrap()).unwrap();
        assert_eq!(document, failure);
        // Without `ending` it is the last one all the same.
        assert!(
            Reply::decode(&Reply::failure_body(&failure, "1", false))
                .unwrap()
                .ending()
        );
    }

    #[test]
    fn truth_is_that_of_python() {
        for (value, truth) in [
            ("true", true),
            ("false", false),
            ("null", false),
            ("1", true),
            ("0", false),
            ("0.0", false),
            ("-0", false),
            ("\"\"", false),
            ("\"0\"", true),
            ("[]", false),
            ("[ ]", false),
            ("[0]", true),
            ("{}", false),
            ("{ \"a\":0}", true),
            ("NaN", true),
            ("1e-5", true),
        ] {
            let body = format!(r#"{{"ending": {value}, "failure": null}}"#);
            assert_eq!(Reply::decode(body.as_bytes()).unwrap().ending(), truth, "{value}");
            let body = format!(r#"{{"failure": {value}}}"#);
            assert_eq!(Reply::decode(body.as_bytes()).unwrap().failed(), truth, "{value}");
        }
    }

    #[test]
    fn a_forged_failure_is_a_failure_without_a_name() {
        let long = "x".repeat(5000);
        for forged in [
            json!({"class": "ValueError"}),
            json!("not JSON"),
            json!("[]"),
            json!("1"),
            json!(["a"]),
            json!(long),
        ] {
            let failure = decoded(&json!({"failure": forged})).failure().unwrap();
            assert_eq!((&*failure.class, &*failure.module), ("", ""), "{forged}");
            assert!(failure.message.starts_with("a failure that cannot be read"));
            assert!(failure.message.len() < 1100);
        }
    }

    #[test]
    fn what_only_python_writes_is_read() {
        let body = br#"{"oslo.version": "2.0", "oslo.message": "{\"result\": [NaN, -Infinity], \"failure\": null}"}"#;
        let result: [f64; 2] = Reply::decode(body).unwrap().result().unwrap();
        assert!(result[0].is_nan() && result[1] == f64::NEG_INFINITY);
    }
}
