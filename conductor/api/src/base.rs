//! What every service of Nova answers, whatever its topic: whether it is there.

use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The API that every service serves beside its own. It has no topic: a client names one with `.topic(..)`.
#[rpc_api(namespace = "baseapi", version = "1.1")]
pub trait Base {
    /// Answers with the name of the service, and with `arg` as it came.
    #[rpc(call, idempotent)]
    async fn ping(&self, ctx: &Context, arg: Value) -> Result<Pong, Infallible>;

    /// The port of the service's debugging console, if it has one. Sent to one server of a topic.
    #[rpc(call, idempotent, since = "1.1")]
    async fn get_backdoor_port(&self, ctx: &Context) -> Result<Option<u16>, Infallible>;
}

/// The answer to [`Base::ping`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pong {
    /// The name of the service that answers; Nova's are their topics.
    pub service: String,
    /// What it was sent.
    pub arg: Value,
}
