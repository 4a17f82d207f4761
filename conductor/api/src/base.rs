//! What every service of Nova answers, whatever its topic: whether it is there.

use std::convert::Infallible;

use rpc_runtime::{Bus, CallError, Context, rpc_api, service};
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

/// Waits until a service answers on its topic: what a service does at its start that cannot work without the
/// conductor. Tries as [`rpc_runtime::service::wait_until_ready`] says.
///
/// ```no_run
/// # async fn start(bus: rpc_runtime::Bus) -> Result<(), Box<dyn std::error::Error>> {
/// conductor_api::wait_until_ready(&bus, "conductor").await?;
/// # Ok(())
/// # }
/// ```
pub async fn wait_until_ready(bus: &Bus, topic: &str) -> Result<Pong, CallError<Infallible>> {
    let base = BaseClient::new(bus).topic(topic);
    let (ctx, arg) = (Context::admin(), Value::from("is anybody there?"));
    service::wait_until_ready(bus, topic, |limit| base.timeout(limit).call().ping(&ctx, &arg)).await
}
