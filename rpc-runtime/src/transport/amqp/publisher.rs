//! Publishes: one task, one channel, every confirm held.
//!
//! All first polls of lapin's publish futures happen in this task, in order, so that confirms cannot be mixed up.
//! What was not confirmed when a channel or connection ends is published again with the same bytes, until its
//! deadline; the receiver drops duplicates by their unique id.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use lapin::options::BasicPublishOptions;
use lapin::types::ShortString;
use lapin::{Channel, Confirmation, ErrorKind};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval, timeout};
use tracing::{debug, warn};

use super::blame::{Blame, blame, judge};
use super::declare::{Declarer, Undeclared};
use super::link::{Health, Session, Status};
use super::outgoing::Outgoing;
use super::properties;
use super::queue::QUEUE;
use super::topology::Topology;
use super::window::Window;
use crate::transport::{Rejected, Route, TransportError};

/// Messages handed to lapin and not confirmed, whose queue has no bound of its own.
const WINDOW: usize = 2048;
/// Bytes of them; one message may be larger.
const WINDOW_BYTES: usize = 32 << 20;
const BATCH: usize = 64;
/// Where something waits and nothing is confirmed for so long, the confirms are lost.
const SILENCE: Duration = Duration::from_secs(30);

type Confirming = Pin<Box<dyn Future<Output = (u64, lapin::Result<Confirmation>)> + Send>>;

/// The task that publishes.
pub(super) struct Publisher {
    pub(super) queue: mpsc::Receiver<Outgoing>,
    pub(super) status: watch::Receiver<Status>,
    pub(super) topology: Topology,
    pub(super) fail_when_blocked: bool,
}

/// Why a channel is not used any further.
enum End {
    /// It is over, alone or with its session, or the session was blocked before it was of use.
    Channel,
    /// The transport is closed.
    Transport,
}

impl Publisher {
    pub(super) async fn run(mut self) {
        let mut backlog = VecDeque::new();
        while let Some(session) = self.connected(&mut backlog).await {
            if self.serve(&session, &mut backlog).await.is_none() {
                break;
            }
        }
        self.queue.close();
        while let Some(outgoing) = self.queue.recv().await {
            outgoing.finish(Err(TransportError::Closed));
        }
        for outgoing in backlog {
            outgoing.finish(Err(TransportError::Closed));
        }
    }

    /// Waits for a connection. `None` when the link is closed.
    async fn connected(&mut self, backlog: &mut VecDeque<Outgoing>) -> Option<Arc<Session>> {
        let mut sweep = interval(Duration::from_millis(500));
        loop {
            let status = self.status.borrow_and_update().clone();
            match status {
                Status::Up(session) if !session.is_over() => return Some(session),
                Status::Closed => return None,
                Status::Down(Some(failure)) if failure.is_final() => {
                    for outgoing in backlog.drain(..) {
                        outgoing.finish(Err(TransportError::Connect {
                            host: failure.host.clone(),
                            reason: failure.reason.clone(),
                        }));
                    }
                }
                _ => {}
            }
            tokio::select! {
                changed = self.status.changed() => changed.ok()?,
                outgoing = self.queue.recv(), if backlog.len() < QUEUE => backlog.push_back(outgoing?),
                _ = sweep.tick() => backlog.retain(|outgoing| !outgoing.is_abandoned()),
            }
        }
    }

    /// Publishes until the session is over. `None` when there will be nothing more to publish.
    async fn serve(&mut self, session: &Session, backlog: &mut VecDeque<Outgoing>) -> Option<()> {
        let mut declared = HashSet::new();
        // So many of the backlog go alone, to find the one that the broker closes the channel for.
        let mut alone = 0;
        let mut window = Window::default();
        while session.usable().await {
            let Some(channel) = session.confirm_channel().await else {
                continue;
            };
            let mut run = Run {
                session,
                health: session.health(),
                channel: Arc::new(channel),
                topology: &self.topology,
                declared: &mut declared,
                window: &mut window,
                confirming: FuturesUnordered::new(),
                alone: &mut alone,
                reason: None,
                fail_when_blocked: self.fail_when_blocked,
            };
            let end = run.publish(&mut self.queue, backlog).await;
            let (left, reason) = run.leave().await;
            let blame = reason.as_ref().map_or(Blame::Nobody, blame);
            debug!(?blame, unconfirmed = left.len(), "a channel of publishes is over");
            restore(backlog, judge(left, &blame, &mut declared, &mut alone));
            if let End::Transport = end {
                return None;
            }
        }
        Some(())
    }
}

