//! The service that fault tests work with: an oracle notes every execution, and a gate holds methods as long as a
//! test wants.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::testing::Oracle;
use rpc_runtime::{Context, rpc_api};
use tokio::sync::watch;

/// Each method notes the id it is given, and gives it back.
#[rpc_api(topic = "work", namespace = "faults", version = "1.0")]
pub trait Work {
    /// At once.
    #[rpc(call, cast)]
    async fn echo(&self, ctx: &Context, id: String) -> Result<String, Infallible>;
    /// At once, without an answer.
    #[rpc(fanout)]
    async fn tell(&self, ctx: &Context, id: String);
    /// After some time.
    #[rpc(call)]
    async fn toil(&self, ctx: &Context, id: String, millis: u64) -> Result<String, Infallible>;
    /// After some time; acknowledged after its reply.
    #[rpc(call, delivery = at_least_once)]
    async fn toil_safely(&self, ctx: &Context, id: String, millis: u64) -> Result<String, Infallible>;
    /// When the gate is open.
    #[rpc(call, cast)]
    async fn wait(&self, ctx: &Context, id: String) -> Result<String, Infallible>;
    /// When the gate is open; acknowledged after its reply.
    #[rpc(call, delivery = at_least_once)]
    async fn wait_safely(&self, ctx: &Context, id: String) -> Result<String, Infallible>;
    /// Panics.
    #[rpc(call)]
    async fn panic(&self, ctx: &Context, id: String) -> Result<String, Infallible>;
    /// Panics; acknowledged after its reply.
    #[rpc(call, delivery = at_least_once)]
    async fn panic_safely(&self, ctx: &Context, id: String) -> Result<String, Infallible>;
    /// Gives so many bytes back, instead of the id.
    #[rpc(call)]
    async fn large(&self, ctx: &Context, id: String, bytes: usize) -> Result<String, Infallible>;
}

/// A manager of [`Work`].
#[derive(Clone, Debug)]
pub struct Worker {
    /// What the oracle knows it by.
    pub name: String,
    /// Notes executions.
    pub oracle: Arc<Oracle>,
    /// Holds the methods that wait.
    pub gate: Arc<Gate>,
}

impl Worker {
    /// A worker with a gate that is closed.
    pub fn new(name: &str, oracle: &Arc<Oracle>) -> Self {
        Self {
            name: name.to_owned(),
            oracle: Arc::clone(oracle),
            gate: Arc::default(),
        }
    }

    fn note(&self, id: &str) {
        self.oracle.executed(id, &self.name);
    }
}

impl Work for Worker {
    async fn echo(&self, _: &Context, id: String) -> Result<String, Infallible> {
        self.note(&id);
        Ok(id)
    }

    async fn tell(&self, _: &Context, id: String) {
        self.note(&id);
    }

    async fn toil(&self, _: &Context, id: String, millis: u64) -> Result<String, Infallible> {
        self.note(&id);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(id)
    }

    async fn toil_safely(&self, ctx: &Context, id: String, millis: u64) -> Result<String, Infallible> {
        self.toil(ctx, id, millis).await
    }

    async fn wait(&self, _: &Context, id: String) -> Result<String, Infallible> {
        self.note(&id);
        self.gate.pass().await;
        Ok(id)
    }

    async fn wait_safely(&self, ctx: &Context, id: String) -> Result<String, Infallible> {
        self.wait(ctx, id).await
    }

    async fn panic(&self, _: &Context, id: String) -> Result<String, Infallible> {
        self.note(&id);
        panic!("as asked: {id}")
    }

    async fn panic_safely(&self, ctx: &Context, id: String) -> Result<String, Infallible> {
        self.panic(ctx, id).await
    }

    async fn large(&self, _: &Context, id: String, bytes: usize) -> Result<String, Infallible> {
        self.note(&id);
        Ok("x".repeat(bytes))
    }
}

/// Holds whoever wants to pass until it is open.
#[derive(Default)]
pub struct Gate {
    open: watch::Sender<bool>,
    inside: watch::Sender<usize>,
}

impl Gate {
    /// Lets all pass that wait, and all that come.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Holds all that come from now on.
    pub fn shut(&self) {
        self.open.send_replace(false);
    }

    /// Waits until so many wait at the gate at once. Bound it by a time limit of the caller's.
    pub async fn holds(&self, count: usize) {
        // The sender lives as long as the gate.
        let _ = self.inside.subscribe().wait_for(|inside| *inside >= count).await;
    }

    async fn pass(&self) {
        /// Counts also those that were dropped while they waited.
        struct Inside<'g>(&'g watch::Sender<usize>);
        impl Drop for Inside<'_> {
            fn drop(&mut self) {
                self.0.send_modify(|inside| *inside -= 1);
            }
        }
        self.inside.send_modify(|inside| *inside += 1);
        let _inside = Inside(&self.inside);
        let _ = self.open.subscribe().wait_for(|open| *open).await;
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("open", &*self.open.borrow())
            .field("inside", &*self.inside.borrow())
            .finish()
    }
}
