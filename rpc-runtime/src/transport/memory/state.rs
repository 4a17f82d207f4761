//! What the bus keeps under its lock, and the changes to it. Nothing here locks, waits or calls out: what must be
//! dropped outside of the lock is handed back.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::queue::{Limits, Queue, Stored};
use crate::transport::{Delivery, Ledger, Message, Receipt, Rejected, ReplySink};

#[derive(Default)]
pub(super) struct State {
    /// Exchange, then routing key (`topic` or `topic.server`), to the number of a queue.
    pub(super) topics: HashMap<Arc<str>, HashMap<Box<str>, u64>>,
    /// Topic to the queues of those that listen.
    pub(super) fanouts: HashMap<Arc<str>, Vec<u64>>,
    pub(super) addresses: HashMap<Arc<str>, Address>,
    // Sorted, not hashed, where keys are small numbers: hashing one costs more than finding it.
    pub(super) queues: BTreeMap<u64, Queue>,
    pub(super) listeners: BTreeMap<u64, Consumer>,
    last_id: u64,
    last_message: u64,
}

pub(super) struct Address {
    pub(super) owner: u64,
    pub(super) sink: Arc<dyn ReplySink>,
}

/// A listener as the bus sees it. It stays until its last delivery is settled.
pub(super) struct Consumer {
    pub(super) owner: u64,
    pub(super) topic: Arc<str>,
    /// The queues it takes from: topic, `topic.server`, fan-out.
    pub(super) queues: [u64; 3],
    /// None when it has stopped.
    pub(super) sender: Option<mpsc::Sender<Delivery>>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) prefetch: usize,
    pub(super) last_tag: u64,
    pub(super) unsettled: BTreeMap<u64, Unsettled>,
}

impl Consumer {
    pub(super) fn can_take(&self) -> bool {
        self.sender.is_some() && self.unsettled.len() < self.prefetch
    }
}

pub(super) struct Unsettled {
    pub(super) queue: u64,
    pub(super) message: Stored,
}

/// What must be dropped after the lock is released.
pub(super) type Released = Vec<mpsc::Sender<Delivery>>;

impl State {
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn store(&mut self, message: Message) -> Stored {
        self.last_message += 1;
        Stored {
            number: self.last_message,
            body: message.body,
            headers: message.headers,
            expires: message
                .expiration
                .and_then(|after| Instant::now().checked_add(after)),
            redelivered: false,
        }
    }

    pub(super) fn declare(&mut self, exchange: &Arc<str>, key: &str) -> u64 {
        let known = self.topics.get(exchange).and_then(|keys| keys.get(key));
        if let Some(&queue) = known {
            return queue;
        }
        let queue = self.next_id();
        self.queues.insert(queue, Queue::default());
        self.topics
            .entry(Arc::clone(exchange))
            .or_default()
            .insert(key.into(), queue);
        queue
    }

    pub(super) fn declare_fanout(&mut self, topic: &Arc<str>) -> u64 {
        let queue = self.next_id();
        self.queues.insert(queue, Queue::default());
        self.fanouts.entry(Arc::clone(topic)).or_default().push(queue);
        queue
    }

