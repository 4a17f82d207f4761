//! The envelope: an object that holds the inner document as a string. Knows nothing of what is in that document.

use super::scan::Scanner;
use super::{DecodeError, MAX_BODY};
use crate::version::Version;

/// What a body begins with. The closing is [`TAIL`].
pub(super) const HEAD: &[u8] = br#"{"oslo.version":"2.0","oslo.message":""#;

/// What a body ends with.
pub(super) const TAIL: &[u8] = br#""}"#;

/// The names of the two documents, for errors.
const BODY: &str = "the body";
pub(super) const MESSAGE: &str = "oslo.message";

const IMPLEMENTED: Version = Version::new(2, 0);

/// The inner document of a body. An object that lacks one of the envelope's keys is the inner document itself, as
/// peers from before the envelope send it.
pub(super) fn open(body: &[u8]) -> Result<String, DecodeError> {
    if body.len() > MAX_BODY {
        let size = body.len();
        return Err(DecodeError::Limit(format!(
            "a body of {size} bytes is more than {MAX_BODY}"
        )));
    }
    let mut version = None;
    let mut message = None;
    let mut text = Vec::new();
    let mut scanner = Scanner::new(body);
    let bad = |bad: super::scan::Bad| bad.of(BODY);
    scanner.enter().map_err(bad)?;
    let mut first = true;
    while let Some(key) = scanner.key(first).map_err(bad)? {
        first = false;
        match key.span.of_bytes(body) {
            b"oslo.message" => {
                text.clear();
                text.reserve(body.len() - scanner.at());
                let is_text = scanner.meaning(&mut text).map_err(bad)?;
                if !is_text {
                    scanner.value().map_err(bad)?;
                }
                message = Some(is_text);
            }
            b"oslo.version" => version = Some(scanner.value().map_err(bad)?.json().of_bytes(body)),
            _ => {
                scanner.value().map_err(bad)?;
            }
        }
    }
    let utf8 = |bytes| {
        String::from_utf8(bytes).map_err(|error| DecodeError::Json {
            what: BODY,
            detail: error.to_string(),
        })
    };
    match (version, message) {
        (Some(version), Some(_)) if !is_spoken(version) => Err(DecodeError::Envelope(
            String::from_utf8_lossy(version).into_owned(),
        )),
        (Some(_), Some(true)) => utf8(text),
        (Some(_), Some(false)) => Err(DecodeError::Shape(format!("{MESSAGE} is not a string"))),
        _ => utf8(body.to_vec()),
    }
}

/// Whether an envelope of this version, given as JSON, is one.
fn is_spoken(version: &[u8]) -> bool {
    version == br#""2.0""#
        || serde_json::from_slice::<String>(version)
            .is_ok_and(|text| Version::of_peer(&text).is_ok_and(|version| IMPLEMENTED.accepts(version)))
}
