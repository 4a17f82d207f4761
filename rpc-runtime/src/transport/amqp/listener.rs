//! Listens to a topic, to one server of it, and to its fan-out; comes back with every new connection.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::ShortString;
use lapin::{Channel, Consumer};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::declare::{Declarer, Undeclared};
use super::link::{Session, Status};
use super::properties;
use super::tally::{PATIENCE, Tally};
use super::topology::{Exchange, Queue, Topology, short};
use crate::transport::{
    BoxFuture, Delivery, Ledger, Listen, ListenerControl, Receipt, Rejected, Settlement, TransportError,
};

/// How long what was prefetched is waited for when a listener stops.
const STOP_LIMIT: Duration = Duration::from_millis(500);
/// Between two tries to declare what the broker refuses.
const REFUSED_PAUSE: Duration = Duration::from_secs(5);
const MISSING_PAUSE: Duration = Duration::from_millis(200);
/// Deliveries handed over before other tasks get a turn.
const TURN: usize = 128;

/// What a server consumes from, in the order of its declaration.
#[derive(Debug)]
struct Source {
    exchange: Exchange,
    queue: Queue,
    key: ShortString,
}

/// The task behind a listener.
pub(super) struct Listening {
    sources: [Source; 3],
    topology: Topology,
    prefetch: u16,
    status: watch::Receiver<Status>,
    /// The receiving end.
    out: mpsc::Sender<Delivery>,
    stop: CancellationToken,
    stopped: CancellationToken,
    /// Told once: it listens, or why it never will.
    started: Option<oneshot::Sender<Result<(), TransportError>>>,
}

/// What the owner of a listener holds.
pub(super) struct Control {
    pub(super) stop: CancellationToken,
    pub(super) stopped: CancellationToken,
}

impl ListenerControl for Control {
    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.stop.cancel();
            self.stopped.cancelled().await;
        })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Why a channel is not used any further.
enum End {
    /// The listener is to stop.
    Stop,
    /// The channel or its connection is gone: again, on the next.
    Again,
}

impl Listening {
    pub(super) fn new(
        to: &Listen,
        topology: Topology,
        prefetch: u16,
        status: watch::Receiver<Status>,
        ends: &Control,
        out: mpsc::Sender<Delivery>,
        started: oneshot::Sender<Result<(), TransportError>>,
    ) -> Result<Self, TransportError> {
        let topic = short(&*to.topic)?;
        let own = short(format!("{}.{}", to.topic, to.server))?;
        let scope = topology.topic_exchange(short(&*to.exchange)?);
        let fanout = topology.fanout_exchange(&to.topic)?;
        let fanout_queue = short(format!("{}_fanout_{}", to.topic, uuid::Uuid::new_v4().simple()))?;
        let sources = [
            Source {
                exchange: scope.clone(),
                queue: topology.topic_queue(topic.clone()),
                key: topic.clone(),
            },
            Source {
                exchange: scope,
                queue: topology.topic_queue(own.clone()),
                key: own,
            },
            Source {
                exchange: fanout,
                queue: topology.transient_queue(fanout_queue),
                key: topic,
            },
        ];
        Ok(Self {
            sources,
            topology,
            prefetch,
            status,
            out,
            stop: ends.stop.clone(),
            stopped: ends.stopped.clone(),
            started: Some(started),
        })
    }

    pub(super) async fn run(mut self) {
        let _stopped = self.stopped.clone().drop_guard();
        while let Some(session) = self.connected().await {
            match self.serve(&session).await {
                End::Stop => return,
                End::Again => {}
            }
        }
    }

    /// Waits for a connection. `None` when there is no further use for one.
    async fn connected(&mut self) -> Option<Arc<Session>> {
        loop {
            match &*self.status.borrow_and_update() {
                Status::Up(session) if !session.is_over() => return Some(Arc::clone(session)),
                Status::Closed => return None,
                Status::Down(Some(failure)) if failure.is_final() => {
                    if let Some(started) = self.started.take() {
                        let _ = started.send(Err(TransportError::Connect {
                            host: failure.host.clone(),
                            reason: failure.reason.clone(),
                        }));
                        return None;
                    }
                }
                _ => {}
            }
            tokio::select! {
                changed = self.status.changed() => changed.ok()?,
                () = self.stop.cancelled() => return None,
                () = self.out.closed() => return None,
            }
        }
    }

