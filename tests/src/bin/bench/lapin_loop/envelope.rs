//! The envelope by plain serde_json: written text in text, read into borrowed structs.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Failed;

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "oslo.version")]
    version: Cow<'a, str>,
    #[serde(borrow, rename = "oslo.message")]
    message: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct RequestOut<'a, A> {
    pub(super) method: &'a str,
    pub(super) version: &'a str,
    pub(super) args: &'a A,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) _msg_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) _reply_q: Option<&'a str>,
    /// A call has it, but null; a cast does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) _timeout: Option<()>,
    pub(super) _unique_id: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    #[serde(borrow)]
    pub(super) args: &'a RawValue,
    pub(super) _msg_id: Option<&'a str>,
    pub(super) _reply_q: Option<&'a str>,
    pub(super) _unique_id: &'a str,
}

#[derive(Serialize)]
pub(super) struct ReplyOut<'a, T> {
    pub(super) result: &'a T,
    pub(super) failure: Option<()>,
    pub(super) ending: bool,
    pub(super) _msg_id: &'a str,
    pub(super) _unique_id: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow)]
    pub(super) result: &'a RawValue,
    pub(super) failure: Option<&'a str>,
    pub(super) ending: bool,
    pub(super) _msg_id: &'a str,
}

/// A document in its envelope.
pub(super) fn enveloped<T: Serialize>(inner: &T) -> Result<Vec<u8>, Failed> {
    Ok(serde_json::to_vec(&Envelope {
        version: "2.0".into(),
        message: serde_json::to_string(inner)?.into(),
    })?)
}

/// The inner document of a body.
pub(super) fn open(body: &[u8]) -> Result<String, Failed> {
    let envelope: Envelope<'_> = serde_json::from_slice(body)?;
    if envelope.version != "2.0" {
        return Err(format!("envelope version {}", envelope.version).into());
    }
    Ok(envelope.message.into_owned())
}
