//! How soon a worker process is started again. It starts none itself.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

/// As many starts as there are workers may come at once, and one more. After that it is one a second, as long as the
/// starts come faster than that over the whole: what dies at once takes no processor with it.
///
/// Workers that are never ready lack something that a further start does not bring, a database, say: once each has
/// failed so, the pauses double from round to round, until one is ready.
pub(super) struct Throttle {
    workers: NonZeroU32,
    starts: VecDeque<Instant>,
    /// How many workers in a row ended before they were ready.
    failed: u32,
}

const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Throttle {
    pub(super) fn new(workers: NonZeroU32) -> Self {
        Self {
            workers,
            starts: VecDeque::new(),
            failed: 0,
        }
    }

    /// A worker ended before it was ready.
    pub(super) fn failed(&mut self) {
        self.failed = self.failed.saturating_add(1);
    }

    /// A worker is ready: what was missing is there.
    pub(super) fn ready(&mut self) {
        self.failed = 0;
    }

    /// When the next start may be. It counts as made.
    pub(super) fn next(&mut self, now: Instant) -> Instant {
        let pause = self.pause_of_failed().max(self.pause_of_frequent(now));
        if !pause.is_zero() {
            let failed = self.failed;
            warn!(
                ?pause,
                failed, "workers end too fast: waiting before the next is started"
            );
        }
        let at = now + pause;
        self.starts.push_back(at);
        at
    }

    fn pause_of_failed(&self) -> Duration {
        match self.failed / self.workers {
            0 => Duration::ZERO,
            rounds => PAUSE
                .saturating_mul(2_u32.saturating_pow(rounds - 1))
                .min(LONGEST_PAUSE),
        }
    }

    fn pause_of_frequent(&mut self, now: Instant) -> Duration {
        let workers = self.workers.get();
        if self.starts.len() > workers as usize
            && let Some(first) = self.starts.pop_front()
            && now.duration_since(first) < Duration::from_secs(workers.into())
        {
            return PAUSE;
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The waits before starts, each of which ends after `life`.
    fn waits(workers: u32, life: Duration, starts: usize) -> Vec<Duration> {
        let mut throttle = Throttle::new(NonZeroU32::new(workers).unwrap());
        let mut now = Instant::now();
        let wait = |_| {
            let at = throttle.next(now);
            let wait = at - now;
            now = at + life;
            wait
        };
        (0..starts).map(wait).collect()
    }

    #[test]
    fn the_first_ones_start_at_once() {
        assert_eq!(waits(4, Duration::ZERO, 5), [Duration::ZERO; 5]);
    }

    #[test]
    fn what_dies_at_once_is_started_once_a_second() {
        let waits = waits(1, Duration::ZERO, 6);
        assert_eq!(waits[..2], [Duration::ZERO; 2]);
        assert_eq!(waits[2], SECOND);
        // Over any time, no more than one a second and the first two.
        assert!(waits.iter().sum::<Duration>() >= 2 * SECOND, "{waits:?}");
    }

    #[test]
    fn what_lives_longer_than_that_is_replaced_at_once() {
        assert_eq!(waits(2, 2 * SECOND, 8), [Duration::ZERO; 8]);
    }

    #[test]
    fn what_is_never_ready_is_started_less_and_less_until_one_is() {
        let mut throttle = Throttle::new(NonZeroU32::new(2).unwrap());
        let mut now = Instant::now();
        let mut wait = |throttle: &mut Throttle| {
            let at = throttle.next(now);
            let wait = at - now;
            now = at + SECOND;
            wait.as_secs()
        };
        let waits: Vec<_> = (0..14)
            .map(|_| {
                let wait = wait(&mut throttle);
                throttle.failed();
                wait
            })
            .collect();
        assert_eq!(waits, [0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 30, 30]);
        throttle.ready();
        assert_eq!(wait(&mut throttle), 0);
    }
}
