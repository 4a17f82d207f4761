//! Tries several ways at once, one after the other in starting.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

/// How much one address of a host may delay the next (the connection attempt delay of RFC 8305).
pub(super) const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// The first success; the others are dropped. A further attempt starts when all before have failed, and at the
/// latest `stagger` after the one before. Without success, every error in the order of failing.
pub(super) async fn race<T, E, F>(
    attempts: impl IntoIterator<Item = F>,
    stagger: Duration,
) -> Result<T, Vec<E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting = attempts.into_iter().fuse();
    let mut running = FuturesUnordered::new();
    let mut errors = Vec::new();
    loop {
        match waiting.next() {
            Some(attempt) => running.push(attempt),
            None if running.is_empty() => return Err(errors),
            None => {}
        }
        let next_start = Instant::now() + stagger;
        while !running.is_empty() {
            tokio::select! {
                biased;
                Some(done) = running.next() => match done {
                    Ok(done) => return Ok(done),
                    Err(error) => errors.push(error),
                },
                () = sleep_until(next_start) => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, pending, ready};

    use futures_util::future::Either;

    use super::*;

    const STAGGER: Duration = Duration::from_millis(300);

    #[tokio::test(start_paused = true)]
    async fn silence_delays_the_next_by_no_more_than_the_stagger() {
        let start = Instant::now();
        let silent = || Either::Left(pending::<Result<u8, ()>>());
        let found = race([silent(), silent(), Either::Right(ready(Ok(3)))], STAGGER).await;
        assert_eq!(found, Ok(3));
        assert_eq!(start.elapsed(), 2 * STAGGER);
    }

    #[tokio::test(start_paused = true)]
    async fn failure_starts_the_next_at_once_and_all_errors_come_back() {
        let start = Instant::now();
        let attempts: [Ready<Result<(), u8>>; 3] = [ready(Err(1)), ready(Err(2)), ready(Err(3))];
        assert_eq!(race(attempts, STAGGER).await, Err(vec![1, 2, 3]));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
