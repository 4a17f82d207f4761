//! RabbitMQ, through lapin.
//!
//! Two connections, one that publishes and one that consumes: a broker short of memory stops the one and leaves
//! the other. Each is kept by a `link`; what runs on it ends with it and starts anew on the next. lapin is used
//! for the protocol alone: it connects to no socket by itself, recovers nothing, sees only what `screen` lets
//! through, and says only what `departures` lets out.
//!
//! # Logs
//!
//! At `TRACE` lapin logs every frame it sees, bodies included. It does not see the password: `stand_in`. Its
//! threads say in many words, at `ERROR`, what `link` says in one line at `WARN`: a subscriber may well leave out
//! the target `lapin`.

mod blame;
mod connect;
mod declare;
mod departures;
mod kit;
mod lane;
mod link;
mod listener;
mod outgoing;
mod properties;
mod publisher;
mod pump;
mod queue;
mod replies;
mod screen;
mod socket;
mod stand_in;
mod tally;
mod tls;
mod topology;
mod window;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lapin::types::ShortString;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use self::lane::Lane;
use self::link::{Link, Status};
use self::listener::{Control, Listening};
use self::outgoing::{Outgoing, Waiting};
use self::publisher::Publisher;
use self::queue::{QUEUE, QUEUE_BYTES, Queue};
use self::replies::{Progress, Replies};
use self::topology::{Topology, short};
use super::names::{check_address, check_listen};
use super::url::RabbitUrl;
use super::{
    BoxFuture, Listen, Listener, Message, Rejected, ReplySink, Route, Sent, Transport, TransportError,
};

/// How long a close waits for listeners and confirms.
const CLOSE_LIMIT: Duration = Duration::from_millis(1200);

/// A bus on RabbitMQ. It connects when first used.
pub struct AmqpTransport {
    url: Arc<RabbitUrl>,
    topology: Topology,
    publish: Link,
    consume: Link,
    /// Calls, casts and replies.
    messages: Lane,
    /// Fan-out casts go apart: their exchanges vanish with the last listener, and the channel that meets that ends.
    /// What was under way on it is published again, and with several servers runs twice.
    fanouts: Lane,
    replies: Mutex<Option<Address>>,
    tasks: TaskTracker,
    closing: CancellationToken,
}

/// The address that replies come to.
struct Address {
    name: ShortString,
    progress: watch::Receiver<Progress>,
}

impl AmqpTransport {
    /// A bus at `url`. Nothing is connected before it is used.
    pub fn new(url: &RabbitUrl) -> Arc<Self> {
        if !url.options.ignored.is_empty() {
            warn!(
                options = url.options.ignored.join(", "),
                "these options have no effect"
            );
        }
        let url = Arc::new(url.clone());
        Arc::new(Self {
            topology: Topology::new(&url.options),
            publish: Link::new(Arc::clone(&url), "publishing"),
            consume: Link::new(Arc::clone(&url), "consuming"),
            url,
            messages: Lane::default(),
            fanouts: Lane::default(),
            replies: Mutex::new(None),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
        })
    }

    /// Where to put messages of a lane. Starts to publish if nothing did so before.
    fn queue(&self, lane: &Lane) -> Result<Queue, TransportError> {
        lane.queue(|queue| {
            let publisher = Publisher {
                queue,
                status: self.publish.follow(),
                topology: self.topology.clone(),
                fail_when_blocked: self.url.options.fail_when_blocked,
            };
            self.tasks.spawn(publisher.run());
        })
    }

    async fn publish(&self, route: Route, message: Message, deadline: Instant) -> Result<(), TransportError> {
        route.check()?;
        let queue = self.queue(match route {
            Route::Fanout { .. } => &self.fanouts,
            _ => &self.messages,
        })?;
        self.check_status()?;
        let (outgoing, mut waiting) = Outgoing::new(route, message, deadline)?;
        match timeout_at(deadline, queue.put(outgoing)).await {
            Ok(put) => put?,
            Err(_) => return Err(self.overloaded()),
        }
        match timeout_at(deadline, &mut waiting.done).await {
            Ok(Ok(result)) => result,
            _ => Err(self.too_late(&mut waiting)),
        }
    }

