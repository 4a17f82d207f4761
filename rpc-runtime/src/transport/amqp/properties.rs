//! Message properties: what we send, what we read, and which bytes a careful reader takes for properties at all.

use std::time::Duration;

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use crate::transport::{Headers, Message};

/// The only content type oslo.messaging takes.
const JSON: &str = "application/json";
const TRACEPARENT: &str = "traceparent";
const COMPRESSION: &str = "compression";
const PERSISTENT: u8 = 2;
/// More levels than any header needs, fewer than any stack bears.
const DEPTH: usize = 16;

/// The properties of oslo.messaging, and `id` as the message's own name among those of its connection.
pub(super) fn of_message(message: &Message, id: Option<u64>) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut insert = |name: &'static str, value: &Option<Box<str>>| {
        if let Some(value) = value {
            headers.insert(name.into(), AMQPValue::LongString(value.as_bytes().into()));
        }
    };
    insert(TRACEPARENT, &message.headers.traceparent);
    insert(COMPRESSION, &message.headers.compression);
    let mut properties = BasicProperties::default()
        .with_content_type(JSON.into())
        .with_content_encoding("utf-8".into())
        .with_headers(headers)
        .with_delivery_mode(PERSISTENT)
        .with_priority(0);
    // Both are decimal numbers, and no number is longer than a short string.
    if let Some(expiration) = message.expiration {
        // RabbitMQ takes 32 bits, some 49 days.
        let millis = expiration.as_millis().min(u32::MAX.into());
        properties = properties.with_expiration(number(millis));
    }
    if let Some(id) = id {
        properties = properties.with_message_id(number(id.into()));
    }
    properties
}

fn number(number: u128) -> ShortString {
    ShortString::try_new(number.to_string()).unwrap_or_default()
}

/// What travelled beside a body. `Err` has the content type of a message nobody here can read.
pub(super) fn read(properties: &BasicProperties) -> Result<Headers, String> {
    match properties.content_type() {
        Some(content_type) if is_json(content_type.as_str()) => {}
        Some(other) => return Err(other.to_string()),
        None => return Err("none".to_owned()),
    }
    let Some(table) = properties.headers() else {
        return Ok(Headers::default());
    };
    let header = |name: &str| match table.inner().get(name) {
        Some(AMQPValue::LongString(value)) => text(value),
        _ => None,
    };
    Ok(Headers {
        traceparent: header(TRACEPARENT),
        compression: header(COMPRESSION),
    })
}

/// How long a message may wait.
pub(super) fn expiration(properties: &BasicProperties) -> Option<Duration> {
    let millis = properties.expiration().as_ref()?.as_str().parse().ok()?;
    Some(Duration::from_millis(millis))
}

fn text(value: &LongString) -> Option<Box<str>> {
    std::str::from_utf8(value.as_bytes()).ok().map(Into::into)
}

/// Any spelling: upper case, and parameters such as a character set.
fn is_json(content_type: &str) -> bool {
    let kind = content_type
        .split_once(';')
        .map_or(content_type, |(kind, _)| kind);
    kind.trim().eq_ignore_ascii_case(JSON)
}

/// The properties of a content header, as far as they can be read.
#[derive(Default)]
pub(super) struct Raw<'a> {
    /// The property `message-id`.
    pub(super) message_id: Option<&'a [u8]>,
}

impl<'a> Raw<'a> {
    /// Reads the flags and fields of a content header. `None` if the codec beneath would not take them.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        /// From bit 15 downwards. S is a short string, F a table, B a byte, T eight bytes.
        const FIELDS: &[u8; 14] = b"SSFBBSSSSTSSSS";
        const MESSAGE_ID: usize = 8;
        let mut raw = Self::default();
        let mut rest = bytes;
        let flags = u16::from_be_bytes(*take::<2>(&mut rest)?);
        if flags & 0b11 != 0 {
            return None;
        }
        for (index, kind) in FIELDS.iter().enumerate() {
            if flags >> (15 - index) & 1 == 0 {
                continue;
            }
            match kind {
                b'S' => {
                    let text = short_string(&mut rest)?;
                    if index == MESSAGE_ID {
                        raw.message_id = Some(text);
                    }
                }
                b'F' => table(&mut rest, DEPTH)?,
                b'B' => drop(take::<1>(&mut rest)?),
                _ => drop(take::<8>(&mut rest)?),
            }
        }
        rest.is_empty().then_some(raw)
    }
}

/// Skips a table whose keys are text and whose values are of known types, not too deep.
pub(super) fn table(rest: &mut &[u8], depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let mut entries = long_string(rest)?;
    while !entries.is_empty() {
        short_string(&mut entries)?;
        value(&mut entries, depth)?;
    }
    Some(())
}

fn value(rest: &mut &[u8], depth: usize) -> Option<()> {
    let [kind] = *take::<1>(rest)?;
    match kind {
        b't' | b'b' | b'B' => drop(take::<1>(rest)?),
        b's' | b'U' | b'u' => drop(take::<2>(rest)?),
        b'I' | b'i' | b'f' => drop(take::<4>(rest)?),
        b'D' => drop(take::<5>(rest)?),
        b'L' | b'l' | b'd' | b'T' => drop(take::<8>(rest)?),
        b'S' | b'x' => drop(long_string(rest)?),
        b'V' => {}
        b'F' => table(rest, depth)?,
        b'A' => {
            let depth = depth.checked_sub(1)?;
            let mut elements = long_string(rest)?;
            while !elements.is_empty() {
                value(&mut elements, depth)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn short_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let [length] = *take::<1>(rest)?;
    let (text, after) = rest.split_at_checked(length.into())?;
    std::str::from_utf8(text).ok()?;
    *rest = after;
    Some(text)
}

fn long_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(*take::<4>(rest)?);
    let (bytes, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(bytes)
}

pub(super) fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (bytes, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(bytes)
}
