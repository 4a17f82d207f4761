//! What the conductor serves: one manager for each API.

use std::convert::Infallible;

use conductor_api::{Base, BaseApi, Pong};
use rpc_runtime::{Context, RpcServer};
use serde_json::Value;

/// The topic, and the name the service goes by.
pub(crate) const TOPIC: &str = "conductor";

/// All APIs of the conductor, on one server.
#[derive(RpcServer, Default)]
pub(crate) struct Conductor {
    #[rpc(BaseApi)]
    base: BaseManager,
}

/// Tells that the service is there.
#[derive(Default)]
struct BaseManager;

impl Base for BaseManager {
    async fn ping(&self, _: &Context, arg: Value) -> Result<Pong, Infallible> {
        Ok(Pong {
            service: TOPIC.to_owned(),
            arg,
        })
    }

    async fn get_backdoor_port(&self, _: &Context) -> Result<Option<u16>, Infallible> {
        Ok(None)
    }
}
