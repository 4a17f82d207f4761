//! A message that is to be published: who waits for it, and how far it came.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use lapin::types::ShortString;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use super::topology::short;
use crate::transport::{Message, Rejected, Route, Sent, TransportError};

/// A message between the caller of `send` and the broker's confirm.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) route: Route,
    /// Empty for replies: the default exchange.
    pub(super) exchange: ShortString,
    pub(super) key: ShortString,
    pub(super) message: Message,
    pub(super) deadline: Instant,
    /// How often its exchange was missing.
    pub(super) homeless: u8,
    /// It was published on a connection that was lost before its confirm: the broker may have it.
    pub(super) doubtful: bool,
    /// Its room in the queue.
    pub(super) room: Option<OwnedSemaphorePermit>,
    progress: Arc<Progress>,
    done: oneshot::Sender<Result<(), TransportError>>,
}

/// What the waiting side keeps.
#[derive(Debug)]
pub(super) struct Waiting {
    progress: Arc<Progress>,
    pub(super) done: oneshot::Receiver<Result<(), TransportError>>,
}

/// How far a message came. Both sides decide here, so that "not sent" is never said of one that is being sent.
#[derive(Default, Debug)]
struct Progress(AtomicU8);

// 0, the default: it waits in a queue of ours.
const SENT: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Outgoing {
    pub(super) fn new(
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> Result<(Self, Waiting), TransportError> {
        let (exchange, key) = match &route {
            Route::Topic {
                exchange,
                topic,
                server: None,
            } => (short(&**exchange)?, short(&**topic)?),
            Route::Topic {
                exchange,
                topic,
                server: Some(server),
            } => (short(&**exchange)?, short(format!("{topic}.{server}"))?),
            Route::Fanout { topic } => (short(format!("{topic}_fanout"))?, ShortString::default()),
            Route::Reply { address } => (ShortString::default(), short(&**address)?),
        };
        let (done, answer) = oneshot::channel();
        let progress = Arc::<Progress>::default();
        let waiting = Waiting {
            progress: Arc::clone(&progress),
            done: answer,
        };
        let outgoing = Self {
            route,
            exchange,
            key,
            message,
            deadline,
            homeless: 0,
            doubtful: false,
            room: None,
            progress,
            done,
        };
        Ok((outgoing, waiting))
    }

    /// Nobody waits for it any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.done.is_closed()
    }

    /// The broker is to give it back when nobody listens: always for replies, never for fan-out casts, which are
    /// for whoever there is.
    pub(super) fn is_mandatory(&self) -> bool {
        match self.route {
            Route::Topic { .. } => self.message.mandatory,
            Route::Fanout { .. } => false,
            Route::Reply { .. } => true,
        }
    }

    /// From now on it may have left, and its room is another's. False if the waiting side has given up before.
    pub(super) fn start_sending(&mut self) -> bool {
        self.room = None;
        !self.is_abandoned() && self.progress.0.swap(SENT, Ordering::AcqRel) != GIVEN_UP
    }

    /// A request that waited here for a connection must not live on in a queue when its caller has given up.
    pub(super) fn shorten_life(&mut self) {
        const WORTH_IT: Duration = Duration::from_secs(1);
        let left = self.deadline.saturating_duration_since(Instant::now());
        if let Some(life) = self
            .message
            .expiration
            .as_mut()
            .filter(|life| left + WORTH_IT < **life)
        {
            *life = left;
        }
    }

    pub(super) fn finish(self, mut result: Result<(), TransportError>) {
        // What becomes of the second copy says nothing of the first, unless it is too large: the first was, too. A
        // reply may come twice without harm.
        let in_doubt = self.doubtful && !matches!(self.route, Route::Reply { .. });
        match &result {
            Ok(()) | Err(TransportError::Rejected(Rejected::Oversize { .. })) => {}
            Err(error) if in_doubt => {
                result = Err(TransportError::Lost(format!(
                    "before the broker confirmed the message; sent again: {error}"
                )));
            }
            Err(_) => {}
        }
        // Nobody may be waiting: a call that has its answer does not need the confirm of its request.
        let _ = self.done.send(result);
    }
}

impl Waiting {
    /// Stops waiting; says how far the message came. One that has not been sent never will be.
    pub(super) fn give_up(&self) -> Sent {
        match self.progress.0.swap(GIVEN_UP, Ordering::AcqRel) {
            SENT => Sent::Unknown,
            _ => Sent::No,
        }
    }
}
