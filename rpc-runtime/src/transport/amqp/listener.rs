//! Listens to a topic, to one server of it, and to its fan-out; comes back with every new connection.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::ShortString;
use lapin::{Channel, Consumer};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::declare::{Declarer, MISSING_PAUSE, REFUSED_PAUSE, Undeclared};
use super::link::{Session, Status};
use super::pump::{Event, Pump};
use super::topology::{Exchange, Queue, Topology, short};
use crate::transport::{BoxFuture, Delivery, Listen, ListenerControl, Rejected, TransportError};

/// How long what was prefetched is waited for when a listener stops.
const STOP_LIMIT: Duration = Duration::from_millis(500);

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
        let mut pump = Pump::new(channel.clone(), self.prefetch, consumers, self.out.clone());
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
                        Ok(consumer) => pump.restore(index, consumer),
                        // A new channel, and the whole of it again, with its pauses.
                        Err(_) => return End::Again,
                    }
                }
                Event::Failed(reason) => {
                    if !session.is_over() {
                        warn!(reason, "the channel of a listener ended: it is opened again");
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
        pump.give_back(channel, Instant::now() + STOP_LIMIT).await;
        (self.out, _) = mpsc::channel(1);
        let mut declarer = Declarer::new(session);
        let delete = declarer.delete(&self.sources[2].queue.name);
        if !matches!(timeout(STOP_LIMIT, delete).await, Ok(Ok(()))) {
            debug!("the fan-out queue was not deleted: it will expire");
        }
        self.stopped.cancel();
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
