//! How soon a worker process is started again.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;
use tracing::info;

/// As many starts as there are workers may come at once, and one more. After that it is one a second, as long as the
/// starts come faster than that over the whole: what dies at once takes no processor with it.
pub(super) struct Throttle {
    workers: NonZeroU32,
    starts: VecDeque<Instant>,
}

const PAUSE: Duration = Duration::from_secs(1);

impl Throttle {
    pub(super) fn new(workers: NonZeroU32) -> Self {
        Self {
            workers,
            starts: VecDeque::new(),
        }
    }

    /// When the next start may be. It counts as made.
    pub(super) fn next(&mut self, now: Instant) -> Instant {
        let mut at = now;
        let workers = self.workers.get();
        if self.starts.len() > workers as usize
            && let Some(first) = self.starts.pop_front()
            && now.duration_since(first) < Duration::from_secs(workers.into())
        {
            info!("workers end too fast: waiting before the next is started");
            at += PAUSE;
        }
        self.starts.push_back(at);
        at
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
}
