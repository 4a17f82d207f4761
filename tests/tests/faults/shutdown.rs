//! The end of a server under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::Context;
use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::oracle::Promise;
use rpc_tests::program::Signal;
use tokio::time::Instant;

use crate::kit::{Caller, GRACE, OracleFile, eventually, kept, open, shared, start, together, worker};

/// A worker is told to stop with two hundred calls at work: it finishes them, their replies leave, what it has not
/// begun goes to another, and it ends well within the time it was given.
#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_what_it_has_begun() {
    const CALLERS: usize = 250;
    let _turn = together().await;
    let vhost = shared("drain").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let drain = Duration::from_secs(10);
    let leaving = start(&mut worker(&vhost.url(), "leaving", &file.0, drain)).await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle).limit(Duration::from_secs(30));
    let over = AtomicBool::new(false);
    // Work of half a second each, by both ways of delivery, until it is over.
    let load = (0..CALLERS).map(|at| {
        let caller = caller.named(&format!("caller-{at}"));
        let over = &over;
        async move {
            let mut answers = 0;
            while !over.load(Ordering::Relaxed) {
                let outcome = caller.call(|client, id| match at % 2 {
                    0 => client.call().toil(&Context::new(), id, 500),
                    _ => client.call().toil_safely(&Context::new(), id, 500),
                });
                outcome.await.unwrap();
                answers += 1;
            }
            answers
        }
    });
    let stop = async {
        let counts = || oracle.check(Promise::AT_MOST_ONCE).counts;
        let full = async || {
            let counts = counts();
            counts.executed - counts.replied >= 200
        };
        eventually("two hundred are at work", full).await;
        let other = start(&mut worker(&vhost.url(), "staying", &file.0, drain)).await;
        eventually("two hundred are at work again", full).await;
        leaving.signal(Signal::TERM);
        let told = Instant::now();
        let status = leaving.ended().await;
        let took = told.elapsed();
        assert!(status.success(), "{status}");
        assert!(took <= drain + GRACE, "it took {took:?}");
        // The other carries on with everything.
        let before = counts().replied;
        eventually("all are served", async || counts().replied >= before + CALLERS).await;
        over.store(true, Ordering::Relaxed);
        other
    };
    let (answers, _other) = tokio::join!(join_all(load), stop);
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    assert_eq!(counts.replied, answers.iter().sum::<usize>());
    assert_eq!(counts.asked, counts.replied);
}
