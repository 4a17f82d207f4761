//! The envelope: an object that holds the inner document as a string. Knows nothing of what is in that document.

use super::escape::unescape;
use super::grammar::{Bad, Members, object};
use super::source::{Nested, Plain, Source};
use super::span::{Text, Value};
use super::{DecodeError, MAX_BODY};
use crate::version::Version;

/// What the bodies of this library begin with. The message's string and a brace follow.
const HEAD: &[u8] = br#"{"oslo.version":"2.0","oslo.message":""#;

/// What the bodies of Python peers begin with.
const PYTHON_HEAD: &[u8] = br#"{"oslo.version": "2.0", "oslo.message": ""#;

const BODY: &str = "the body";
const MESSAGE: &str = "oslo.message";

const IMPLEMENTED: Version = Version::new(2, 0);

/// What an inner document is: is told of its members, and then given its text.
pub(super) trait Document: Sized + Default {
    /// A member of the document, by the name its key means; see [`Members`].
    fn member(&mut self, name: &[u8], key: Text, value: Value, text: &[u8]) -> Result<(), Bad>;

    /// All members are known.
    fn finish(&mut self, text: String);
}

/// The members of a document are those of the object it is.
struct Inner<T>(T);

impl<S: Source, T: Document> Members<S> for Inner<T> {
    // Inlined, it would crowd the loop it is called from.
    #[inline(never)]
    fn member(&mut self, key: Text, value: Value, text: &[u8]) -> Result<(), Bad> {
        let meaning;
        let name = if key.escaped {
            meaning = key.meaning_of_bytes(text);
            &*meaning
        } else {
            key.span.of_bytes(text)
        };
        self.0.member(name, key, value, text)
    }
}

/// Reads the inner document of a body. An object that lacks one of the envelope's keys is the inner document itself,
/// as peers from before the envelope send it.
pub(super) fn open<T: Document>(body: &[u8]) -> Result<T, DecodeError> {
    if body.len() > MAX_BODY {
        let size = body.len();
        return Err(DecodeError::Limit(format!(
            "a body of {size} bytes is more than {MAX_BODY}"
        )));
    }
    // Nearly always.
    for head in [HEAD, PYTHON_HEAD] {
        if body.starts_with(head)
            && let Some((document, place)) = nested(body, head.len())
            && body.get(place..) == Some(b"}")
        {
            return Ok(document);
        }
    }
    in_any_spelling(body)
}

#[cold]
fn in_any_spelling<T: Document>(body: &[u8]) -> Result<T, DecodeError> {
    let mut envelope = Envelope {
        body,
        version: None,
        message: None,
    };
    object(Plain::new(body), &mut envelope).map_err(|bad| bad.of(BODY))?;
    match (envelope.version, envelope.message) {
        (Some(version), Some(_)) if !is_spoken(version) => {
            let version = String::from_utf8_lossy(version).into_owned();
            Err(DecodeError::Envelope(version))
        }
        (Some(_), Some(message)) => message,
        _ => plain(body.to_vec(), BODY),
    }
}

/// The members of an envelope.
struct Envelope<'a, T> {
    body: &'a [u8],
    version: Option<&'a [u8]>,
    message: Option<Result<T, DecodeError>>,
}

impl<'a, T: Document> Members<Plain<'a>> for Envelope<'a, T> {
    /// Reads the document in its string. Nothing but the string is copied for it, however often the key comes.
    fn begin(&mut self, key: Text, source: &mut Plain<'a>) -> Result<bool, Bad> {
        if key.span.of_bytes(self.body) != b"oslo.message" {
            return Ok(false);
        }
        if source.peek() != b'"' {
            let not_text = DecodeError::Shape(format!("{MESSAGE} is not a string"));
            self.message = Some(Err(not_text));
            return Ok(false);
        }
        let start = source.place();
        let inside = source.string()?.span.of_bytes(self.body);
        let to_its_end = self.body.get(..source.place()).unwrap_or_default();
        self.message = Some(match nested(to_its_end, start + 1) {
            Some((document, _)) => Ok(document),
            None => unescaped(inside),
        });
        Ok(true)
    }

    fn member(&mut self, key: Text, value: Value, body: &[u8]) -> Result<(), Bad> {
        if key.span.of_bytes(body) == b"oslo.version" {
            self.version = Some(value.json().of_bytes(self.body));
        }
        Ok(())
    }
}

