//! Which messages are let in, and when the bus is told: doubles are dropped, and what is delivered at least once is
//! settled only when it is answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tracing::debug;

use super::dedup::Dedup;
use crate::transport::Receipt;
use crate::wire::Request;

/// The door of one server.
pub(super) struct Admission {
    state: Mutex<State>,
}

struct State {
    dedup: Dedup,
    /// The messages at work that are settled late, and further copies of them. The broker sends a copy when the
    /// connection broke, and then the first receipt is worth nothing: all of them are settled together.
    copies: HashMap<Box<str>, Vec<Receipt>>,
}

impl Admission {
    pub(super) fn new(dedup: Dedup) -> Self {
        Self {
            state: Mutex::new(State {
                dedup,
                copies: HashMap::new(),
            }),
        }
    }

    /// Lets a message in that is still the bus's to give, and was not here before. One that is not `late` is
    /// acknowledged now.
    pub(super) fn admit(&self, request: &Arc<Request>, receipt: Receipt, late: bool) -> Option<Admitted<'_>> {
        // Its id is not remembered: the message may come again, here as well.
        if receipt.is_void() {
            debug!("a message that waited here was taken back by the bus");
            return None;
        }
        if let Some(id) = request.unique_id() {
            let mut state = self.state();
            // It may have been at work for longer than its id is remembered.
            if let Some(copies) = state.copies.get_mut(id) {
                debug!(id, "a message that is at work came again");
                copies.push(receipt);
                return None;
            }
            if !state.dedup.is_new(id, Instant::now()) {
                drop(state);
                debug!(id, "a message that came twice was dropped");
                receipt.ack();
                return None;
            }
            if late {
                state.copies.insert(id.into(), Vec::new());
            }
        }
        let receipt = if late {
            Some(receipt)
        } else {
            receipt.ack();
            None
        };
        Some(Admitted {
            receipt,
            request: request.clone(),
            door: self,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message that was let in. Dropped before it is done, one that is settled late goes back to the bus and may come
/// again, here as well.
pub(super) struct Admitted<'d> {
    receipt: Option<Receipt>,
    request: Arc<Request>,
    door: &'d Admission,
}

impl Admitted<'_> {
    /// The message is answered.
    pub(super) fn done(mut self) {
        if let Some(receipt) = self.receipt.take() {
            receipt.ack();
            // A message that was at work for long is remembered anew: its acknowledgement may be lost.
            let copies = self.leave(|dedup, id| {
                dedup.is_new(id, Instant::now());
            });
            copies.into_iter().for_each(Receipt::ack);
        }
    }

    /// No longer at work; gives the copies that came meanwhile. Of its id, `remember` decides under the same lock.
    fn leave(&self, remember: impl FnOnce(&mut Dedup, &str)) -> Vec<Receipt> {
        let Some(id) = self.request.unique_id() else {
            return Vec::new();
        };
        let mut state = self.door.state();
        remember(&mut state.dedup, id);
        state.copies.remove(id).unwrap_or_default()
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if self.receipt.is_some() {
            // Outside the lock: giving them back is the transport's work.
            drop(self.leave(Dedup::forget));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transport::{Ledger, Settlement};

    /// Of its messages, the last one is void.
    #[derive(Default)]
    struct Book(Mutex<Vec<(u64, Settlement)>>);

    const VOID: u64 = u64::MAX;
    const WINDOW: Duration = Duration::from_secs(60);

    impl Ledger for Book {
        fn settle(&self, tag: u64, how: Settlement) {
            self.0.lock().unwrap().push((tag, how));
        }

        fn is_void(&self, tag: u64) -> bool {
            tag == VOID
        }
    }

    fn door() -> (Admission, Arc<Book>, Arc<Request>) {
        let request = Request::decode(br#"{"method":"m","_unique_id":"u"}"#)
            .unwrap()
            .unwrap();
        let door = Admission::new(Dedup::new(WINDOW, 100));
        (door, Arc::default(), Arc::new(request))
    }

    fn settled(book: &Book) -> Vec<(u64, Settlement)> {
        std::mem::take(&mut book.0.lock().unwrap())
    }

    #[test]
    fn a_copy_of_a_message_at_work_is_settled_with_it() {
        let (door, book, request) = door();
        let receipt = |tag| Receipt::new(book.clone(), tag);
        let first = door.admit(&request, receipt(1), true).unwrap();
        assert!(door.admit(&request, receipt(2), true).is_none());
        assert_eq!(settled(&book), []);
        first.done();
        assert_eq!(settled(&book), [(1, Settlement::Ack), (2, Settlement::Ack)]);
        assert!(door.admit(&request, receipt(3), true).is_none());
        assert_eq!(settled(&book), [(3, Settlement::Ack)]);
    }

    #[test]
    fn an_abandoned_message_and_its_copies_go_back_and_may_come_again() {
        let (door, book, request) = door();
        let receipt = |tag| Receipt::new(book.clone(), tag);
        let first = door.admit(&request, receipt(1), true).unwrap();
        assert!(door.admit(&request, receipt(2), true).is_none());
        drop(first);
        let mut given_back = settled(&book);
        given_back.sort_by_key(|(tag, _)| *tag);
        assert_eq!(given_back, [(1, Settlement::Requeue), (2, Settlement::Requeue)]);
        door.admit(&request, receipt(3), true).unwrap().done();
        assert_eq!(settled(&book), [(3, Settlement::Ack)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_at_work_for_longer_than_ids_are_remembered_runs_once() {
        let (door, book, request) = door();
        let receipt = |tag| Receipt::new(book.clone(), tag);
        let first = door.admit(&request, receipt(1), true).unwrap();
        tokio::time::advance(2 * WINDOW).await;
        assert!(door.admit(&request, receipt(2), true).is_none());
        first.done();
        assert_eq!(settled(&book), [(1, Settlement::Ack), (2, Settlement::Ack)]);
        assert!(door.admit(&request, receipt(3), true).is_none());
        assert_eq!(settled(&book), [(3, Settlement::Ack)]);
    }

    #[test]
    fn what_the_bus_has_taken_back_is_not_run_and_may_come_again() {
        let (door, book, request) = door();
        let receipt = |tag| Receipt::new(book.clone(), tag);
        for late in [false, true] {
            assert!(door.admit(&request, receipt(VOID), late).is_none());
        }
        settled(&book);
        assert!(door.admit(&request, receipt(1), false).is_some());
    }

    #[test]
    fn what_is_delivered_at_most_once_is_acknowledged_on_receipt() {
        let (door, book, request) = door();
        let first = door
            .admit(&request, Receipt::new(book.clone(), 1), false)
            .unwrap();
        assert_eq!(settled(&book), [(1, Settlement::Ack)]);
        drop(first);
        assert_eq!(settled(&book), []);
    }
}
