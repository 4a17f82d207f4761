//! Stands between the socket and lapin, and lets through only what lapin can bear.
//!
//! Three things the broker may send would hurt: properties whose short strings are not UTF-8 end the whole
//! connection, again after each redelivery; tables nested deep enough end the process; and returned messages are
//! handed to whichever confirm comes next, and logged whole. So content headers that would not parse are replaced
//! by [`MALFORMED`], names are mended, and returned messages are taken out of the stream and remembered by their
//! id. As a returned message precedes its confirm on the wire, whoever sees the confirm finds the return.
//!
//! Knows frames, and no socket.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::{Buf, BufMut, BytesMut};

use super::properties::{Raw, table, take};

/// The content type that a message with unreadable properties is delivered with.
pub(super) const MALFORMED: &str = "malformed";

/// The largest frame we agree to, its head and end included.
pub(super) const FRAME_MAX: u32 = 131_072;

pub(super) const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;
const FRAME_END: u8 = 0xCE;
/// Type, channel and size.
pub(super) const HEAD: usize = 7;
/// How deep a broker's own tables may be.
const DEPTH: usize = 16;

/// What is remembered of what the broker said. One a connection.
#[derive(Default, Debug)]
pub(super) struct Heard {
    /// The ids of messages that came back because nobody listens.
    ids: Mutex<HashSet<u64>>,
    count: AtomicUsize,
    farewell: OnceLock<Box<str>>,
}

impl Heard {
    /// Why the broker closed the connection. Known before anybody sees that it is closed; lapin may tell another
    /// reason, of what it had begun meanwhile.
    pub(super) fn farewell(&self) -> Option<&str> {
        self.farewell.get().map(|words| &**words)
    }

    fn returned(&self, id: u64) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.insert(id);
        self.count.store(ids.len(), Ordering::Release);
    }

    /// Whether the message came back. Asked once, after its confirm.
    pub(super) fn take_returned(&self, id: u64) -> bool {
        if self.count.load(Ordering::Acquire) == 0 {
            return false;
        }
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let found = ids.remove(&id);
        self.count.store(ids.len(), Ordering::Release);
        found
    }
}

/// Bytes on their way from the broker to lapin.
pub(super) struct Screen {
    buffer: BytesMut,
    /// So many leading bytes of the buffer may go on. Always whole frames, less what was read of the first.
    clean: usize,
    returning: Vec<Returning>,
    heard: Arc<Heard>,
    closed: HashSet<u16>,
}

/// A returned message that is being taken out of a channel.
struct Returning {
    channel: u16,
    /// Bytes of body that are missing; unknown before the header.
    left: Option<u64>,
}

/// What becomes of a frame.
enum Verdict {
    Pass,
    Drop,
    Replace(BytesMut),
}

impl Screen {
    pub(super) fn new(heard: Arc<Heard>) -> Self {
        Self {
            buffer: BytesMut::new(),
            clean: 0,
            returning: Vec::new(),
            heard,
            closed: HashSet::new(),
        }
    }

