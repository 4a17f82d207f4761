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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Message, Route};

    fn outgoing(body: &'static str) -> Outgoing {
        let message = Message {
            body: body.as_bytes().into(),
            ..Message::default()
        };
        let route = Route::Fanout { topic: "t".into() };
        Outgoing::new(route, message, Instant::now()).unwrap().0
    }

    #[tokio::test(start_paused = true)]
    async fn confirms_come_in_any_order_and_numbers_go_on() {
        let mut window = Window::default();
        let push = |window: &mut Window, body| {
            let number = window.next();
            window.push(outgoing(body));
            number
        };
        let numbers = ["1", "22", "333", "4444"].map(|body| push(&mut window, body));
        assert_eq!((window.len(), window.bytes()), (4, 10));
        assert_eq!(window.take(numbers[2]).unwrap().message.body, "333");
        assert!(window.take(numbers[2]).is_none());
        assert_eq!(window.take(numbers[0]).unwrap().message.body, "1");
        assert!(window.take(0).is_none() && window.take(99).is_none());
        assert_eq!((window.len(), window.bytes()), (2, 6));

        let rest: Vec<_> = window
            .take_rest()
            .into_iter()
            .map(|rest| rest.message.body)
            .collect();
        assert_eq!(rest, ["22", "4444"]);
        assert!(window.is_empty());
        // A confirm of before finds nothing of now.
        let later = push(&mut window, "5");
        assert!(numbers.iter().all(|number| window.take(*number).is_none()));
        assert!(window.take(later).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_what_lasts_while_something_waits() {
        const LIMIT: Duration = Duration::from_secs(30);
        let mut window = Window::default();
        tokio::time::advance(2 * LIMIT).await;
        let number = window.next();
        window.push(outgoing("1"));
        window.push(outgoing("2"));
        assert!(!window.is_silent(LIMIT));
        tokio::time::advance(LIMIT).await;
        window.take(number);
        tokio::time::advance(LIMIT).await;
        assert!(!window.is_silent(LIMIT));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(window.is_silent(LIMIT));
        window.take_rest();
        assert!(!window.is_silent(LIMIT));
    }
}
