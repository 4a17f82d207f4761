//! One queue of the bus: what waits, in order, with expiry and bounds. It knows no listener beyond its number.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::time::Instant;

use crate::transport::{Headers, Rejected};

/// How much may wait in one queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Messages in one queue.
    pub messages: usize,
    /// Bytes of the bodies in one queue.
    pub bytes: usize,
    /// Bytes of one body.
    pub body: usize,
}

impl Default for Limits {
    /// 100 000 messages and 512 MiB a queue; 128 MiB a body, as RabbitMQ.
    fn default() -> Self {
        Self {
            messages: 100_000,
            bytes: 512 << 20,
            body: 128 << 20,
        }
    }
}

/// A message on the bus.
pub(super) struct Stored {
    /// The order of arrival on the whole bus.
    pub(super) number: u64,
    pub(super) body: Bytes,
    pub(super) headers: Headers,
    pub(super) expires: Option<Instant>,
    pub(super) redelivered: bool,
}

/// What waits, and who consumes it.
#[derive(Default)]
pub(super) struct Queue {
    /// Sorted by `number`.
    waiting: VecDeque<Stored>,
    bytes: usize,
    consumers: Vec<u64>,
    turn: usize,
}

impl Queue {
    /// Appends a message, unless the queue is at its limit.
    pub(super) fn push(&mut self, message: Stored, limits: Limits) -> Result<(), Rejected> {
        if !self.has_room(message.body.len(), limits) {
            self.drop_expired();
            if !self.has_room(message.body.len(), limits) {
                return Err(Rejected::QueueFull);
            }
        }
        self.bytes += message.body.len();
        self.waiting.push_back(message);
        Ok(())
    }

    fn has_room(&self, size: usize, limits: Limits) -> bool {
        self.waiting.len() < limits.messages
            && (self.waiting.is_empty() || self.bytes.saturating_add(size) <= limits.bytes)
    }

    fn drop_expired(&mut self) {
        let now = Instant::now();
        let bytes = &mut self.bytes;
        self.waiting.retain(|message| {
            let keep = message.expires.is_none_or(|expires| now < expires);
            if !keep {
                *bytes -= message.body.len();
            }
            keep
        });
    }

    /// Puts a message back where it was in the order. The limits do not apply: it was accepted before.
    pub(super) fn put_back(&mut self, message: Stored) {
        self.bytes += message.body.len();
        let at = self
            .waiting
            .partition_point(|other| other.number < message.number);
        self.waiting.insert(at, message);
    }

    /// The number of the message that is next, expired ones left out.
    pub(super) fn next_number(&mut self) -> Option<u64> {
        while let Some(message) = self.waiting.front() {
            match message.expires {
                Some(expires) if expires <= Instant::now() => drop(self.pop()),
                _ => return Some(message.number),
            }
        }
        None
    }

    /// Takes the first message, expired or not.
    pub(super) fn pop(&mut self) -> Option<Stored> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.body.len();
        Some(message)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn add_consumer(&mut self, listener: u64) {
        self.consumers.push(listener);
    }

    pub(super) fn remove_consumer(&mut self, listener: u64) {
        self.consumers.retain(|&other| other != listener);
    }

    /// The first listener that `can_take`, beginning with the one after the last taken: they share by turns.
    pub(super) fn choose(&mut self, can_take: impl Fn(u64) -> bool) -> Option<u64> {
        let count = self.consumers.len();
        let chosen = (0..count)
            .map(|step| (self.turn + step) % count)
            .find(|&at| can_take(self.consumers[at]))?;
        self.turn = (chosen + 1) % count;
        Some(self.consumers[chosen])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn message(number: u64, expires: Option<Instant>) -> Stored {
        Stored {
            number,
            body: Bytes::from_static(b"1234"),
            headers: Headers::default(),
            expires,
            redelivered: false,
        }
    }

    fn drain(queue: &mut Queue) -> Vec<u64> {
        std::iter::from_fn(|| {
            queue.next_number()?;
            queue.pop().map(|message| message.number)
        })
        .collect()
    }

    #[test]
    fn what_is_put_back_takes_its_old_place() {
        let mut queue = Queue::default();
        for number in [1, 2, 3, 4] {
            assert!(queue.push(message(number, None), Limits::default()).is_ok());
        }
        let first = queue.pop().unwrap();
        let second = queue.pop().unwrap();
        queue.put_back(first);
        queue.put_back(second);
        assert_eq!(drain(&mut queue), [1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn expired_messages_are_not_handed_out_and_make_room() {
        let limits = Limits {
            messages: 2,
            ..Limits::default()
        };
        let mut queue = Queue::default();
        let soon = Instant::now() + Duration::from_millis(10);
        assert!(queue.push(message(1, None), limits).is_ok());
        assert!(queue.push(message(2, Some(soon)), limits).is_ok());
        assert!(queue.push(message(3, None), limits).is_err());
        tokio::time::advance(Duration::from_millis(10)).await;
        assert!(queue.push(message(4, None), limits).is_ok());
        assert_eq!(drain(&mut queue), [1, 4]);
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn bytes_are_bounded_but_one_message_always_fits() {
        let limits = Limits {
            bytes: 2,
            ..Limits::default()
        };
        let mut queue = Queue::default();
        assert!(queue.push(message(1, None), limits).is_ok());
        assert!(queue.push(message(2, None), limits).is_err());
    }

    #[test]
    fn consumers_take_turns() {
        let mut queue = Queue::default();
        assert_eq!(queue.choose(|_| true), None);
        for listener in [7, 8, 9] {
            queue.add_consumer(listener);
        }
        let turns: Vec<_> = (0..4).filter_map(|_| queue.choose(|_| true)).collect();
        assert_eq!(turns, [7, 8, 9, 7]);
        assert_eq!(queue.choose(|listener| listener != 8), Some(9));
        queue.remove_consumer(9);
        assert_eq!(queue.choose(|_| true), Some(7));
    }
}