    /// Listens on one channel.
    async fn serve(&mut self, session: &Session) -> End {
        let (channel, consumers) = match self.subscribe(session).await {
            Ok(subscribed) => subscribed,
            Err(Undeclared::Gone) => {
                self.pause(session, Duration::MAX).await;
                return End::Again;
            }
            Err(Undeclared::Missing) => {
                self.pause(session, MISSING_PAUSE).await;
                return End::Again;
            }
            Err(Undeclared::Refused(text)) => {
                if let Some(started) = self.started.take() {
                    let _ = started.send(Err(Rejected::Denied(text).into()));
                    return End::Stop;
                }
                warn!(reason = text, "cannot listen at the moment");
                self.pause(session, REFUSED_PAUSE).await;
                return End::Again;
            }
        };
        if let Some(started) = self.started.take() {
            let _ = started.send(Ok(()));
        }
        debug!(topic = %self.sources[0].queue.name, connection = session.number(), "listening");
        let mut pump = Pump {
            out: self.out.clone(),
            tally: Arc::new(Tally::new(channel.clone(), self.prefetch)),
            consumers,
            held: VecDeque::new(),
            turn: 0,
            untold_since: None,
        };
        loop {
            let event = {
                let stop = pin!(self.stop.cancelled());
                let over = pin!(session.over());
                let gone = pin!(self.out.closed());
                tokio::select! {
                    event = pump.next() => event,
                    () = stop => Event::Stop,
                    () = gone => Event::Stop,
                    () = over => return End::Again,
                }
            };
            match event {
                Event::Stop => {
                    self.stop(session, &channel, pump).await;
                    return End::Stop;
                }
                Event::Full(delivery) => tokio::select! {
                    // An error means that the receiver is gone, which the next round sees.
                    _ = self.out.send(delivery) => {}
                    () = self.stop.cancelled() => {}
                    () = session.over() => return End::Again,
                },
                Event::Cancelled(index) => {
                    debug!(queue = %self.sources[index].queue.name, "the queue was deleted: it is declared again");
                    match self.subscribe_again(session, &channel, index).await {
                        Ok(consumer) => pump.consumers[index] = Some(consumer),
                        Err(_) if session.is_over() => return End::Again,
                        // A new channel, and the whole of it again, with its pauses.
                        Err(_) => return End::Again,
                    }
                }
                Event::Failed(error) => {
                    if !session.is_over() {
                        warn!(%error, "the channel of a listener was closed: it is opened again");
                    }
                    return End::Again;
                }
            }
        }
    }

    async fn pause(&self, session: &Session, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = session.over() => {}
            () = self.stop.cancelled() => {}
            () = self.out.closed() => {}
        }
    }

    /// Declares everything, and consumes.
    async fn subscribe(&self, session: &Session) -> Result<(Channel, [Option<Consumer>; 3]), Undeclared> {
        let mut declarer = Declarer::new(session);
        for source in &self.sources {
            source.declare(&mut declarer).await?;
        }
        let channel = session.channel().await.ok_or(Undeclared::Gone)?;
        let qos = channel.basic_qos(self.prefetch, BasicQosOptions { global: false });
        session
            .step("limiting the prefetch", qos)
            .await
            .and_then(Result::ok)
            .ok_or(Undeclared::Gone)?;
        let mut consumers = [None, None, None];
        for (index, (consumer, source)) in consumers.iter_mut().zip(&self.sources).enumerate() {
            let tag = (index + 1).to_string();
            *consumer = Some(self.consume(session, &channel, &source.queue, tag).await?);
        }
        Ok((channel, consumers))
    }

    async fn subscribe_again(
        &self,
        session: &Session,
        channel: &Channel,
        index: usize,
    ) -> Result<Consumer, Undeclared> {
        let source = &self.sources[index];
        source.declare(&mut Declarer::new(session)).await?;
        let tag = format!("{}-{}", index + 1, uuid::Uuid::new_v4().simple());
        self.consume(session, channel, &source.queue, tag).await
    }

    async fn consume(
        &self,
        session: &Session,
        channel: &Channel,
        queue: &Queue,
        tag: String,
    ) -> Result<Consumer, Undeclared> {
        let tag = ShortString::try_new(tag).unwrap_or_default();
        let consume = channel.basic_consume(
            queue.name.clone(),
            tag,
            BasicConsumeOptions::default(),
            self.topology.consume_arguments(),
        );
        match session.step("subscribing", consume).await {
            Some(Ok(consumer)) => Ok(consumer),
            Some(Err(error)) if error.is_amqp_soft_error() => {
                Err(Undeclared::Refused(format!("queue '{}': {error}", queue.name)))
            }
            _ => Err(Undeclared::Gone),
        }
    }

    /// Ends in order: nothing more arrives, what nobody took returns to the broker, and what was taken can be
    /// settled while the connection lasts.
    async fn stop(&mut self, session: &Session, channel: &Channel, mut pump: Pump) {
        let limit = Instant::now() + STOP_LIMIT;
        for consumer in pump.consumers.iter().flatten() {
            let cancel = channel.basic_cancel(consumer.tag(), BasicCancelOptions::default());
            let _ = tokio::time::timeout_at(limit, cancel).await;
        }
        let give_back = |tag| {
            pump.tally.hand_out(tag);
            pump.tally.settle(tag, Settlement::Requeue);
        };
        for (_, received) in pump.held.drain(..) {
            give_back(received.delivery_tag);
        }
        let rest = async {
            for consumer in pump.consumers.iter_mut().flatten() {
                while let Some(Ok(received)) = consumer.next().await {
                    give_back(received.delivery_tag);
                }
            }
        };
        let _ = tokio::time::timeout_at(limit, rest).await;
        let mut declarer = Declarer::new(session);
        let delete = declarer.delete(&self.sources[2].queue.name);
        if !matches!(timeout(STOP_LIMIT, delete).await, Ok(Ok(()))) {
            debug!("the fan-out queue was not deleted: it will expire");
        }
        self.stopped.cancel();
        // The receiver sees the end only when the last sender is gone.
        let (closed, _) = mpsc::channel(1);
        self.out = closed.clone();
        pump.out = closed;
        tokio::select! {
            () = pump.settled() => {}
            () = session.over() => {}
        }
        let close = channel.close(200, "OK".into());
        let _ = timeout(STOP_LIMIT, close).await;
    }
}

