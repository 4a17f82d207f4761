//! What waits for one reply address on the serving process. It keeps a reply until the client has it, so that a
//! client that lost its connection finds it on the next one; and it is bounded, so that a slow client holds up its
//! own replies and nobody else's. It knows no connection, only who holds it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::frame::{Encoded, Frame};
use crate::transport::Headers;

/// Replies that may wait, whatever their size.
const MESSAGES: usize = 100_000;

/// A reply counts as this many bytes more than its body.
const OVERHEAD: usize = 128;

pub(super) struct Mailbox {
    /// Bytes that may wait.
    window: usize,
    state: Mutex<State>,
    /// Wakes those that wait for room.
    room: Notify,
}

#[derive(Default)]
struct State {
    /// Replies that the client does not have yet, in order.
    letters: VecDeque<Letter>,
    /// How many of them were handed to the present holder.
    handed: usize,
    bytes: usize,
    last: u64,
    /// The present holder, counted up; `held` is false when its connection is gone.
    holder: u64,
    held: bool,
    wake: Arc<Notify>,
    gone: bool,
}

struct Letter {
    sequence: u64,
    headers: Headers,
    body: Bytes,
}

/// Why a reply was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotTaken {
    /// No room in time.
    Full,
    /// The client closed, or did not come back in time.
    Gone,
}

/// The right to write a mailbox's replies to a connection, until the next one takes it.
pub(super) struct Hold {
    mailbox: Arc<Mailbox>,
    holder: u64,
    wake: Arc<Notify>,
}

