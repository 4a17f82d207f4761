//! Where messages wait to be published: the sending end, which keeps the bounds.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::outgoing::Outgoing;
use crate::transport::TransportError;

/// Messages that wait for their turn; more are refused as overload.
pub(super) const QUEUE: usize = 4096;
/// Bytes of them; one message may be larger.
pub(super) const QUEUE_BYTES: u32 = 32 << 20;

/// What is put here goes to the publisher, in order.
#[derive(Clone)]
pub(super) struct Queue {
    messages: mpsc::Sender<Outgoing>,
    /// A permit is a byte.
    room: Arc<Semaphore>,
}

impl Queue {
    pub(super) fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (messages, receiver) = mpsc::channel(QUEUE);
        let room = Arc::new(Semaphore::new(QUEUE_BYTES as usize));
        (Self { messages, room }, receiver)
    }

    /// Puts a message at the end, as soon as there is room for it. It keeps its room until it is being sent.
    pub(super) async fn put(&self, mut outgoing: Outgoing) -> Result<(), TransportError> {
        let bytes = u32::try_from(outgoing.message.body.len()).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(bytes.min(QUEUE_BYTES));
        outgoing.room = Some(room.await.map_err(|_| TransportError::Closed)?);
        self.messages
            .send(outgoing)
            .await
            .map_err(|_| TransportError::Closed)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;
    use tokio::time::Instant;

    use super::*;
    use crate::transport::{Message, Route};

    const ALL: usize = QUEUE_BYTES as usize;

    fn message(bytes: usize) -> Outgoing {
        let message = Message {
            body: vec![0; bytes].into(),
            ..Message::default()
        };
        let route = Route::Fanout { topic: "t".into() };
        Outgoing::new(route, message, Instant::now()).unwrap().0
    }

    /// Whether there is room for a message of so many bytes.
    fn put(queue: &Queue, bytes: usize) -> bool {
        queue.put(message(bytes)).now_or_never().is_some()
    }

    #[tokio::test]
    async fn messages_keep_their_room_until_they_are_sent() {
        let (queue, mut messages) = Queue::new();
        assert!(put(&queue, ALL / 2) && put(&queue, ALL / 2) && put(&queue, 0));
        let mut first = messages.recv().await.unwrap();
        assert!(!put(&queue, 1));
        first.start_sending();
        assert!(put(&queue, ALL / 2));
        assert!(!put(&queue, 1));
        drop(messages.recv().await);
        assert!(put(&queue, ALL / 2));
    }

    #[tokio::test]
    async fn one_message_may_be_larger() {
        let (queue, mut messages) = Queue::new();
        assert!(put(&queue, ALL + 1));
        assert!(!put(&queue, 1));
        drop(messages.recv().await);
        assert!(put(&queue, 1));
        assert!(!put(&queue, ALL + 1));
    }

    #[tokio::test]
    async fn who_waits_for_room_learns_that_the_publisher_is_gone() {
        let (queue, messages) = Queue::new();
        assert!(put(&queue, ALL));
        let mut waits = pin!(queue.put(message(1)));
        assert_eq!(waits.as_mut().now_or_never(), None);
        drop(messages);
        assert_eq!(waits.await, Err(TransportError::Closed));
    }
}
