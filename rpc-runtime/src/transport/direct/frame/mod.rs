//! The frames between a client and the process that serves it: bytes to values and back. Pure functions; nothing
//! here reads, waits or logs.
//!
//! A frame is a length (four bytes, big-endian, of what follows), a kind (one byte) and the kind's fields. Texts
//! have a length of two bytes before them; a body is the rest of the frame.

mod fields;

use bytes::{Buf, BufMut, Bytes, TryGetError};

use crate::transport::{Headers, Message, Rejected, Route, TransportError};
pub(super) use fields::TEXT;
use fields::{message, outcome, put_message, put_outcome, put_reply_headers, put_text, reply_headers, text};

/// Bytes before a frame: its length.
pub(super) const LENGTH: usize = 4;

/// Bytes a frame may have beside its body. Every text in it is bounded, so this is never reached.
pub(super) const OVERHEAD: usize = 8 << 10;

/// What both sides begin with: nothing that speaks another protocol does.
const MAGIC: &[u8; 8] = b"rpc\0drct";

/// Of this protocol. Both sides must have the same.
const VERSION: u16 = 1;

/// What goes over a connection.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Frame {
    /// The first frame of each side.
    Hello {
        /// Of the serving process: another number means that it was started anew. Zero from a client.
        incarnation: u64,
    },
    /// The client wants the replies to an address.
    Open {
        sequence: u64,
        /// The last reply it has from this incarnation; what came after is sent again.
        received: u64,
        address: String,
    },
    /// The client sends a message.
    Send {
        sequence: u64,
        route: Route,
        message: Message,
    },
    /// What became of `Open` or `Send`.
    Confirm { sequence: u64, outcome: Outcome },
    /// A message for the address that was opened.
    Reply {
        sequence: u64,
        headers: Headers,
        body: Bytes,
    },
    /// The client has every reply up to this one.
    Received { sequence: u64 },
    /// Is anybody there?
    Ping,
    /// Yes.
    Pong,
    /// The sender of this closes in order, and comes back neither for replies nor with them.
    Goodbye,
}

/// What became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// The bus has it.
    Routed,
    /// Nobody listens there.
    Unroutable,
    /// The bus refuses it.
    Rejected(Rejected),
    /// A name the bus cannot carry.
    InvalidTarget(String),
    /// The bus is being closed.
    Closed,
}

impl From<Result<(), TransportError>> for Outcome {
    fn from(result: Result<(), TransportError>) -> Self {
        match result {
            Ok(()) => Self::Routed,
            Err(TransportError::Unroutable(_)) => Self::Unroutable,
            Err(TransportError::Rejected(rejected)) => Self::Rejected(rejected),
            Err(TransportError::InvalidTarget(detail)) => Self::InvalidTarget(detail),
            Err(TransportError::Closed) => Self::Closed,
            Err(other) => Self::Rejected(Rejected::Denied(other.to_string())),
        }
    }
}

/// Why bytes are no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("the peer does not speak this protocol")]
    Magic,
    #[error("the peer speaks version {0} of the protocol, this is version {VERSION}")]
    Version(u16),
    #[error("a frame of {length} bytes, the limit is {limit}")]
    TooLong { length: usize, limit: usize },
    #[error("a frame ends within a field")]
    Truncated,
    #[error("a frame has bytes after its last field")]
    Trailing,
    #[error("unknown {0}")]
    Unknown(&'static str),
    #[error("a text is not UTF-8 or too long")]
    Text,
}

impl From<TryGetError> for FrameError {
    fn from(_: TryGetError) -> Self {
        Self::Truncated
    }
}

// The kinds.
const HELLO: u8 = 1;
const OPEN: u8 = 2;
const SEND: u8 = 3;
const CONFIRM: u8 = 4;
const REPLY: u8 = 5;
const RECEIVED: u8 = 6;
const PING: u8 = 7;
const PONG: u8 = 8;
const GOODBYE: u8 = 9;

/// A frame ready to be written: everything but the body, and the body.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Encoded {
    pub(super) head: Vec<u8>,
    pub(super) body: Bytes,
}

impl Frame {
    /// The bytes of the frame, with its length before them. The body is not copied.
    pub(super) fn encode(self) -> Encoded {
        let mut head = Vec::with_capacity(128);
        head.put_u32(0);
        let body = self.put(&mut head);
        let length = u32::try_from(head.len() - LENGTH + body.len()).unwrap_or(u32::MAX);
        for (place, byte) in head.iter_mut().zip(length.to_be_bytes()) {
            *place = byte;
        }
        Encoded { head, body }
    }

    fn put(self, to: &mut Vec<u8>) -> Bytes {
        match self {
            Self::Hello { incarnation } => {
                to.put_u8(HELLO);
                to.put_slice(MAGIC);
                to.put_u16(VERSION);
                to.put_u64(incarnation);
            }
            Self::Open {
                sequence,
                received,
                address,
            } => {
                to.put_u8(OPEN);
                to.put_u64(sequence);
                to.put_u64(received);
                put_text(to, &address);
            }
            Self::Send {
                sequence,
                route,
                message,
            } => {
                to.put_u8(SEND);
                to.put_u64(sequence);
                return put_message(to, &route, message);
            }
            Self::Confirm { sequence, outcome } => {
                to.put_u8(CONFIRM);
                to.put_u64(sequence);
                put_outcome(to, &outcome);
            }
            Self::Reply {
                sequence,
                headers,
                body,
            } => {
                to.put_u8(REPLY);
                to.put_u64(sequence);
                put_reply_headers(to, &headers);
                return body;
            }
            Self::Received { sequence } => {
                to.put_u8(RECEIVED);
                to.put_u64(sequence);
            }
            Self::Ping => to.put_u8(PING),
            Self::Pong => to.put_u8(PONG),
            Self::Goodbye => to.put_u8(GOODBYE),
        }
        Bytes::new()
    }

    /// Reads a frame; `bytes` is what its length counted.
    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, FrameError> {
        let from = &mut bytes;
        let frame = match from.try_get_u8()? {
            HELLO => {
                // A peer of another kind is recognised before anything else is wrong with it.
                if from.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
                    return Err(FrameError::Magic);
                }
                from.advance(MAGIC.len());
                match from.try_get_u16()? {
                    VERSION => {}
                    other => return Err(FrameError::Version(other)),
                }
                Self::Hello {
                    incarnation: from.try_get_u64()?,
                }
            }
            OPEN => Self::Open {
                sequence: from.try_get_u64()?,
                received: from.try_get_u64()?,
                address: text(from)?,
            },
            SEND => {
                let sequence = from.try_get_u64()?;
                let (route, message) = message(from)?;
                Self::Send {
                    sequence,
                    route,
                    message,
                }
            }
            CONFIRM => Self::Confirm {
                sequence: from.try_get_u64()?,
                outcome: outcome(from)?,
            },
            REPLY => Self::Reply {
                sequence: from.try_get_u64()?,
                headers: reply_headers(from)?,
                body: std::mem::take(from),
            },
            RECEIVED => Self::Received {
                sequence: from.try_get_u64()?,
            },
            PING => Self::Ping,
            PONG => Self::Pong,
            GOODBYE => Self::Goodbye,
            _ => return Err(FrameError::Unknown("kind of frame")),
        };
        if bytes.is_empty() {
            Ok(frame)
        } else {
            Err(FrameError::Trailing)
        }
    }
}
