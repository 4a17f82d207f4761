//! Moves deliveries of one channel from lapin to whoever receives them, within the prefetch.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use lapin::message::Delivery as Received;
use lapin::options::BasicCancelOptions;
use lapin::{Channel, Consumer};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep, timeout_at};
use tracing::warn;

use super::properties;
use super::tally::{CONSUMERS, PATIENCE, Tally};
use crate::transport::{Delivery, Ledger, Receipt, Settlement};

/// Deliveries handed over before other tasks get a turn.
const TURN: usize = 128;

/// Moves deliveries of one channel from lapin to the receiver.
pub(super) struct Pump {
    out: mpsc::Sender<Delivery>,
    tally: Arc<Tally>,
    consumers: [Option<Consumer>; CONSUMERS],
    /// Received while as much was out as may be: the broker allows that to each consumer, we to all of them.
    held: VecDeque<(Instant, Received)>,
    /// Which consumer comes first: none may starve another.
    turn: usize,
    /// Runs while acknowledgements wait for others.
    untold_since: Option<Pin<Box<Sleep>>>,
}

/// What else is to be done.
pub(super) enum Event {
    /// The listener is to stop. Not the pump's own.
    Stop,
    /// The receiver has no room, which is left of an earlier connection.
    Full(Delivery),
    /// The broker ended a consumer.
    Cancelled(usize),
    /// The channel is of no more use, and why.
    Failed(String),
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.tally.end();
    }
}

impl Pump {
    pub(super) fn new(
        channel: Channel,
        prefetch: u16,
        consumers: [Option<Consumer>; CONSUMERS],
        out: mpsc::Sender<Delivery>,
    ) -> Self {
        Self {
            out,
            tally: Arc::new(Tally::new(channel, prefetch)),
            consumers,
            held: VecDeque::new(),
            turn: 0,
            untold_since: None,
        }
    }

    /// A consumer in the place of one that the broker ended.
    pub(super) fn restore(&mut self, index: usize, consumer: Consumer) {
        if let Some(place) = self.consumers.get_mut(index) {
            *place = Some(consumer);
        }
    }

    /// Ends the consumers, and gives what nobody took back to the broker. Nothing more is handed over.
    pub(super) async fn give_back(&mut self, channel: &Channel, limit: Instant) {
        for consumer in self.consumers.iter().flatten() {
            let cancel = channel.basic_cancel(consumer.tag(), BasicCancelOptions::default());
            let _ = timeout_at(limit, cancel).await;
        }
        let give_back = |tag| {
            if self.tally.hand_out(tag) {
                self.tally.settle(tag, Settlement::Requeue);
            }
        };
        for (_, received) in self.held.drain(..) {
            give_back(received.delivery_tag);
        }
        let rest = async {
            for consumer in self.consumers.iter_mut().flatten() {
                while let Some(Ok(received)) = consumer.next().await {
                    give_back(received.delivery_tag);
                }
            }
        };
        let _ = timeout_at(limit, rest).await;
        // The receiver sees the end when the last sender is gone.
        (self.out, _) = mpsc::channel(1);
    }

    /// Hands over until something else is to be done.
    pub(super) async fn next(&mut self) -> Event {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// Waits until all is settled.
    pub(super) async fn settled(&mut self) {
        std::future::poll_fn(|cx| {
            self.tell_in_time(cx);
            self.tally.poll_settled(cx)
        })
        .await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        self.tell_in_time(cx);
        for _ in 0..TURN {
            let room = self.tally.poll_room(cx).is_ready();
            if room && let Some((since, received)) = self.held.pop_front() {
                if let Err(event) = self.pass_on(received, Some(since)) {
                    return Poll::Ready(event);
                }
                continue;
            }
            let received = match self.poll_consumers(cx) {
                None => return Poll::Pending,
                Some((_, Some(Ok(received)))) => received,
                Some((_, Some(Err(error)))) => return Poll::Ready(Event::Failed(error.to_string())),
                Some((index, None)) => {
                    self.consumers[index] = None;
                    return Poll::Ready(Event::Cancelled(index));
                }
            };
            if !room {
                self.held.push_back((Instant::now(), received));
            } else if let Err(event) = self.pass_on(received, None) {
                return Poll::Ready(event);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn pass_on(&self, received: Received, held_since: Option<Instant>) -> Result<(), Event> {
        let tag = received.delivery_tag;
        if !self.tally.hand_out(tag) {
            return Err(Event::Failed(format!("the delivery tag {tag} is out of order")));
        }
        match self.open(received, held_since) {
            Some(delivery) => self.hand_over(delivery),
            None => Ok(()),
        }
    }

    fn hand_over(&self, delivery: Delivery) -> Result<(), Event> {
        match self.out.try_send(delivery) {
            Err(mpsc::error::TrySendError::Full(delivery)) => Err(Event::Full(delivery)),
            // Without a receiver the delivery returns to the broker, and the next round sees that it is gone.
            _ => Ok(()),
        }
    }

    fn poll_consumers(&mut self, cx: &mut Context<'_>) -> Option<(usize, Option<lapin::Result<Received>>)> {
        let count = self.consumers.len();
        for step in 0..count {
            let index = (self.turn + step) % count;
            let Some(consumer) = self.consumers.get_mut(index).and_then(Option::as_mut) else {
                continue;
            };
            if let Poll::Ready(item) = Pin::new(consumer).poll_next(cx) {
                self.turn = index + 1;
                return Some((index, item));
            }
        }
        None
    }

    /// What lapin received, as a delivery of ours. What nobody can read is rejected here.
    fn open(&self, received: Received, held_since: Option<Instant>) -> Option<Delivery> {
        let tag = received.delivery_tag;
        if let (Some(since), Some(limit)) = (held_since, properties::expiration(&received.properties))
            && since.elapsed() >= limit
        {
            self.tally.settle(tag, Settlement::Reject);
            return None;
        }
        match properties::read(&received.properties) {
            Ok(headers) => {
                let ledger = Arc::clone(&self.tally);
                Some(Delivery {
                    body: Bytes::from(received.data),
                    headers,
                    redelivered: received.redelivered,
                    receipt: Receipt::new(ledger, tag),
                })
            }
            Err(content_type) => {
                warn!(
                    content_type,
                    key = %received.routing_key,
                    "a message that is not JSON was rejected"
                );
                self.tally.settle(tag, Settlement::Reject);
                None
            }
        }
    }

    /// Acknowledgements wait for others, but not long.
    fn tell_in_time(&mut self, cx: &mut Context<'_>) {
        if self.untold_since.is_none() && self.tally.poll_untold(cx).is_ready() {
            self.untold_since = Some(Box::pin(sleep(PATIENCE)));
        }
        if let Some(since) = &mut self.untold_since
            && since.as_mut().poll(cx).is_ready()
        {
            self.tally.tell();
            self.untold_since = None;
            // Registers for the next.
            if self.tally.poll_untold(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
    }
}