/// Puts what has to be published again before what waits for its first time.
fn restore(backlog: &mut VecDeque<Outgoing>, left: Vec<Outgoing>) {
    for outgoing in left.into_iter().rev() {
        if !outgoing.is_abandoned() && Instant::now() < outgoing.deadline {
            backlog.push_front(outgoing);
        }
    }
}

/// One channel, from its opening to its end.
struct Run<'r> {
    session: &'r Session,
    health: watch::Receiver<Health>,
    channel: Arc<Channel>,
    topology: &'r Topology,
    /// Exchanges known to exist.
    declared: &'r mut HashSet<ShortString>,
    window: &'r mut Window,
    confirming: FuturesUnordered<Confirming>,
    alone: &'r mut usize,
    /// What the broker closed the channel for.
    reason: Option<lapin::Error>,
    fail_when_blocked: bool,
}

impl Run<'_> {
    async fn publish(
        &mut self,
        queue: &mut mpsc::Receiver<Outgoing>,
        backlog: &mut VecDeque<Outgoing>,
    ) -> End {
        let mut batch = Vec::with_capacity(BATCH);
        let mut look = interval(SILENCE);
        look.reset();
        loop {
            let health = self.health.borrow_and_update().clone();
            if health.ended.is_some() {
                return End::Channel;
            }
            if let Some(reason) = health.blocked.as_ref().filter(|_| self.fail_when_blocked) {
                for outgoing in backlog.drain(..) {
                    outgoing.finish(Err(Rejected::Blocked(reason.to_string()).into()));
                }
            }
            // What lapin is handed while the broker blocks would still be sent after its deadline.
            let open = health.blocked.is_none();
            while open && self.has_room() {
                let Some(outgoing) = backlog.pop_front() else {
                    break;
                };
                if let Err(end) = self.hand_over(outgoing, backlog).await {
                    return end;
                }
            }
            tokio::select! {
                biased;
                Some((seq, confirmed)) = self.confirming.next(), if !self.confirming.is_empty() => {
                    let mut next = Some((seq, confirmed));
                    while let Some((seq, confirmed)) = next {
                        match confirmed {
                            Ok(confirmation) => self.confirmed(seq, &confirmation),
                            Err(error) => {
                                self.hear(error);
                                return End::Channel;
                            }
                        }
                        next = self.confirming.next().now_or_never().flatten();
                    }
                }
                count = queue.recv_many(&mut batch, BATCH), if backlog.is_empty() && self.takes_more(open) => {
                    if count == 0 {
                        return End::Transport;
                    }
                    backlog.extend(batch.drain(..));
                }
                _ = self.health.changed() => {}
                _ = look.tick() => {
                    if open && self.window.is_silent(SILENCE) {
                        self.session.fail("the broker confirms nothing");
                    }
                }
            }
        }
    }

    /// While the broker blocks, messages wait where they are; unless they fail at once, which needs a look at them.
    fn takes_more(&self, open: bool) -> bool {
        if open {
            self.has_room()
        } else {
            self.fail_when_blocked
        }
    }

    fn has_room(&self) -> bool {
        if *self.alone > 0 {
            return self.window.is_empty();
        }
        self.window.len() < WINDOW && self.window.bytes() < WINDOW_BYTES
    }

    async fn hand_over(
        &mut self,
        mut outgoing: Outgoing,
        backlog: &mut VecDeque<Outgoing>,
    ) -> Result<(), End> {
        *self.alone = self.alone.saturating_sub(1);
        if Instant::now() >= outgoing.deadline {
            return Ok(());
        }
        match self.declare(&outgoing).await {
            Ok(()) => {}
            Err(Undeclared::Refused(text)) => {
                outgoing.finish(Err(Rejected::Denied(text).into()));
                return Ok(());
            }
            Err(_) => {
                backlog.push_front(outgoing);
                return Err(End::Channel);
            }
        }
        if !outgoing.start_sending() {
            return Ok(());
        }
        outgoing.shorten_life();
        let channel = Arc::clone(&self.channel);
        let (exchange, key) = (outgoing.exchange.clone(), outgoing.key.clone());
        let body = outgoing.message.body.clone();
        let mandatory = outgoing.is_mandatory();
        let seq = self.window.next();
        let properties = properties::of_message(&outgoing.message, mandatory.then_some(seq));
        self.window.push(outgoing);
        self.confirming.push(Box::pin(async move {
            let options = BasicPublishOptions {
                mandatory,
                ..BasicPublishOptions::default()
            };
            let published = channel
                .basic_publish(exchange, key, options, &body, properties)
                .await;
            let confirmed = match published {
                Ok(confirm) => confirm.await,
                Err(error) => Err(error),
            };
            (seq, confirmed)
        }));
        Ok(())
    }

    /// Makes sure that the exchange exists, once a connection.
    async fn declare(&mut self, outgoing: &Outgoing) -> Result<(), Undeclared> {
        if outgoing.exchange.as_str().is_empty() || self.declared.contains(&outgoing.exchange) {
            return Ok(());
        }
        let exchange = match &outgoing.route {
            Route::Fanout { topic } => self.topology.fanout_exchange(topic),
            _ => Ok(self.topology.topic_exchange(outgoing.exchange.clone())),
        };
        let exchange = exchange.map_err(|error| Undeclared::Refused(error.to_string()))?;
        match Declarer::new(self.session).exchange(&exchange).await {
            Err(Undeclared::Refused(text)) if outgoing.homeless == 0 => {
                // Who may not declare may still be allowed to publish to what exists.
                debug!(text, "the exchange could not be declared");
            }
            other => other?,
        }
        self.declared.insert(outgoing.exchange.clone());
        Ok(())
    }

    fn confirmed(&mut self, seq: u64, confirmation: &Confirmation) {
        let Some(outgoing) = self.window.take(seq) else {
            return;
        };
        let result = match confirmation {
            Confirmation::Nack(_) => Err(Rejected::QueueFull.into()),
            _ if outgoing.is_mandatory() && self.session.heard.take_returned(seq) => {
                Err(TransportError::Unroutable(outgoing.route.clone()))
            }
            _ => Ok(()),
        };
        outgoing.finish(result);
    }

    /// Keeps why the broker closed the channel. Publishes that were begun while lapin closed it know only that it is
    /// closed, and may be the first to say so.
    fn hear(&mut self, error: lapin::Error) {
        if error.is_amqp_hard_error() {
            // The connection goes, too, but the reason is worth knowing.
            self.session.fail(&error.to_string());
        }
        if let ErrorKind::ProtocolError(_) = error.kind() {
            self.reason.get_or_insert(error);
        }
    }

    /// Takes leave of the channel: what was confirmed before its end is told, the rest is returned in order,
    /// with what the broker closed the channel for.
    async fn leave(mut self) -> (Vec<Outgoing>, Option<lapin::Error>) {
        const LIMIT: Duration = Duration::from_millis(500);
        let rest = async {
            while let Some((seq, confirmed)) = self.confirming.next().await {
                match confirmed {
                    Ok(confirmation) => self.confirmed(seq, &confirmation),
                    Err(error) => self.hear(error),
                }
            }
        };
        if timeout(LIMIT, rest).await.is_err() {
            warn!("lapin did not end its publishes with their channel");
        }
        (self.window.take_rest(), self.reason)
    }
}
