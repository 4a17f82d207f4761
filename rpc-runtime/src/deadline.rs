//! From a limit to a deadline: how long anything waits, at the most.

use std::time::Duration;

use tokio::time::Instant;

/// The longest, seven weeks: a broker takes no later expiration, and no clock overflows.
pub(crate) const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// The end of a wait that begins now.
pub(crate) fn deadline_in(limit: Duration) -> Instant {
    Instant::now() + limit.min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_limit_is_too_long_for_the_clock() {
        assert_eq!(deadline_in(Duration::MAX), Instant::now() + LONGEST);
        let hour = Duration::from_secs(3600);
        assert_eq!(deadline_in(hour), Instant::now() + hour);
    }
}
