//! The fields of frames: texts, headers, messages, and what became of a message.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};

use super::{FrameError, Outcome};
use crate::transport::{Headers, Message, Rejected, Route};

/// The most bytes that one text may have.
pub(in crate::transport::direct) const TEXT: usize = 1024;

// The flags of a message, of which a reply has the last two.
const MANDATORY: u8 = 1;
const EXPIRES: u8 = 1 << 1;
const FANOUT: u8 = 1 << 2;
const SERVER: u8 = 1 << 3;
const TRACEPARENT: u8 = 1 << 4;
const COMPRESSION: u8 = 1 << 5;

// The outcomes.
const ROUTED: u8 = 0;
const UNROUTABLE: u8 = 1;
const QUEUE_FULL: u8 = 2;
const OVERSIZE: u8 = 3;
const DENIED: u8 = 4;
const BLOCKED: u8 = 5;
const OVERLOADED: u8 = 6;
const INVALID_TARGET: u8 = 7;
const CLOSED: u8 = 8;

/// Longer texts are cut: only details of errors can be that long, names were checked before.
pub(super) fn put_text(to: &mut Vec<u8>, text: &str) {
    let text = &text[..text.floor_char_boundary(TEXT)];
    to.put_u16(u16::try_from(text.len()).unwrap_or_default());
    to.put_slice(text.as_bytes());
}

pub(super) fn text<T: for<'a> From<&'a str>>(from: &mut Bytes) -> Result<T, FrameError> {
    let length = usize::from(from.try_get_u16()?);
    if length > TEXT {
        return Err(FrameError::Text);
    }
    let bytes = from.get(..length).ok_or(FrameError::Truncated)?;
    let text = T::from(std::str::from_utf8(bytes).map_err(|_| FrameError::Text)?);
    from.advance(length);
    Ok(text)
}

fn header_flags(headers: &Headers) -> u8 {
    let traceparent = headers.traceparent.as_ref().map_or(0, |_| TRACEPARENT);
    let compression = headers.compression.as_ref().map_or(0, |_| COMPRESSION);
    traceparent | compression
}

/// Beside a reply's body there is nothing but its headers.
pub(super) fn put_reply_headers(to: &mut Vec<u8>, headers: &Headers) {
    to.put_u8(header_flags(headers));
    put_headers(to, headers);
}

pub(super) fn reply_headers(from: &mut Bytes) -> Result<Headers, FrameError> {
    let flags = from.try_get_u8()?;
    if flags & !(TRACEPARENT | COMPRESSION) != 0 {
        return Err(FrameError::Unknown("flag"));
    }
    headers(from, flags)
}

fn put_headers(to: &mut Vec<u8>, headers: &Headers) {
    let headers = [&headers.traceparent, &headers.compression];
    for text in headers.into_iter().flatten() {
        put_text(to, text);
    }
}

fn headers(from: &mut Bytes, flags: u8) -> Result<Headers, FrameError> {
    let mut header = |flag| (flags & flag != 0).then(|| text(from)).transpose();
    Ok(Headers {
        traceparent: header(TRACEPARENT)?,
        compression: header(COMPRESSION)?,
    })
}

pub(super) fn put_message(to: &mut Vec<u8>, route: &Route, message: Message) -> Bytes {
    let mut flags = header_flags(&message.headers);
    if message.mandatory {
        flags |= MANDATORY;
    }
    if message.expiration.is_some() {
        flags |= EXPIRES;
    }
    match route {
        Route::Topic { server: Some(_), .. } => flags |= SERVER,
        Route::Fanout { .. } => flags |= FANOUT,
        Route::Topic { .. } | Route::Reply { .. } => {}
    }
    to.put_u8(flags);
    if let Some(expiration) = message.expiration {
        to.put_u64(u64::try_from(expiration.as_micros()).unwrap_or(u64::MAX));
    }
    match route {
        Route::Topic {
            exchange,
            topic,
            server,
        } => {
            put_text(to, exchange);
            put_text(to, topic);
            if let Some(server) = server {
                put_text(to, server);
            }
        }
        Route::Fanout { topic } => put_text(to, topic),
        // Clients do not send replies; an empty exchange makes the other side refuse it.
        Route::Reply { address } => {
            put_text(to, "");
            put_text(to, address);
        }
    }
    put_headers(to, &message.headers);
    message.body
}

pub(super) fn message(from: &mut Bytes) -> Result<(Route, Message), FrameError> {
    const KNOWN: u8 = MANDATORY | EXPIRES | FANOUT | SERVER | TRACEPARENT | COMPRESSION;
    let flags = from.try_get_u8()?;
    if flags & !KNOWN != 0 || flags & (FANOUT | SERVER) == FANOUT | SERVER {
        return Err(FrameError::Unknown("flag"));
    }
    let expiration = if flags & EXPIRES == 0 {
        None
    } else {
        Some(Duration::from_micros(from.try_get_u64()?))
    };
    let route = if flags & FANOUT == 0 {
        Route::Topic {
            exchange: text(from)?,
            topic: text(from)?,
            server: (flags & SERVER != 0).then(|| text(from)).transpose()?,
        }
    } else {
        Route::Fanout { topic: text(from)? }
    };
    let message = Message {
        headers: headers(from, flags)?,
        body: std::mem::take(from),
        expiration,
        mandatory: flags & MANDATORY != 0,
    };
    Ok((route, message))
}

pub(super) fn put_outcome(to: &mut Vec<u8>, outcome: &Outcome) {
    let (code, size, detail) = match outcome {
        Outcome::Routed => (ROUTED, 0, ""),
        Outcome::Unroutable => (UNROUTABLE, 0, ""),
        Outcome::Rejected(Rejected::QueueFull) => (QUEUE_FULL, 0, ""),
        Outcome::Rejected(Rejected::Oversize { size, detail }) => (OVERSIZE, *size, &**detail),
        Outcome::Rejected(Rejected::Denied(detail)) => (DENIED, 0, &**detail),
        Outcome::Rejected(Rejected::Blocked(detail)) => (BLOCKED, 0, &**detail),
        Outcome::Rejected(Rejected::Overloaded(detail)) => (OVERLOADED, 0, &**detail),
        Outcome::InvalidTarget(detail) => (INVALID_TARGET, 0, &**detail),
        Outcome::Closed => (CLOSED, 0, ""),
    };
    to.put_u8(code);
    to.put_u64(u64::try_from(size).unwrap_or(u64::MAX));
    put_text(to, detail);
}

pub(super) fn outcome(from: &mut Bytes) -> Result<Outcome, FrameError> {
    let code = from.try_get_u8()?;
    let size = usize::try_from(from.try_get_u64()?).unwrap_or(usize::MAX);
    let detail: String = text(from)?;
    Ok(match code {
        ROUTED => Outcome::Routed,
        UNROUTABLE => Outcome::Unroutable,
        QUEUE_FULL => Outcome::Rejected(Rejected::QueueFull),
        OVERSIZE => Outcome::Rejected(Rejected::Oversize { size, detail }),
        DENIED => Outcome::Rejected(Rejected::Denied(detail)),
        BLOCKED => Outcome::Rejected(Rejected::Blocked(detail)),
        OVERLOADED => Outcome::Rejected(Rejected::Overloaded(detail)),
        INVALID_TARGET => Outcome::InvalidTarget(detail),
        CLOSED => Outcome::Closed,
        _ => return Err(FrameError::Unknown("outcome")),
    })
}
