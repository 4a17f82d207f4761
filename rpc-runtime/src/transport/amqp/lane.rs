//! A way to the broker, which is begun when first used: a queue, and whoever publishes what is put there.

use std::sync::{PoisonError, RwLock};

use tokio::sync::mpsc;

use super::outgoing::Outgoing;
use super::queue::Queue;
use crate::transport::TransportError;

#[derive(Default)]
pub(super) struct Lane(RwLock<State>);

#[derive(Default)]
enum State {
    /// Nothing was sent yet.
    #[default]
    Idle,
    Open(Queue),
    Closed,
}

impl Lane {
    /// Where to put messages. `begin` is to publish them, if nothing was sent before.
    pub(super) fn queue(
        &self,
        begin: impl FnOnce(mpsc::Receiver<Outgoing>),
    ) -> Result<Queue, TransportError> {
        if let State::Open(queue) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(queue.clone());
        }
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Open(queue) => Ok(queue.clone()),
            State::Closed => Err(TransportError::Closed),
            State::Idle => {
                let (queue, receiver) = Queue::new();
                begin(receiver);
                *state = State::Open(queue.clone());
                Ok(queue)
            }
        }
    }

    /// Takes nothing more. Who publishes ends when what waits is published.
    pub(super) fn close(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = State::Closed;
    }
}
