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

    /// Lets a message in that was not here before. One that is not `late` is acknowledged now.
    pub(super) fn admit(&self, request: &Arc<Request>, receipt: Receipt, late: bool) -> Option<Admitted<'_>> {
        let mut state = self.state();
        if let Some(id) = request.unique_id() {
            if !state.dedup.is_new(id, Instant::now()) {
                debug!(id, "a message that came twice was dropped");
                match state.copies.get_mut(id) {
                    Some(copies) => copies.push(receipt),
                    None => receipt.ack(),
                }
                return None;
            }
            if late {
                state.copies.insert(id.into(), Vec::new());
            }
        }
        drop(state);
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
            let copies = self.copies();
            copies.into_iter().for_each(Receipt::ack);
        }
    }

    fn copies(&self) -> Vec<Receipt> {
        let id = self.request.unique_id();
        id.and_then(|id| self.door.state().copies.remove(id))
            .unwrap_or_default()
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if self.receipt.is_none() {
            return;
        }
        if let Some(id) = self.request.unique_id() {
            self.door.state().dedup.forget(id);
        }
        // Outside the lock: giving them back is the transport's work.
        drop(self.copies());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transport::{Ledger, Settlement};

    #[derive(Default)]
    struct Book(Mutex<Vec<(u64, Settlement)>>);

    impl Ledger for Book {
        fn settle(&self, tag: u64, how: Settlement) {
            self.0.lock().unwrap().push((tag, how));
        }
    }

    fn door() -> (Admission, Arc<Book>, Arc<Request>) {
        let request = Request::decode(br#"{"method":"m","_unique_id":"u"}"#)
            .unwrap()
            .unwrap();
        let door = Admission::new(Dedup::new(Duration::from_secs(60), 100));
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