impl Mailbox {
    /// For a client that has every reply up to `received`.
    pub(super) fn new(window: usize, received: u64) -> Arc<Self> {
        Arc::new(Self {
            window,
            state: Mutex::new(State {
                // Whatever a client says, there are numbers left.
                last: received.min(u64::MAX / 2),
                ..State::default()
            }),
            room: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a reply, waiting for room until `until`.
    pub(super) async fn put(&self, body: Bytes, headers: Headers, until: Instant) -> Result<(), NotTaken> {
        let mut letter = Some((body, headers));
        if self.try_put(&mut letter)? {
            return Ok(());
        }
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            room.as_mut().enable();
            if self.try_put(&mut letter)? {
                return Ok(());
            }
            if timeout_at(until, room).await.is_err() {
                return Err(NotTaken::Full);
            }
        }
    }

    fn try_put(&self, letter: &mut Option<(Bytes, Headers)>) -> Result<bool, NotTaken> {
        let mut state = self.lock();
        if state.gone {
            return Err(NotTaken::Gone);
        }
        let size = letter.as_ref().map_or(0, |(body, _)| body.len()) + OVERHEAD;
        let room = state.letters.is_empty()
            || (state.letters.len() < MESSAGES && state.bytes.saturating_add(size) <= self.window);
        if room && let Some((body, headers)) = letter.take() {
            state.last += 1;
            let sequence = state.last;
            state.bytes += size;
            state.letters.push_back(Letter {
                sequence,
                headers,
                body,
            });
            state.wake.notify_one();
        }
        Ok(room)
    }

    /// Takes the mailbox over for a connection, from the reply after `received` on. None when it is gone.
    pub(super) fn hold(self: &Arc<Self>, received: u64) -> Option<Hold> {
        let mut state = self.lock();
        if state.gone {
            return None;
        }
        state.forget(received);
        state.handed = 0;
        state.holder += 1;
        state.held = true;
        // The holder before, if it is still there, wakes and sees that it is not the holder any more.
        let wake = Arc::new(Notify::new());
        std::mem::replace(&mut state.wake, Arc::clone(&wake)).notify_one();
        wake.notify_one();
        let holder = state.holder;
        drop(state);
        self.room.notify_waiters();
        Some(Hold {
            mailbox: Arc::clone(self),
            holder,
            wake,
        })
    }

    /// Ends it, unless somebody took it over since `holder`. True when it is gone.
    pub(super) fn end_if_left_by(&self, holder: u64) -> bool {
        let mut state = self.lock();
        if !state.gone && (state.holder != holder || state.held) {
            return false;
        }
        state.gone = true;
        state.letters.clear();
        state.bytes = 0;
        state.handed = 0;
        drop(state);
        self.room.notify_waiters();
        true
    }
}

impl State {
    fn forget(&mut self, received: u64) {
        while let Some(letter) = self.letters.front()
            && letter.sequence <= received
        {
            self.bytes -= letter.body.len() + OVERHEAD;
            self.handed = self.handed.saturating_sub(1);
            self.letters.pop_front();
        }
    }
}

impl Hold {
    /// The client has every reply up to this one.
    pub(super) fn received(&self, sequence: u64) {
        let mut state = self.mailbox.lock();
        if state.holder == self.holder {
            state.forget(sequence);
            drop(state);
            self.mailbox.room.notify_waiters();
        }
    }

    /// Waits until there may be something to take, or the hold is lost.
    pub(super) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Takes what was not handed out yet, up to about `bytes`. None when another connection took over.
    pub(super) fn take(&self, bytes: usize, frames: &mut Vec<Encoded>) -> Option<()> {
        let mut state = self.mailbox.lock();
        if state.holder != self.holder {
            return None;
        }
        let mut taken = 0;
        while taken < bytes
            && let Some(letter) = state.letters.get(state.handed)
        {
            taken += letter.body.len() + OVERHEAD;
            let frame = Frame::Reply {
                sequence: letter.sequence,
                headers: letter.headers.clone(),
                body: letter.body.clone(),
            };
            frames.push(frame.encode());
            state.handed += 1;
        }
        if state.letters.len() > state.handed {
            self.wake.notify_one();
        }
        Some(())
    }

    /// There is something to take.
    pub(super) fn has_more(&self) -> bool {
        let state = self.mailbox.lock();
        state.holder == self.holder && state.handed < state.letters.len()
    }

    pub(super) fn is_of(&self, mailbox: &Arc<Mailbox>) -> bool {
        Arc::ptr_eq(&self.mailbox, mailbox)
    }

    /// The connection is gone. Returns who held, for [`Mailbox::end_if_left_by`].
    pub(super) fn leave(&self) -> u64 {
        let mut state = self.mailbox.lock();
        if state.holder == self.holder {
            state.held = false;
        }
        self.holder
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn put(mailbox: &Mailbox, body: &'static str) -> Result<(), NotTaken> {
        let until = Instant::now() + Duration::from_secs(1);
        mailbox.put(body.into(), Headers::default(), until).await
    }

    fn take(hold: &Hold) -> Option<Vec<Bytes>> {
        let mut frames = Vec::new();
        hold.take(usize::MAX, &mut frames)?;
        Some(frames.into_iter().map(|frame| frame.body).collect())
    }

    #[tokio::test]
    async fn replies_wait_until_the_client_has_them() {
        let mailbox = Mailbox::new(1 << 20, 0);
        for body in ["1", "2", "3"] {
            put(&mailbox, body).await.unwrap();
        }
        let first = mailbox.hold(0).unwrap();
        assert_eq!(take(&first).unwrap(), ["1", "2", "3"]);
        first.received(1);
        assert!(take(&first).unwrap().is_empty());

        let second = mailbox.hold(2).unwrap();
        assert_eq!(take(&first), None, "another connection took over");
        first.received(3);
        assert_eq!(take(&second).unwrap(), ["3"]);
        assert!(!mailbox.end_if_left_by(first.leave()));
        assert!(mailbox.end_if_left_by(second.leave()));
        assert_eq!(put(&mailbox, "4").await, Err(NotTaken::Gone));
        assert!(mailbox.hold(0).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_mailbox_makes_its_senders_wait_for_room() {
        let mailbox = Mailbox::new(OVERHEAD, 0);
        put(&mailbox, "1").await.unwrap();
        assert_eq!(put(&mailbox, "2").await, Err(NotTaken::Full));
        let hold = mailbox.hold(0).unwrap();
        let (outcome, ()) = tokio::join!(put(&mailbox, "3"), async { hold.received(1) });
        outcome.unwrap();
        assert_eq!(take(&hold).unwrap(), ["3"]);
    }
}
