//! What was published and is not confirmed, in order.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::outgoing::Outgoing;

/// Numbers are unique for the life of a window, which is that of a connection; gaps are confirmed messages.
#[derive(Debug)]
pub(super) struct Window {
    first: u64,
    slots: VecDeque<Option<Outgoing>>,
    len: usize,
    bytes: usize,
    last_confirm: Instant,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            first: 1,
            slots: VecDeque::new(),
            len: 0,
            bytes: 0,
            last_confirm: Instant::now(),
        }
    }
}

impl Window {
    /// The number the next message gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.slots.len() as u64
    }

    pub(super) fn push(&mut self, outgoing: Outgoing) {
        if self.len == 0 {
            self.last_confirm = Instant::now();
        }
        self.len += 1;
        self.bytes += outgoing.message.body.len();
        self.slots.push_back(Some(outgoing));
    }

    pub(super) fn take(&mut self, number: u64) -> Option<Outgoing> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let outgoing = self.slots.get_mut(index)?.take()?;
        self.len -= 1;
        self.bytes -= outgoing.message.body.len();
        self.last_confirm = Instant::now();
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
        Some(outgoing)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Something waits for its confirm, and nothing was confirmed for so long.
    pub(super) fn is_silent(&self, limit: Duration) -> bool {
        self.len > 0 && self.last_confirm.elapsed() > limit
    }

    /// Empties the window of what is not confirmed, in order. Numbers go on from where they were.
    pub(super) fn take_rest(&mut self) -> Vec<Outgoing> {
        self.first = self.next();
        self.len = 0;
        self.bytes = 0;
        self.slots.drain(..).flatten().collect()
    }
}