    /// A fan-out queue ends with its listener; what returns to it later is lost.
    pub(super) fn put_back(&mut self, queue: u64, mut message: Stored) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            message.redelivered = true;
            queue.put_back(message);
        }
    }

    /// Gives a message to a listener if one can take it now, otherwise keeps it.
    pub(super) fn deliver(
        &mut self,
        id: u64,
        mut message: Stored,
        limits: Limits,
        released: &mut Released,
    ) -> Result<(), Rejected> {
        let Some(queue) = self.queues.get_mut(&id) else {
            return Ok(());
        };
        if queue.is_empty() {
            while let Some(taker) = self.taker(id) {
                match self.hand_out(id, taker, message, released) {
                    Ok(()) => return Ok(()),
                    Err(refused) => message = refused,
                }
            }
        }
        match self.queues.get_mut(&id) {
            Some(queue) => queue.push(message, limits),
            None => Ok(()),
        }
    }

    /// The listener whose turn it is among those of a queue that can take something.
    pub(super) fn taker(&mut self, queue: u64) -> Option<u64> {
        let listeners = &self.listeners;
        let can_take = |id| listeners.get(&id).is_some_and(Consumer::can_take);
        self.queues.get_mut(&queue)?.choose(can_take)
    }

    /// Hands out what waits in a queue, as far as its listeners take it.
    pub(super) fn serve_queue(&mut self, id: u64, released: &mut Released) {
        while self.next_number(id).is_some() {
            let Some(taker) = self.taker(id) else { return };
            self.hand_out_first(id, taker, released);
        }
    }

    /// Fills a listener up to its prefetch, in the order in which the messages arrived on the bus.
    pub(super) fn serve_listener(&mut self, id: u64, released: &mut Released) {
        while let Some(listener) = self.listeners.get(&id).filter(|l| l.can_take()) {
            let queues = listener.queues;
            let waiting = |queue| Some((self.next_number(queue)?, queue));
            let Some((_, queue)) = queues.into_iter().filter_map(waiting).min() else {
                return;
            };
            self.hand_out_first(queue, id, released);
        }
    }

    pub(super) fn next_number(&mut self, queue: u64) -> Option<u64> {
        self.queues.get_mut(&queue)?.next_number()
    }

    pub(super) fn hand_out_first(&mut self, queue: u64, listener: u64, released: &mut Released) {
        let Some(message) = self.queues.get_mut(&queue).and_then(Queue::pop) else {
            return;
        };
        if let Err(message) = self.hand_out(queue, listener, message, released)
            && let Some(queue) = self.queues.get_mut(&queue)
        {
            queue.put_back(message);
        }
    }

    /// Gives a message to a listener that can take it. It comes back when nobody holds the receiving end any more;
    /// the listener is stopped then.
    pub(super) fn hand_out(
        &mut self,
        queue: u64,
        id: u64,
        message: Stored,
        released: &mut Released,
    ) -> Result<(), Stored> {
        let Some(listener) = self.listeners.get_mut(&id) else {
            return Err(message);
        };
        // The channel holds as many as may be unsettled, so it is never full.
        let Some(Ok(permit)) = listener.sender.as_ref().map(mpsc::Sender::try_reserve) else {
            self.stop(id, released);
            return Err(message);
        };
        listener.last_tag += 1;
        let tag = listener.last_tag;
        permit.send(Delivery {
            body: message.body.clone(),
            headers: message.headers.clone(),
            redelivered: message.redelivered,
            receipt: Receipt::new(Arc::clone(&listener.ledger), tag),
        });
        listener.unsettled.insert(tag, Unsettled { queue, message });
        Ok(())
    }

    pub(super) fn stop(&mut self, id: u64, released: &mut Released) {
        let Some(listener) = self.listeners.get_mut(&id) else {
            return;
        };
        let Some(sender) = listener.sender.take() else {
            return;
        };
        released.push(sender);
        let [topic, server, fanout] = listener.queues;
        for queue in [topic, server] {
            if let Some(queue) = self.queues.get_mut(&queue) {
                queue.remove_consumer(id);
            }
        }
        self.queues.remove(&fanout);
        if let Some(queues) = self.fanouts.get_mut(&listener.topic) {
            queues.retain(|&queue| queue != fanout);
            if queues.is_empty() {
                self.fanouts.remove(&listener.topic);
            }
        }
        self.forget_if_done(id);
    }

    pub(super) fn forget_if_done(&mut self, id: u64) {
        let done = |listener: &Consumer| listener.sender.is_none() && listener.unsettled.is_empty();
        if self.listeners.get(&id).is_some_and(done) {
            self.listeners.remove(&id);
        }
    }
}
