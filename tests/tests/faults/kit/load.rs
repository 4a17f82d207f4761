//! Callers that ask for work without a pause, while servers come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::oracle::{Counts, Promise};
use rpc_runtime::{Bus, Context};

use super::{Caller, PATIENCE, eventually, kept};

/// How many call at once.
const CALLERS: usize = 250;
/// How many of their calls are at work when there are many.
const MANY: usize = 200;

/// Calls that take half a second each, by both ways of delivery, until it is over.
pub(crate) struct Load {
    caller: Caller,
    oracle: Arc<Oracle>,
    over: AtomicBool,
}

impl Load {
    pub(crate) fn new(bus: &Bus, oracle: &Arc<Oracle>) -> Self {
        Self {
            caller: Caller::new(bus, "caller", oracle).limit(PATIENCE),
            oracle: Arc::clone(oracle),
            over: AtomicBool::new(false),
        }
    }

    /// Calls until it is over: each call is answered, and done once.
    pub(crate) async fn run(&self) {
        let answers = join_all((0..CALLERS).map(|at| self.call(at))).await;
        let counts = kept(&self.oracle, Promise::EXACTLY_ONCE);
        assert_eq!(counts.replied, answers.iter().sum::<usize>());
        assert_eq!(counts.asked, counts.replied);
    }

    /// One of the callers; how many answers it got.
    async fn call(&self, at: usize) -> usize {
        let caller = self.caller.named(&format!("caller-{at}"));
        let mut answers = 0;
        while !self.over.load(Ordering::Relaxed) {
            let outcome = caller.call(|client, id| match at % 2 {
                0 => client.call().toil(&Context::new(), id, 500),
                _ => client.call().toil_safely(&Context::new(), id, 500),
            });
            outcome.await.unwrap();
            answers += 1;
        }
        answers
    }

    fn counts(&self) -> Counts {
        self.oracle.check(Promise::AT_MOST_ONCE).counts
    }

    /// Waits until two hundred calls are at work.
    pub(crate) async fn is_at_work(&self) {
        let many = async || {
            let counts = self.counts();
            counts.executed - counts.replied >= MANY
        };
        eventually("two hundred are at work", many).await;
    }

    /// Waits until there are as many more answers as callers, and ends it.
    pub(crate) async fn end(&self) {
        let before = self.counts().replied;
        let served = async || self.counts().replied >= before + CALLERS;
        eventually("all are served", served).await;
        self.over.store(true, Ordering::Relaxed);
    }
}
