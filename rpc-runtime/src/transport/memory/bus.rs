//! The bus itself: names, queues and listeners under one lock, as a broker keeps them.
//!
//! Every operation is synchronous and short. What could call back into the bus when it is dropped (a channel with
//! deliveries in it) leaves the lock before it is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::queue::Limits;
use super::state::{Address, Consumer, Released, State, Unsettled};
use crate::transport::{
    Delivery, Ledger, Listen, Message, Rejected, ReplySink, Route, Settlement, TransportError,
};

/// Shared by everything that opened the same name.
pub(super) struct Bus {
    limits: Limits,
    state: Mutex<State>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").finish_non_exhaustive()
    }
}

impl Bus {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            state: Mutex::default(),
        })
    }

    /// Nothing here panics between two changes that belong together, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number nobody else on this bus has.
    pub(super) fn next_id(&self) -> u64 {
        self.lock().next_id()
    }

    pub(super) fn send(&self, route: &Route, message: Message) -> Result<(), TransportError> {
        if message.body.len() > self.limits.body {
            return Err(TransportError::Rejected(Rejected::Oversize {
                size: message.body.len(),
                detail: format!("the limit is {} bytes", self.limits.body),
            }));
        }
        match route {
            Route::Topic {
                exchange,
                topic,
                server,
            } => self.send_to_topic(exchange, topic, server.as_deref(), message, route),
            Route::Fanout { topic } => {
                self.send_to_all(topic, &message);
                Ok(())
            }
            Route::Reply { address } => {
                let sink = match self.lock().addresses.get(address) {
                    Some(address) => Arc::clone(&address.sink),
                    None => {
                        route.check()?;
                        return Err(TransportError::Unroutable(route.clone()));
                    }
                };
                sink.deliver(message.body, message.headers);
                Ok(())
            }
        }
    }

    fn send_to_topic(
        &self,
        exchange: &str,
        topic: &str,
        server: Option<&str>,
        message: Message,
        route: &Route,
    ) -> Result<(), TransportError> {
        let mandatory = message.mandatory;
        let mut released = Released::new();
        let mut state = self.lock();
        let queue = state.topics.get(exchange).and_then(|keys| match server {
            None => keys.get(topic),
            Some(server) => keys.get(routing_key(topic, server).as_str()),
        });
        let Some(&queue) = queue else {
            // Without `mandatory` a broker confirms what it cannot route, and forgets it.
            return if mandatory {
                Err(TransportError::Unroutable(route.clone()))
            } else {
                Ok(())
            };
        };
        let message = state.store(message);
        let delivered = state.deliver(queue, message, self.limits, &mut released);
        drop(state);
        delivered.map_err(TransportError::Rejected)
    }

    fn send_to_all(&self, topic: &str, message: &Message) {
        let mut released = Released::new();
        let mut state = self.lock();
        let queues = state.fanouts.get(topic).cloned().unwrap_or_default();
        for queue in queues {
            let message = state.store(message.clone());
            if let Err(error) = state.deliver(queue, message, self.limits, &mut released) {
                tracing::warn!(topic, %error, "a listener lost a fan-out message");
            }
        }
        drop(state);
    }

    pub(super) fn open_address(
        &self,
        owner: u64,
        address: String,
        sink: Arc<dyn ReplySink>,
    ) -> Result<(), TransportError> {
        let mut state = self.lock();
        if state
            .addresses
            .get(address.as_str())
            .is_some_and(|open| open.owner != owner)
        {
            return Err(TransportError::InvalidTarget(format!(
                "the reply address '{address}' belongs to another connection"
            )));
        }
        state.addresses.insert(address.into(), Address { owner, sink });
        Ok(())
    }

    /// Declares the queues and begins to deliver. Returns the listener's number.
    pub(super) fn listen(self: &Arc<Self>, owner: u64, to: &Listen) -> (u64, mpsc::Receiver<Delivery>) {
        let prefetch = usize::from(to.prefetch.max(1));
        let (sender, receiver) = mpsc::channel(prefetch);
        let mut released = Released::new();
        let mut state = self.lock();
        let id = state.next_id();
        let queues = [
            state.declare(&to.exchange, &to.topic),
            state.declare(&to.exchange, &routing_key(&to.topic, &to.server)),
            state.declare_fanout(&to.topic),
        ];
        for queue in queues {
            if let Some(queue) = state.queues.get_mut(&queue) {
                queue.add_consumer(id);
            }
        }
        state.listeners.insert(
            id,
            Consumer {
                owner,
                topic: Arc::clone(&to.topic),
                queues,
                sender: Some(sender),
                ledger: Arc::new(BusLedger {
                    bus: Arc::clone(self),
                    listener: id,
                }),
                prefetch,
                last_tag: 0,
                unsettled: BTreeMap::new(),
            },
        );
        state.serve_listener(id, &mut released);
        drop(state);
        (id, receiver)
    }

    /// No further deliveries; what is out can still be settled.
    pub(super) fn stop(&self, listener: u64) {
        let mut released = Released::new();
        let mut state = self.lock();
        state.stop(listener, &mut released);
        drop(state);
    }

    /// Takes away everything that belongs to `owner`; its unsettled messages return to their queues.
    pub(super) fn close(&self, owner: u64) {
        let mut released = Released::new();
        let mut sinks = Vec::new();
        let mut state = self.lock();
        sinks.extend(
            state
                .addresses
                .extract_if(|_, address| address.owner == owner)
                .map(|(_, address)| address.sink),
        );
        let listeners: Vec<u64> = state
            .listeners
            .iter()
            .filter(|(_, listener)| listener.owner == owner)
            .map(|(&id, _)| id)
            .collect();
        for id in &listeners {
            state.stop(*id, &mut released);
        }
        let mut queues = BTreeSet::new();
        for id in &listeners {
            let unsettled = state.listeners.remove(id).map(|l| l.unsettled);
            for Unsettled { queue, message } in unsettled.into_iter().flat_map(BTreeMap::into_values) {
                state.put_back(queue, message);
                queues.insert(queue);
            }
        }
        for queue in queues {
            state.serve_queue(queue, &mut released);
        }
        drop(state);
    }
}

