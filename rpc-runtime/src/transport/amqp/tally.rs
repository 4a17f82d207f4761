//! Which deliveries of a channel are settled, and when the broker is told: many at once, as soon as that costs
//! nobody anything.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::task::AtomicWaker;
use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicRejectOptions};

use crate::transport::{Ledger, Settlement};

/// How long an acknowledgement may wait for others.
pub(super) const PATIENCE: Duration = Duration::from_millis(1);
/// So many share a channel at most, and its tags; the broker gives each of them as many messages as the prefetch says.
pub(super) const CONSUMERS: usize = 3;
/// So many go at once at the latest.
const BATCH: usize = 64;

/// The ledger of one channel. What is settled after the channel's end goes nowhere: the broker has given those
/// messages to somebody else.
pub(super) struct Tally<C = Channel> {
    channel: C,
    /// So many may be out at once.
    prefetch: usize,
    /// So many acknowledgements go at once at the latest.
    batch: usize,
    state: Mutex<State>,
    /// The channel is gone.
    over: AtomicBool,
    /// Told when more may be handed out, or an acknowledgement waits.
    pump: AtomicWaker,
}

#[derive(Default)]
struct State {
    /// The tag of the first slot. Tags of a channel are consecutive.
    first: u64,
    slots: VecDeque<Slot>,
    /// Handed out and not settled.
    out: usize,
    /// Acknowledged here, and not told to the broker.
    untold: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Handed out, or still on its way to us.
    Open,
    /// Acknowledged, and not told.
    Acked,
    /// The broker knows.
    Told,
}

/// What a tally tells the broker. Must not block.
pub(super) trait Settle: Send + Sync {
    fn ack_up_to(&self, tag: u64);
    fn ack(&self, tag: u64);
    fn reject(&self, tag: u64, requeue: bool);
}

impl Settle for Channel {
    // The first poll hands the frame to lapin. Waiting for it to be written would tell nothing.
    fn ack_up_to(&self, tag: u64) {
        let _ = self
            .basic_ack(tag, BasicAckOptions { multiple: true })
            .now_or_never();
    }

    fn ack(&self, tag: u64) {
        let _ = self
            .basic_ack(tag, BasicAckOptions { multiple: false })
            .now_or_never();
    }

    fn reject(&self, tag: u64, requeue: bool) {
        let _ = self
            .basic_reject(tag, BasicRejectOptions { requeue })
            .now_or_never();
    }
}

