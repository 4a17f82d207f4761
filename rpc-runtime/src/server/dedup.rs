//! Remembers the ids of messages for a while, so that one published twice runs once.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::{HashSet, HashSetExt as _};
use tokio::time::Instant;

use crate::wire::Id;

/// A window of ids, bounded in time and in number. oslo.messaging remembers 16 ids; a client that publishes again
/// after a lost connection may come later than 16 other messages.
pub(super) struct Dedup {
    window: Duration,
    max: usize,
    seen: HashSet<Key>,
    order: VecDeque<(Instant, Key)>,
}

/// Peers of today send 32 hexadecimal digits; a number is cheaper to keep than a text.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(Id),
    Text(Box<str>),
}

impl Dedup {
    pub(super) fn new(window: Duration, max: usize) -> Self {
        Self {
            window,
            max,
            seen: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Whether the id is new; if so it is remembered.
    pub(super) fn is_new(&mut self, unique_id: &str, now: Instant) -> bool {
        while let Some((since, key)) = self.order.front() {
            if self.order.len() < self.max && now.duration_since(*since) <= self.window {
                break;
            }
            self.seen.remove(key);
            self.order.pop_front();
        }
        let key = Id::parse(unique_id).map_or_else(|| Key::Text(unique_id.into()), Key::Id);
        let new = self.seen.insert(key.clone());
        if new {
            self.order.push_back((now, key));
        }
        new
    }

    /// Forgets an id whose message was given back: it will come again.
    pub(super) fn forget(&mut self, unique_id: &str) {
        let key = Id::parse(unique_id).map_or_else(|| Key::Text(unique_id.into()), Key::Id);
        if self.seen.remove(&key) {
            self.order.retain(|(_, kept)| *kept != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_within_the_window() {
        let start = Instant::now();
        let mut dedup = Dedup::new(Duration::from_secs(10), 100);
        assert!(dedup.is_new("a", start));
        assert!(!dedup.is_new("a", start + Duration::from_secs(9)));
        assert!(dedup.is_new("a", start + Duration::from_secs(11)));
        let id = Id::new().to_string();
        assert!(dedup.is_new(&id, start) && !dedup.is_new(&id, start));
    }

    #[test]
    fn the_number_is_bounded_and_the_oldest_goes_first() {
        let now = Instant::now();
        let mut dedup = Dedup::new(Duration::from_secs(10), 3);
        for id in ["a", "b", "c", "d"] {
            assert!(dedup.is_new(id, now));
        }
        assert!(!dedup.is_new("b", now) || dedup.order.len() <= 3);
        assert!(dedup.order.len() <= 3 && dedup.seen.len() == dedup.order.len());
        assert!(dedup.is_new("a", now));
    }

    #[test]
    fn what_was_given_back_may_come_again() {
        let now = Instant::now();
        let mut dedup = Dedup::new(Duration::from_secs(10), 3);
        assert!(dedup.is_new("a", now));
        dedup.forget("a");
        assert!(dedup.is_new("a", now));
    }
}