    /// Where bytes from the socket are appended. Followed by [`examine`](Self::examine).
    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        self.buffer.reserve(64 * 1024);
        &mut self.buffer
    }

    /// Whether nothing can be read.
    pub(super) fn is_empty(&self) -> bool {
        self.clean == 0
    }

    /// The channels that the broker has closed.
    pub(super) fn closed(&self) -> &HashSet<u16> {
        &self.closed
    }

    /// Moves what may go on to `out`; gives how much.
    pub(super) fn read(&mut self, out: &mut [u8]) -> usize {
        let count = self.clean.min(out.len());
        if let (Some(out), Some(ready)) = (out.get_mut(..count), self.buffer.get(..count)) {
            out.copy_from_slice(ready);
        }
        self.buffer.advance(count);
        self.clean -= count;
        count
    }

    /// Looks at every frame that is complete.
    pub(super) fn examine(&mut self) -> io::Result<()> {
        while let Some(length) = self.complete_frame()? {
            match self.judge(length)? {
                Verdict::Pass => self.clean += length,
                Verdict::Drop => self.replace(length, &[]),
                Verdict::Replace(frame) => self.replace(length, &frame),
            }
        }
        Ok(())
    }

    /// The length of the next frame, if all of it is here.
    fn complete_frame(&self) -> io::Result<Option<usize>> {
        let mut rest = self.buffer.get(self.clean..).unwrap_or_default();
        let Some(&kind) = rest.first() else {
            return Ok(None);
        };
        if kind == b'A' {
            // The protocol header of a broker that speaks another version.
            return Ok((rest.len() >= 8).then_some(8));
        }
        if ![METHOD, HEADER, BODY, HEARTBEAT].contains(&kind) {
            return Err(invalid("what it sends is not AMQP"));
        }
        let Some([_, _, _, size @ ..]) = take::<HEAD>(&mut rest) else {
            return Ok(None);
        };
        let size = u32::from_be_bytes(*size);
        if size > FRAME_MAX {
            return Err(invalid("a frame is larger than agreed"));
        }
        let size = size as usize;
        match rest.get(size) {
            None => Ok(None),
            Some(&FRAME_END) => Ok(Some(HEAD + size + 1)),
            Some(_) => Err(invalid("a frame has no end")),
        }
    }

    fn judge(&mut self, length: usize) -> io::Result<Verdict> {
        let frame = self.buffer.get_mut(self.clean..self.clean + length);
        let Some([kind, high, low, _, _, _, _, payload @ .., _]) = frame else {
            return Ok(Verdict::Pass);
        };
        let channel = u16::from_be_bytes([*high, *low]);
        match *kind {
            METHOD => match mend_method(payload) {
                None => Err(invalid("a method has no meaning")),
                Some(Method::Return) => {
                    self.returning.push(Returning { channel, left: None });
                    Ok(Verdict::Drop)
                }
                Some(Method::Close(words)) => {
                    if channel == 0 {
                        let _ = self.heard.farewell.set(String::from_utf8_lossy(words).into());
                    } else {
                        self.closed.insert(channel);
                    }
                    Ok(Verdict::Pass)
                }
                Some(Method::Other) => Ok(Verdict::Pass),
            },
            HEADER => {
                let mut properties = &*payload;
                let [class @ .., _, _, a, b, c, d, e, f, g, h] =
                    take::<12>(&mut properties).ok_or_else(|| invalid("a content header is cut short"))?;
                let size = [*a, *b, *c, *d, *e, *f, *g, *h];
                let raw = Raw::parse(properties);
                if let Some(index) = self.returning.iter().position(|one| one.channel == channel) {
                    let id = raw.and_then(|raw| raw.message_id).and_then(id);
                    if let Some(id) = id {
                        self.heard.returned(id);
                    }
                    self.still_returning(index, u64::from_be_bytes(size));
                    return Ok(Verdict::Drop);
                }
                Ok(match raw {
                    Some(_) => Verdict::Pass,
                    None => Verdict::Replace(malformed(channel, *class, size)),
                })
            }
            BODY => match self.returning.iter().position(|one| one.channel == channel) {
                Some(index) => {
                    let left = self.returning.get(index).and_then(|one| one.left).unwrap_or(0);
                    let left = left.saturating_sub(payload.len() as u64);
                    self.still_returning(index, left);
                    Ok(Verdict::Drop)
                }
                None => Ok(Verdict::Pass),
            },
            _ => Ok(Verdict::Pass),
        }
    }

    fn still_returning(&mut self, index: usize, left: u64) {
        if left == 0 {
            self.returning.swap_remove(index);
        } else if let Some(one) = self.returning.get_mut(index) {
            one.left = Some(left);
        }
    }

    fn replace(&mut self, length: usize, by: &[u8]) {
        let mut after = self.buffer.split_off(self.clean);
        after.advance(length);
        self.buffer.extend_from_slice(by);
        self.clean += by.len();
        self.buffer.extend_from_slice(&after);
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The id we gave a message.
fn id(message_id: &[u8]) -> Option<u64> {
    std::str::from_utf8(message_id).ok()?.parse().ok()
}

/// A content header that says nothing but how long the body is.
fn malformed(channel: u16, class: [u8; 2], size: [u8; 8]) -> BytesMut {
    const CONTENT_TYPE: u16 = 1 << 15;
    let mut payload = BytesMut::new();
    payload.put_slice(&class);
    payload.put_u16(0);
    payload.put_slice(&size);
    payload.put_u16(CONTENT_TYPE);
    payload.put_u8(MALFORMED.len() as u8);
    payload.put_slice(MALFORMED.as_bytes());
    let mut frame = BytesMut::new();
    frame.put_u8(HEADER);
    frame.put_u16(channel);
    frame.put_u32(payload.len() as u32);
    frame.put_slice(&payload);
    frame.put_u8(FRAME_END);
    frame
}

enum Method<'p> {
    Return,
    /// Of a channel, or of the connection; and why.
    Close(&'p [u8]),
    Other,
}

/// Makes the short strings of a method UTF-8. The broker cuts its error texts at 255 bytes, wherever that is, and
/// a routing key may be any bytes.
fn mend_method(payload: &mut [u8]) -> Option<Method<'_>> {
    let (name, rest) = payload.split_first_chunk_mut::<4>()?;
    let [_, class, _, method] = *name;
    match (class, method) {
        // connection.start: versions, then the broker's properties.
        (10, 10) => table(&mut rest.get(2..)?, DEPTH)?,
        // connection.close and channel.close: a code, then a text.
        (10, 50) | (20, 40) => {
            let text = rest.get_mut(2..)?;
            mend(text)?;
            let (length, rest) = text.split_first()?;
            return rest.get(..(*length).into()).map(Method::Close);
        }
        // connection.blocked, and basic.cancel from the broker.
        (10, 60) | (60, 30) => drop(mend(rest)?),
        (60, 50) => return Some(Method::Return),
        // basic.deliver: consumer, tag and redelivered, exchange, routing key.
        (60, 60) => {
            let rest = mend(rest)?;
            let rest = mend(rest.get_mut(9..)?)?;
            mend(rest)?;
        }
        _ => {}
    }
    Some(Method::Other)
}

/// Mends one short string; gives what follows it.
fn mend(bytes: &mut [u8]) -> Option<&mut [u8]> {
    let (length, rest) = bytes.split_first_mut()?;
    let (text, rest) = rest.split_at_mut_checked((*length).into())?;
    if std::str::from_utf8(text).is_err() {
        for byte in text.iter_mut().filter(|byte| !byte.is_ascii()) {
            *byte = b'?';
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests;