/// The key under which one server of a topic is reached.
fn routing_key(topic: &str, server: &str) -> String {
    [topic, server].join(".")
}

/// Where the receipts of one listener report.
struct BusLedger {
    bus: Arc<Bus>,
    listener: u64,
}

impl Ledger for BusLedger {
    fn settle(&self, tag: u64, how: Settlement) {
        let mut released = Released::new();
        let mut state = self.bus.lock();
        let Some(listener) = state.listeners.get_mut(&self.listener) else {
            return;
        };
        // Messages wait only while all who could take them are full.
        let was_full = !listener.can_take();
        let Some(Unsettled { queue, message }) = listener.unsettled.remove(&tag) else {
            return;
        };
        let settled = match how {
            Settlement::Ack | Settlement::Reject => Some(message),
            Settlement::Requeue => {
                state.put_back(queue, message);
                state.serve_queue(queue, &mut released);
                None
            }
        };
        if was_full {
            state.serve_listener(self.listener, &mut released);
            state.forget_if_done(self.listener);
        }
        drop(state);
        drop(settled);
    }

    fn is_void(&self, tag: u64) -> bool {
        let state = self.bus.lock();
        let listener = state.listeners.get(&self.listener);
        !listener.is_some_and(|listener| listener.unsettled.contains_key(&tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stopped_leaves_nothing_but_its_topics() {
        let bus = Bus::new(Limits::default());
        let to = Listen {
            exchange: "openstack".into(),
            topic: "t".into(),
            server: "s".into(),
            prefetch: 10,
        };
        let route = Route::Topic {
            exchange: "openstack".into(),
            topic: "t".into(),
            server: None,
        };
        for round in 0..10 {
            let (listener, mut deliveries) = bus.listen(round, &to);
            bus.send(&route, Message::default()).unwrap();
            bus.send(&Route::Fanout { topic: "t".into() }, Message::default())
                .unwrap();
            if round % 2 == 0 {
                bus.stop(listener);
            }
            while let Ok(delivery) = deliveries.try_recv() {
                delivery.receipt.ack();
            }
            bus.close(round);
        }
        let mut state = bus.lock();
        assert!(state.listeners.is_empty());
        assert!(state.fanouts.is_empty());
        assert_eq!(state.queues.len(), 2);
        for queue in state.queues.values_mut() {
            assert!(queue.is_empty());
            assert_eq!(queue.choose(|_| true), None);
        }
    }
}