impl<C: Settle> Tally<C> {
    pub(super) fn new(channel: C, prefetch: u16) -> Self {
        let prefetch = usize::from(prefetch).max(1);
        Self {
            channel,
            prefetch,
            batch: (prefetch / 2).clamp(1, BATCH),
            state: Mutex::new(State {
                first: 1,
                ..State::default()
            }),
            over: AtomicBool::new(false),
            pump: AtomicWaker::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel is gone: what is not settled is void.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// A delivery is handed out. False if its tag is none that the broker can have given by now.
    #[must_use]
    pub(super) fn hand_out(&self, tag: u64) -> bool {
        let mut state = self.state();
        // Between the last tag and this one are those that other consumers of the channel have not handed out.
        let end = state.slots.len() + CONSUMERS * self.prefetch;
        let index = tag
            .checked_sub(state.first)
            .and_then(|index| usize::try_from(index).ok());
        let Some(index) = index.filter(|index| *index <= end) else {
            return false;
        };
        if state.slots.len() <= index {
            state.slots.resize(index + 1, Slot::Open);
        }
        state.out += 1;
        true
    }

    /// Whether a further delivery may be handed out; if not, the task is woken when it may.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(cx, |state| state.out < self.prefetch)
    }

    /// Whether all that was handed out is settled and told.
    pub(super) fn poll_settled(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(cx, |state| state.out == 0 && state.untold == 0)
    }

    /// Whether an acknowledgement waits to be told; if not, the task is woken when one does.
    pub(super) fn poll_untold(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(cx, |state| state.untold > 0)
    }

    fn poll_until(&self, cx: &mut Context<'_>, condition: impl Fn(&State) -> bool) -> Poll<()> {
        self.pump.register(cx.waker());
        if condition(&self.state()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Tells the broker all there is to tell.
    pub(super) fn tell(&self) {
        let mut state = self.state();
        self.tell_prefix(&mut state);
        // Those behind one that is still open go singly: they must not wait for it.
        let State {
            first, slots, untold, ..
        } = &mut *state;
        for (tag, slot) in (*first..).zip(slots).filter(|(_, slot)| **slot == Slot::Acked) {
            self.channel.ack(tag);
            *slot = Slot::Told;
            *untold -= 1;
        }
    }

    fn tell_prefix(&self, state: &mut State) {
        let mut last = None;
        while let Some(&slot) = state.slots.front().filter(|slot| **slot != Slot::Open) {
            if slot == Slot::Acked {
                last = Some(state.first);
                state.untold -= 1;
            }
            state.slots.pop_front();
            state.first += 1;
        }
        if let Some(last) = last {
            self.channel.ack_up_to(last);
        }
    }
}

impl<C: Settle> Ledger for Tally<C> {
    fn settle(&self, tag: u64, how: Settlement) {
        let mut state = self.state();
        let index = tag
            .checked_sub(state.first)
            .and_then(|index| usize::try_from(index).ok());
        let Some(slot) = index.and_then(|index| state.slots.get_mut(index)) else {
            return;
        };
        match how {
            Settlement::Ack => *slot = Slot::Acked,
            Settlement::Reject | Settlement::Requeue => {
                *slot = Slot::Told;
                self.channel.reject(tag, how == Settlement::Requeue);
            }
        }
        let was_full = state.out == self.prefetch;
        let nothing_waited = state.untold == 0;
        state.out -= 1;
        state.untold += usize::from(how == Settlement::Ack);
        if state.out == 0 || state.untold >= self.batch {
            self.tell_prefix(&mut state);
        }
        let wake = was_full || state.out == 0 || (nothing_waited && state.untold > 0);
        drop(state);
        if wake {
            self.pump.wake();
        }
    }

    fn is_void(&self, _: u64) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Told(Mutex<Vec<(u64, &'static str)>>);

    impl Settle for Arc<Told> {
        fn ack_up_to(&self, tag: u64) {
            self.0.lock().unwrap().push((tag, "up to"));
        }
        fn ack(&self, tag: u64) {
            self.0.lock().unwrap().push((tag, "ack"));
        }
        fn reject(&self, tag: u64, requeue: bool) {
            let how = if requeue { "requeue" } else { "reject" };
            self.0.lock().unwrap().push((tag, how));
        }
    }

    fn tally(prefetch: u16) -> (Arc<Told>, Tally<Arc<Told>>) {
        let told = Arc::<Told>::default();
        (told.clone(), Tally::new(told, prefetch))
    }

    fn said(told: &Told) -> Vec<(u64, &'static str)> {
        std::mem::take(&mut told.0.lock().unwrap())
    }

    #[test]
    fn a_burst_is_acknowledged_at_once() {
        let (told, tally) = tally(100);
        (1..=10).for_each(|tag| assert!(tally.hand_out(tag)));
        (1..=9).for_each(|tag| tally.settle(tag, Settlement::Ack));
        assert_eq!(said(&told), []);
        tally.settle(10, Settlement::Ack);
        assert_eq!(said(&told), [(10, "up to")]);
    }

    #[test]
    fn a_full_batch_does_not_wait() {
        let (told, tally) = tally(8);
        (1..=8).for_each(|tag| assert!(tally.hand_out(tag)));
        (1..=4).for_each(|tag| tally.settle(tag, Settlement::Ack));
        assert_eq!(said(&told), [(4, "up to")]);
    }

    #[test]
    fn what_is_on_its_way_is_never_acknowledged() {
        let (told, tally) = tally(100);
        // Tag 1 is in the queue of another consumer of the channel.
        assert!(tally.hand_out(2));
        tally.settle(2, Settlement::Ack);
        assert_eq!(said(&told), []);
        tally.tell();
        assert_eq!(said(&told), [(2, "ack")]);
        assert!(tally.hand_out(1));
        tally.settle(1, Settlement::Ack);
        assert_eq!(said(&told), [(1, "up to")]);
    }

    #[test]
    fn rejections_go_singly() {
        let (told, tally) = tally(100);
        (1..=3).for_each(|tag| assert!(tally.hand_out(tag)));
        tally.settle(3, Settlement::Requeue);
        tally.settle(2, Settlement::Reject);
        tally.settle(1, Settlement::Ack);
        assert_eq!(said(&told), [(3, "requeue"), (2, "reject"), (1, "up to")]);
        tally.settle(1, Settlement::Ack);
        tally.settle(77, Settlement::Ack);
        assert_eq!(said(&told), []);
    }

    #[test]
    fn a_tag_that_the_broker_cannot_have_given_is_refused() {
        let (_, tally) = tally(10);
        assert!(!tally.hand_out(0) && !tally.hand_out(u64::MAX));
        assert!(tally.hand_out(1 + 3 * 10));
        assert!(!tally.hand_out(31 + 3 * 10 + 2));
        (1..=30).for_each(|tag| assert!(tally.hand_out(tag)));
        (1..=31).for_each(|tag| tally.settle(tag, Settlement::Ack));
        assert!(!tally.hand_out(31) && tally.hand_out(32));
    }

    #[test]
    fn what_a_lost_channel_brought_is_void() {
        let (_, tally) = tally(100);
        assert!(tally.hand_out(1));
        assert!(!tally.is_void(1));
        tally.end();
        assert!(tally.is_void(1));
    }

    proptest! {
        /// Whatever the order: each delivery is settled exactly once, as it was asked for, and none that was not.
        #[test]
        fn every_settlement_is_told_once(
            order in Just((1..=40u64).collect::<Vec<_>>()).prop_shuffle(),
            how in proptest::collection::vec(0..4u8, 40),
            prefetch in 1..100u16,
        ) {
            let (told, tally) = tally(prefetch);
            (1..=40).for_each(|tag| assert!(tally.hand_out(tag)));
            let mut open: std::collections::BTreeSet<u64> = (1..=40).collect();
            let mut wanted = std::collections::BTreeMap::new();
            for (&tag, &how) in order.iter().zip(&how) {
                match how {
                    0 => tally.settle(tag, Settlement::Reject),
                    1 => tally.settle(tag, Settlement::Requeue),
                    _ => tally.settle(tag, Settlement::Ack),
                }
                wanted.insert(tag, how);
                if tag % 7 == 0 {
                    tally.tell();
                }
            }
            tally.tell();
            for (tag, said) in said(&told) {
                let gone: Vec<u64> = match said {
                    "up to" => open.range(..=tag).copied().collect(),
                    _ => vec![tag],
                };
                prop_assert!(!gone.is_empty());
                for gone in gone {
                    prop_assert!(open.remove(&gone));
                    let expected = match wanted[&gone] { 0 => "reject", 1 => "requeue", _ => "ack" };
                    prop_assert!(said == expected || (said == "up to" && expected == "ack"));
                }
            }
            prop_assert!(open.is_empty());
        }
    }
}
