//! Keeps back what lapin writes on a channel that the broker has closed.
//!
//! lapin answers the close of a channel before it writes the publishes that wait for their turn. Behind the answer
//! they would be of a channel that does not exist, and the broker would end the whole connection; before it they
//! are of no use. So nothing of such a channel leaves but the answer. lapin does not use its number again.
//!
//! Knows frames, and no socket.

use std::collections::HashSet;
use std::io::IoSlice;

use super::screen::{HEAD, METHOD};

const CHANNEL_CLOSE_OK: [u8; 4] = [0, 20, 0, 41];
const PROTOCOL_HEADER: usize = 8;
/// So much is looked at before it leaves, once a channel is closed.
const SIGHT: usize = 64 * 1024;

/// Follows the frames that lapin writes. It hands over whole ones, but for the rest of one that has begun to leave.
#[derive(Default)]
pub(super) struct Departures {
    /// Bytes of that rest.
    left: usize,
}

/// What becomes of the first bytes.
#[derive(Debug)]
pub(super) enum Part {
    /// So many may leave.
    Leaves(usize),
    /// So many stay.
    Stays(usize),
}

struct Frame {
    channel: u16,
    is_close_ok: bool,
    length: usize,
}

impl Departures {
    /// What becomes of the first bytes of `data`, when the broker has closed these channels.
    pub(super) fn next(&self, data: &[IoSlice<'_>], closed: &HashSet<u16>) -> Part {
        let mut leaves = self.left;
        while leaves < SIGHT
            && let Some(frame) = Frame::at(data, leaves)
        {
            let stays = closed.contains(&frame.channel) && !frame.is_close_ok;
            if stays && leaves == 0 {
                return Part::Stays(frame.length);
            } else if stays {
                break;
            }
            leaves += frame.length;
        }
        Part::Leaves(leaves)
    }

    /// So many bytes of `data` are done with.
    pub(super) fn advance(&mut self, data: &[IoSlice<'_>], count: usize) {
        if count == data.iter().map(|slice| slice.len()).sum::<usize>() {
            // All that lapin had: it hands over whole frames.
            self.left = 0;
            return;
        }
        let mut end = self.left;
        while end < count
            && let Some(frame) = Frame::at(data, end)
        {
            end += frame.length;
        }
        self.left = end.saturating_sub(count);
    }
}

impl Frame {
    fn at(data: &[IoSlice<'_>], index: usize) -> Option<Self> {
        let bytes = data.iter().flat_map(|slice| slice.iter()).skip(index);
        let mut head = [0; HEAD + CHANNEL_CLOSE_OK.len()];
        let count = head
            .iter_mut()
            .zip(bytes)
            .map(|(place, byte)| *place = *byte)
            .count();
        let [kind, high, low, a, b, c, d, method @ ..] = head;
        if count < HEAD {
            return None;
        }
        let size = u32::from_be_bytes([a, b, c, d]) as usize;
        Some(Self {
            channel: u16::from_be_bytes([high, low]),
            is_close_ok: kind == METHOD && method == CHANNEL_CLOSE_OK,
            length: match kind {
                b'A' => PROTOCOL_HEADER,
                _ => HEAD + size + 1,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, channel: u8, payload: &[u8]) -> Vec<u8> {
        let head = [kind, 0, channel, 0, 0, 0, payload.len() as u8];
        [&head, payload, &[0xCE]].concat()
    }

    /// What leaves, through a socket that takes `most` bytes at a time, of a buffer that goes on at its begin.
    fn leaving(written: &[u8], wrap: usize, most: usize, closed: &HashSet<u16>) -> Vec<u8> {
        let mut departures = Departures::default();
        let mut left = Vec::new();
        let mut done = 0;
        while done < written.len() {
            let (first, second) = written.split_at(wrap.max(done));
            let data = [&first[done..], second].map(IoSlice::new);
            let count = match departures.next(&data, closed) {
                Part::Stays(count) => count,
                Part::Leaves(count) => {
                    let count = count.min(most);
                    left.extend_from_slice(&written[done..done + count]);
                    count
                }
            };
            departures.advance(&data, count);
            done += count;
        }
        left
    }

    #[test]
    fn nothing_of_a_closed_channel_leaves_but_the_answer() {
        let publish = |channel| {
            let method = frame(METHOD, channel, &[0, 60, 0, 40, 1, 2, 3]);
            let header = frame(2, channel, &[0, 60, 9]);
            [method, header, frame(3, channel, b"body")].concat()
        };
        let close_ok = frame(METHOD, 1, &CHANNEL_CLOSE_OK);
        let heartbeat = frame(8, 0, &[]);
        let greeting = b"AMQP\0\0\x09\x01".to_vec();
        let written = [
            greeting.clone(),
            publish(1),
            publish(2),
            close_ok.clone(),
            publish(1),
            heartbeat.clone(),
        ]
        .concat();
        let expected = [greeting, publish(2), close_ok, heartbeat].concat();
        for wrap in 0..written.len() {
            for most in 1..40 {
                assert_eq!(
                    leaving(&written, wrap, most, &[1].into()),
                    expected,
                    "{wrap} {most}"
                );
                assert_eq!(leaving(&written, wrap, most, &HashSet::new()), written);
            }
        }
    }

    #[test]
    fn a_frame_that_has_begun_to_leave_leaves_to_its_end() {
        let [first, second] = [b"first", b"other"].map(|body| frame(3, 1, body));
        let mut departures = Departures::default();
        departures.advance(&[IoSlice::new(&first)], 9);
        let rest = [&first[9..], &second].concat();
        let data = [IoSlice::new(&rest)];
        let closed = [1].into();
        assert!(matches!(departures.next(&data, &closed), Part::Leaves(count) if count == first.len() - 9));
        departures.advance(&data, first.len() - 9);
        let data = [IoSlice::new(&second)];
        assert!(matches!(departures.next(&data, &closed), Part::Stays(count) if count == second.len()));
    }
}