/// The document in the string whose inside begins at `start`, and the place after the string. `None` if it is not as
/// every encoder writes it, for good or bad.
fn nested<T: Document>(body: &[u8], start: usize) -> Option<(T, usize)> {
    let before = start.checked_sub(Nested::LEAD)?;
    let mut text = Nested::room(body.get(before..)?);
    let mut document = Inner(T::default());
    let source = object(Nested::new(&mut text), &mut document).ok()?;
    let (length, end) = (source.length(), before + source.place());
    text.truncate(length);
    document.0.finish(String::from_utf8(text).ok()?);
    Some((document.0, end + 1))
}

/// The document in a string, in two steps.
#[cold]
fn unescaped<T: Document>(inside: &[u8]) -> Result<T, DecodeError> {
    plain(unescape(&text(inside.to_vec(), BODY)?).into_bytes(), MESSAGE)
}

/// The document that the text is.
#[cold]
fn plain<T: Document>(bytes: Vec<u8>, what: &'static str) -> Result<T, DecodeError> {
    let mut document = Inner(T::default());
    object(Plain::new(&bytes), &mut document).map_err(|bad| bad.of(what))?;
    document.0.finish(text(bytes, what)?);
    Ok(document.0)
}

fn text(bytes: Vec<u8>, what: &'static str) -> Result<String, DecodeError> {
    String::from_utf8(bytes).map_err(|error| DecodeError::Json {
        what,
        detail: error.to_string(),
    })
}

/// Whether an envelope of this version, given as JSON, is one.
fn is_spoken(version: &[u8]) -> bool {
    version == br#""2.0""#
        || serde_json::from_slice::<String>(version)
            .is_ok_and(|text| Version::of_peer(&text).is_ok_and(|version| IMPLEMENTED.accepts(version)))
}

#[cfg(test)]
mod tests {
    use crate::wire::Request;

    #[test]
    fn the_last_of_many_documents_counts_and_none_is_paid_for_twice() {
        let document = |method: &str| format!(r#""oslo.message":"{{\"method\":\"{method}\"}}""#);
        let mut body = r#"{ "oslo.version": "2.0""#.to_owned();
        // Copying what follows each of them would take minutes.
        for _ in 0..50_000 {
            body.extend([",", &document("first")]);
        }
        body.extend([",", &document("last"), "}"]);
        let request = Request::decode(body.as_bytes()).unwrap().unwrap();
        assert_eq!(request.method(), Some("last"));
    }

    #[test]
    fn a_document_is_read_in_any_spelling_of_its_string() {
        for inside in [
            r#"{\"method\":\"m\"}"#,
            r#"{\u0022method\u0022:\"m\"}"#,
            r#" {\n\"method\"\t: \"\\u006d\"} "#,
        ] {
            for (before, after) in [
                (r#"{"oslo.version":"2.0","oslo.message":""#, r#""}"#),
                (r#"{ "oslo.message" : ""#, r#"" , "oslo.version":"2.0" } "#),
                (r#"{"oslo.message":""#, r#"","oslo.version":"2.0","more":[1]}"#),
            ] {
                let body = format!("{before}{inside}{after}");
                let request = Request::decode(body.as_bytes()).unwrap().unwrap();
                assert_eq!(request.method(), Some("m"), "{body}");
            }
        }
    }

    #[test]
    fn a_string_with_a_line_break_as_it_is_is_no_document() {
        for blank in ["\n", "\t", "\r"] {
            let usual = format!(r#"{{"oslo.version":"2.0","oslo.message":"{{{blank}\"method\":\"m\"}}"}}"#);
            for body in [format!(" {usual}"), usual] {
                assert!(Request::decode(body.as_bytes()).is_err(), "{body:?}");
            }
        }
    }

    #[test]
    fn a_string_that_does_not_end_is_no_document() {
        for body in [
            r#"{"oslo.version":"2.0","oslo.message":""#,
            r#"{"oslo.version":"2.0","oslo.message":"{\"method\":\"m\"}"#,
            r#"{"oslo.version":"2.0","oslo.message":"{\"method\":\"m\"}""#,
            r#"{"oslo.version":"2.0","oslo.message":"{\"method\":\"m\"}\"#,
            r#"{"oslo.version":"2.0","oslo.message":"{\"method\":\"m\"}"}}"#,
        ] {
            assert!(Request::decode(body.as_bytes()).is_err(), "{body}");
        }
    }
}
