//! Requests on their way to a peer, written once, straight into the body.

use std::fmt;

use super::form::Form;
use super::writer::write;
use super::{Argument, EncodeError, Id};
use crate::version::Version;

/// Most requests fit, so that most are written with one allocation.
const CAPACITY: usize = 1024;

/// Writes a request: the head, then the arguments one by one, then the rest.
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
        let mut body = Vec::with_capacity(CAPACITY);
        body.extend_from_slice(br#"{"oslo.version":"2.0","oslo.message":"{\"method\":\""#);
        Form::Inner.inside(method, &mut body);
        if let Some(namespace) = namespace {
            body.extend_from_slice(br#"\",\"namespace\":\""#);
            Form::Inner.inside(namespace, &mut body);
        }
        if let Some(version) = version {
            body.extend_from_slice(br#"\",\"version\":\""#);
            write_version(version, &mut body);
        }
        body.extend_from_slice(br#"\",\"args\":{"#);
        Self { body, first: true }
    }

    /// Adds an argument. After an error the request is as if the argument had not been given.
    pub fn arg(&mut self, name: &str, value: &dyn Argument) -> Result<(), EncodeError> {
        let before = self.body.len();
        if !self.first {
            self.body.push(b',');
        }
        self.body.extend_from_slice(br#"\""#);
        Form::Inner.inside(name, &mut self.body);
        self.body.extend_from_slice(br#"\":"#);
        match value.write_escaped(&mut self.body) {
            Ok(()) => {
                self.first = false;
                Ok(())
            }
            Err(source) => {
                self.body.truncate(before);
                Err(EncodeError {
                    name: name.to_owned(),
                    source,
                })
            }
        }
    }

    /// Ends the request: context, ids, reply address. The body is complete.
    ///
    /// The context must be written as a map, without the key `self` (a Python server would lose its channel over
    /// it); null and `()` are the empty context. The receiver does not see keys named `msg_id` or `reply_q`, and
    /// puts a `client_timeout` of its own.
    pub fn finish(
        self,
        context: &dyn Argument,
        unique_id: Id,
        reply: Option<ReplyTo<'_>>,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut body = self.body;
        body.push(b'}');
        context.write_context(&mut body).map_err(|source| EncodeError {
            name: "the context".to_owned(),
            source,
        })?;
        if let Some(reply) = reply {
            body.extend_from_slice(br#",\"_msg_id\":\""#);
            body.extend_from_slice(&reply.msg_id.digits());
            body.extend_from_slice(br#"\",\"_reply_q\":\""#);
            Form::Inner.inside(reply.reply_q, &mut body);
            body.extend_from_slice(br#"\",\"_timeout\":"#);
            write_plain(&reply.monitor, &mut body);
        }
        body.extend_from_slice(br#",\"_unique_id\":\""#);
        body.extend_from_slice(&unique_id.digits());
        body.extend_from_slice(br#"\"}"}"#);
        Ok(body)
    }
}

/// Without the arguments, which may be secret.
impl fmt::Debug for RequestWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestWriter")
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

fn write_version(version: Version, body: &mut Vec<u8>) {
    write_part(version.major, body);
    body.push(b'.');
    write_part(version.minor, body);
    if version.revision > 0 {
        body.push(b'.');
        write_part(version.revision, body);
    }
}

/// A part of a version: a digit, most often.
fn write_part(part: u32, body: &mut Vec<u8>) {
    match u8::try_from(part) {
        Ok(digit @ 0..10) => body.push(b'0' + digit),
        _ => write_plain(&part, body),
    }
}

/// A number, or null: the same in every form, and nothing that could fail.
fn write_plain<T: serde::Serialize>(value: &T, body: &mut Vec<u8>) {
    let _ = write(value, body, Form::Plain);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    /// The inner document of a cast with this context.
    fn cast(context: &dyn Argument) -> Result<Value, EncodeError> {
        let body = RequestWriter::new("m", None, None).finish(context, Id::new(), None)?;
        let outer: BTreeMap<String, String> = serde_json::from_slice(&body).unwrap();
        let mut inner: Value = serde_json::from_str(&outer["oslo.message"]).unwrap();
        inner.as_object_mut().unwrap().remove("_unique_id");
        Ok(inner)
    }

    fn inner(body: &[u8]) -> Value {
        let outer: BTreeMap<String, String> = serde_json::from_slice(body).unwrap();
        assert_eq!(outer["oslo.version"], "2.0");
        serde_json::from_str(&outer["oslo.message"]).unwrap()
    }

    #[test]
    fn a_call_has_every_key() {
        let version = Some(Version {
            major: 1,
            minor: 12,
            revision: 3,
        });
        let mut writer = RequestWriter::new("do\"it", Some("n\\s\n"), version);
        writer.arg("a", &1).unwrap();
        writer.arg("b\t", &"x\"\\\u{1}é").unwrap();
        let (msg_id, unique_id) = (Id::new(), Id::new());
        let reply = ReplyTo {
            msg_id,
            reply_q: "reply_1",
            monitor: Some(30),
        };
        let body = writer
            .finish(&json!({"user": "u"}), unique_id, Some(reply))
            .unwrap();
        assert_eq!(
            inner(&body),
            json!({
                "method": "do\"it", "namespace": "n\\s\n", "version": "1.12.3",
                "args": {"a": 1, "b\t": "x\"\\\u{1}é"}, "_context_user": "u",
                "_msg_id": msg_id.to_string(), "_reply_q": "reply_1", "_timeout": 30,
                "_unique_id": unique_id.to_string(),
            })
        );
    }

    #[test]
    fn a_cast_has_no_address() {
        assert_eq!(cast(&()).unwrap(), json!({"method": "m", "args": {}}));
    }

    #[test]
    fn only_the_first_level_of_a_context_is_flattened() {
        let context =
            json!({"a": {"b": {}, "self": 1}, "c\n\"": ["d", {"e": null}], "selfish": 1, "sel": 2, "": 3});
        assert_eq!(
            cast(&context).unwrap(),
            json!({
                "method": "m", "args": {}, "_context_a": {"b": {}, "self": 1}, "_context_c\n\"": ["d", {"e": null}],
                "_context_selfish": 1, "_context_sel": 2, "_context_": 3,
            })
        );
        let numbers = BTreeMap::from([(1, "one")]);
        assert_eq!(
            cast(&numbers).unwrap(),
            json!({"method": "m", "args": {}, "_context_1": "one"})
        );
        assert_eq!(cast(&None::<Value>).unwrap(), json!({"method": "m", "args": {}}));
    }

    #[test]
    fn a_context_is_a_map_without_self() {
        for context in [
            json!(1),
            json!("a"),
            json!(["a"]),
            json!([]),
            json!(true),
            json!(""),
            json!({"a": 1, "self": 2}),
        ] {
            let error = cast(&context).unwrap_err();
            assert_eq!(error.name, "the context", "{context}");
        }
    }

    #[test]
    fn an_argument_that_cannot_be_written_leaves_no_trace() {
        let broken = BTreeMap::from([(vec![1], 1)]);
        let mut writer = RequestWriter::new("m", None, None);
        let error = writer.arg("x", &("written", broken)).unwrap_err();
        assert_eq!(error.name, "x");
        writer.arg("y", &1).unwrap();
        let body = writer.finish(&(), Id::new(), None).unwrap();
        assert_eq!(inner(&body)["args"], json!({"y": 1}));
    }
}