impl Source {
    async fn declare(&self, declarer: &mut Declarer<'_>) -> Result<(), Undeclared> {
        declarer.exchange(&self.exchange).await?;
        declarer.queue(&self.queue).await?;
        declarer
            .bind(&self.queue.name, &self.exchange.name, &self.key)
            .await
    }
}

/// Moves deliveries of one channel from lapin to the receiver.
struct Pump {
    out: mpsc::Sender<Delivery>,
    tally: Arc<Tally>,
    consumers: [Option<Consumer>; 3],
    /// Received while as much was out as may be: the broker allows that to each consumer, we to all of them.
    held: VecDeque<(Instant, LapinDelivery)>,
    /// Which consumer comes first: none may starve another.
    turn: usize,
    /// Runs while acknowledgements wait for others.
    untold_since: Option<Pin<Box<Sleep>>>,
}

enum Event {
    Stop,
    /// The receiver has no room, which is left of an earlier connection.
    Full(Delivery),
    /// The broker ended a consumer.
    Cancelled(usize),
    /// The broker ended the channel.
    Failed(lapin::Error),
}

impl Pump {
    /// Hands over until something else is to be done.
    async fn next(&mut self) -> Event {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// Waits until all is settled.
    async fn settled(&mut self) {
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
                if let Some(delivery) = self.open(received, Some(since))
                    && let Err(full) = self.hand_over(delivery)
                {
                    return Poll::Ready(full);
                }
                continue;
            }
            let received = match self.poll_consumers(cx) {
                None => return Poll::Pending,
                Some((_, Some(Ok(received)))) => received,
                Some((_, Some(Err(error)))) => return Poll::Ready(Event::Failed(error)),
                Some((index, None)) => {
                    self.consumers[index] = None;
                    return Poll::Ready(Event::Cancelled(index));
                }
            };
            if !room {
                self.held.push_back((Instant::now(), received));
            } else if let Some(delivery) = self.open(received, None)
                && let Err(full) = self.hand_over(delivery)
            {
                return Poll::Ready(full);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn hand_over(&self, delivery: Delivery) -> Result<(), Event> {
        match self.out.try_send(delivery) {
            Err(mpsc::error::TrySendError::Full(delivery)) => Err(Event::Full(delivery)),
            // Without a receiver the delivery returns to the broker, and the next round sees that it is gone.
            _ => Ok(()),
        }
    }

    fn poll_consumers(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Option<(usize, Option<lapin::Result<LapinDelivery>>)> {
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
    fn open(&self, received: LapinDelivery, held_since: Option<Instant>) -> Option<Delivery> {
        let tag = received.delivery_tag;
        self.tally.hand_out(tag);
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

type LapinDelivery = lapin::message::Delivery;