    /// What makes a send fail at once.
    fn check_status(&self) -> Result<(), TransportError> {
        match &*self.publish.status() {
            Status::Down(Some(failure)) if failure.is_final() => Err(TransportError::Connect {
                host: failure.host.clone(),
                reason: failure.reason.clone(),
            }),
            Status::Up(session) if self.url.options.fail_when_blocked => match session.blocked() {
                Some(reason) => Err(Rejected::Blocked(reason.to_string()).into()),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn overloaded(&self) -> TransportError {
        match &*self.publish.status() {
            Status::Up(session) if session.blocked().is_none() => {
                let text = format!(
                    "{QUEUE} messages, or {} MiB of them, wait to be published",
                    QUEUE_BYTES >> 20
                );
                Rejected::Overloaded(text).into()
            }
            _ => self.timeout(Sent::No),
        }
    }

    /// The deadline passed, or the publisher dropped the message because it had.
    fn too_late(&self, waiting: &mut Waiting) -> TransportError {
        let sent = waiting.give_up();
        match waiting.done.try_recv() {
            Ok(Err(error)) => error,
            _ => self.timeout(sent),
        }
    }

    fn timeout(&self, sent: Sent) -> TransportError {
        let detail = match &*self.publish.status() {
            Status::Up(session) => match (session.blocked(), sent) {
                (Some(reason), Sent::No) => return Rejected::Blocked(reason.to_string()).into(),
                (Some(reason), _) => {
                    return Rejected::Blocked(format!(
                        "{reason}; this message was on its way already, and may still arrive"
                    ))
                    .into();
                }
                (None, Sent::No) => "waiting for its turn to be published".to_owned(),
                (None, _) => "waiting for the broker's confirm".to_owned(),
            },
            Status::Down(Some(failure)) => {
                format!("no connection to {}: {}", failure.host, failure.reason)
            }
            Status::Down(None) => "connecting".to_owned(),
            Status::Closed => return TransportError::Closed,
        };
        TransportError::Timeout { sent, detail }
    }

    fn replies(&self) -> MutexGuard<'_, Option<Address>> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts to receive at an address, or gives how far that is.
    fn start_replies(
        &self,
        name: ShortString,
        sink: Arc<dyn ReplySink>,
    ) -> Result<watch::Receiver<Progress>, TransportError> {
        let mut replies = self.replies();
        match &*replies {
            Some(address) if address.name == name => return Ok(address.progress.clone()),
            Some(address) => {
                return Err(TransportError::Unsupported(format!(
                    "replies come to '{}' already; a transport has one address",
                    address.name
                )));
            }
            None => {}
        }
        let progress = watch::Sender::default();
        *replies = Some(Address {
            name: name.clone(),
            progress: progress.subscribe(),
        });
        let receiver = progress.subscribe();
        let task = Replies {
            address: name,
            sink,
            topology: self.topology.clone(),
            prefetch: self.url.options.prefetch,
            status: self.consume.follow(),
            progress,
        };
        let closing = self.closing.clone();
        self.tasks
            .spawn(async move { closing.run_until_cancelled(task.run()).await });
        Ok(receiver)
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.closing.is_cancelled() {
            Err(TransportError::Closed)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for AmqpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmqpTransport")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for AmqpTransport {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Waits until a link is up; what is wrong, when it is known or when the time is over.
async fn up(mut status: watch::Receiver<Status>, deadline: Instant) -> Result<(), TransportError> {
    loop {
        let now = status.borrow_and_update().clone();
        let failure = match now {
            Status::Up(_) => return Ok(()),
            Status::Closed => return Err(TransportError::Closed),
            Status::Down(failure) => failure,
        };
        let connect = |failure: &connect::Failure| TransportError::Connect {
            host: failure.host.clone(),
            reason: failure.reason.clone(),
        };
        if let Some(failure) = failure.as_ref().filter(|failure| failure.is_final()) {
            return Err(connect(failure));
        }
        match timeout_at(deadline, status.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(TransportError::Closed),
            Err(_) => {
                return Err(match failure {
                    Some(failure) => connect(&failure),
                    None => TransportError::Timeout {
                        sent: Sent::No,
                        detail: "connecting".to_owned(),
                    },
                });
            }
        }
    }
}

impl Transport for AmqpTransport {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.queue(&self.messages)?;
            up(self.publish.follow(), deadline).await
        })
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(self.publish(route, message, deadline))
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.check_open()?;
            check_address(&address)?;
            let mut progress = self.start_replies(short(address)?, sink)?;
            let opened = async {
                up(self.consume.follow(), deadline).await?;
                let known = progress.wait_for(|progress| *progress != Progress::Opening).await;
                match known.as_deref() {
                    Ok(Progress::Refused(text)) => Err(Rejected::Denied(text.clone()).into()),
                    Ok(_) => Ok(()),
                    Err(_) => Err(TransportError::Closed),
                }
            };
            timeout_at(deadline, opened).await.unwrap_or_else(|_| {
                Err(TransportError::Timeout {
                    sent: Sent::No,
                    detail: "declaring the reply queue".to_owned(),
                })
            })
        })
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        Box::pin(async move {
            self.check_open()?;
            check_listen(&to)?;
            let prefetch = self.url.options.prefetch.unwrap_or(to.prefetch).max(1);
            let (out, deliveries) = mpsc::channel(prefetch.into());
            let (started, start) = oneshot::channel();
            let control = Control {
                stop: self.closing.child_token(),
                stopped: CancellationToken::new(),
            };
            let listening = Listening::new(
                &to,
                self.topology.clone(),
                prefetch,
                self.consume.follow(),
                &control,
                out,
                started,
            )?;
            self.tasks.spawn(listening.run());
            start.await.unwrap_or(Err(TransportError::Closed))?;
            Ok(Listener {
                deliveries,
                control: Box::new(control),
            })
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.closing.cancel();
            // A publisher ends when the last sender is gone and what was published is confirmed.
            self.messages.close();
            self.fanouts.close();
            self.tasks.close();
            let _ = timeout(CLOSE_LIMIT, self.tasks.wait()).await;
            tokio::join!(self.publish.close(), self.consume.close());
        })
    }
}
