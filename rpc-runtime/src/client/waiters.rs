//! The calls that wait for an answer, by message id. It knows no method and no type: it hands replies over.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, warn};

use super::repeats::Repeats;
use crate::transport::{Headers, Rejected, ReplySink};
use crate::wire::{Id, Reply, plain};

/// How many replies a caller that takes several may lag behind.
pub(super) const BACKLOG: usize = 1024;

/// The registry of one bus.
pub(crate) struct Waiters {
    table: Mutex<Table>,
    max: usize,
    /// Replies that nobody waited for, or that could not be read.
    ignored: AtomicU64,
}

struct Table {
    waiting: HashMap<Id, Waiter, BuildHasherDefault<IdHasher>>,
    closed: bool,
}

enum Waiter {
    /// Takes one answer. An old server sends it in two messages, so a part of it may be here already.
    Once {
        answer: oneshot::Sender<Reply>,
        part: Option<Reply>,
    },
    /// Takes every message: heartbeats, items, the end.
    Many {
        messages: mpsc::Sender<Reply>,
        overrun: Arc<AtomicBool>,
        repeats: Repeats,
    },
}

/// The messages of a call that takes several.
pub(crate) struct Messages {
    receiver: mpsc::Receiver<Reply>,
    overrun: Arc<AtomicBool>,
    _registered: Registered,
}

impl Messages {
    /// The next one.
    pub(crate) async fn next(&mut self) -> Result<Reply, CannotWait> {
        match self.receiver.recv().await {
            Some(reply) => Ok(reply),
            None if self.overrun.load(Ordering::Relaxed) => {
                let text = format!("the caller is {BACKLOG} items behind");
                Err(CannotWait::Full(Rejected::Overloaded(text)))
            }
            None => Err(CannotWait::Closed),
        }
    }
}

/// Why a call cannot wait.
#[derive(Debug)]
pub(crate) enum CannotWait {
    Full(Rejected),
    /// The same call waits already.
    Twice,
    Closed,
}

impl Waiters {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            table: Mutex::new(Table {
                waiting: HashMap::default(),
                closed: false,
            }),
            max,
            ignored: AtomicU64::new(0),
        }
    }

    /// Waits for one answer. Dropping the guard forgets the call.
    pub(crate) fn once(
        self: &Arc<Self>,
        id: Id,
    ) -> Result<(oneshot::Receiver<Reply>, Registered), CannotWait> {
        let (answer, receiver) = oneshot::channel();
        let registered = self.register(id, Waiter::Once { answer, part: None })?;
        Ok((receiver, registered))
    }

    /// Waits for any number of messages. Dropping them forgets the call.
    pub(crate) fn many(self: &Arc<Self>, id: Id) -> Result<Messages, CannotWait> {
        let (messages, receiver) = mpsc::channel(BACKLOG);
        let overrun = Arc::<AtomicBool>::default();
        let waiter = Waiter::Many {
            messages,
            overrun: overrun.clone(),
            repeats: Repeats::default(),
        };
        Ok(Messages {
            receiver,
            overrun,
            _registered: self.register(id, waiter)?,
        })
    }

    fn register(self: &Arc<Self>, id: Id, waiter: Waiter) -> Result<Registered, CannotWait> {
        let mut table = self.lock();
        if table.closed {
            return Err(CannotWait::Closed);
        }
        if table.waiting.len() >= self.max {
            let text = format!("{} calls wait for an answer already", self.max);
            return Err(CannotWait::Full(Rejected::Overloaded(text)));
        }
        match table.waiting.entry(id) {
            Entry::Vacant(place) => place.insert(waiter),
            Entry::Occupied(_) => {
                return Err(CannotWait::Twice);
            }
        };
        Ok(Registered {
            waiters: self.clone(),
            id,
        })
    }

    /// Ends every wait, and refuses further ones.
    pub(crate) fn close(&self) {
        let mut table = self.lock();
        table.closed = true;
        table.waiting.clear();
    }

    pub(crate) fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No code of others runs under the lock, so a poisoned table is still whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a reply to the call that waits for it. False if there is none.
    fn hand_over(&self, reply: Reply) -> bool {
        let Some(id) = reply.msg_id().and_then(Id::parse) else {
            debug!("a reply without the id of a call of ours was ignored");
            return false;
        };
        let mut table = self.lock();
        let Some(waiter) = table.waiting.get_mut(&id) else {
            // Late, doubled, or a stray heartbeat: all of them happen.
            debug!(%id, "a reply to no waiting call was ignored");
            return false;
        };
        match waiter {
            Waiter::Once { part, .. } if !reply.ending() => {
                if reply.has_result() {
                    *part = Some(reply);
                }
            }
            Waiter::Once { .. } => {
                if let Some(Waiter::Once { answer, part }) = table.waiting.remove(&id) {
                    let answered = if reply.failed() || reply.has_result() {
                        reply
                    } else {
                        part.unwrap_or(reply)
                    };
                    // The caller may have gone in this very moment.
                    let _ = answer.send(answered);
                }
            }
            Waiter::Many {
                messages,
                overrun,
                repeats,
            } => {
                // A heartbeat is one however often it came; those of peers that give no ids are all alike.
                let heartbeat = !reply.ending() && !reply.has_result();
                if !heartbeat && !repeats.is_new(reply.unique_id()) {
                    debug!(%id, "a part of an answer that came twice was ignored");
                    return false;
                }
                let last = reply.ending();
                if messages.try_send(reply).is_err() {
                    warn!(%id, "a caller took its items too slowly: its stream ends here");
                    overrun.store(true, Ordering::Relaxed);
                    table.waiting.remove(&id);
                } else if last {
                    table.waiting.remove(&id);
                }
            }
        }
        true
    }
}

impl ReplySink for Waiters {
    fn deliver(&self, body: Bytes, headers: Headers) {
        let read = plain(body, headers.compression.as_deref()).and_then(|body| Reply::decode(&body));
        let taken = match read {
            Ok(reply) => self.hand_over(reply),
            Err(error) => {
                warn!(%error, "a reply that cannot be read was ignored");
                false
            }
        };
        if !taken {
            self.ignored.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A call that waits.
pub(crate) struct Registered {
    waiters: Arc<Waiters>,
    id: Id,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.waiters.lock().waiting.remove(&self.id);
    }
}

/// The ids are random, and only ours are ever stored: hashing them again would buy nothing.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_ne_bytes(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results of a stream, out of the bodies that came.
    fn results(bodies: &[&str]) -> Vec<u32> {
        let waiters = Arc::new(Waiters::new(1));
        let id = Id::parse(&"a".repeat(32)).unwrap();
        let mut messages = waiters.many(id).unwrap();
        for body in bodies {
            waiters.deliver(Bytes::copy_from_slice(body.as_bytes()), Headers::default());
        }
        std::iter::from_fn(|| messages.receiver.try_recv().ok())
            .map(|reply| reply.result().unwrap())
            .collect()
    }

    #[test]
    fn an_item_that_comes_again_is_known_by_its_id() {
        let item = |result: u32, unique_id: Option<&str>| {
            let msg_id = "a".repeat(32);
            let unique_id = unique_id.map_or_else(String::new, |id| format!(r#","_unique_id":"{id}""#));
            format!(r#"{{"result":{result},"failure":null,"_msg_id":"{msg_id}"{unique_id}}}"#)
        };
        let [first, second, without] = [item(1, Some("x")), item(1, Some("y")), item(2, None)];
        assert_eq!(results(&[&first, &second, &first, &second]), [1, 1]);
        assert_eq!(results(&[&without, &without, &first]), [2, 2, 1]);
    }
}
