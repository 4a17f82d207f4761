use std::convert::Infallible;

use rpc_runtime::{Context, RpcError, Wire, rpc_api};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
struct Server {
    id: String,
    flavor: Flavor,
}

#[derive(Serialize, Deserialize, Wire)]
struct Flavor {
    name: String,
    size: u32,
}

#[derive(Serialize, Deserialize, Wire)]
struct Report {
    state: State,
}

#[derive(Serialize, Deserialize, Wire)]
enum State {
    Up,
    Down,
}

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc(module = "tasks")]
enum Error {
    #[error("gone")]
    Gone,
}

#[rpc_api(
    topic = "tasks",
    namespace = "tasks",
    version = "1.3",
    releases(zed = "1.1"),
    released = "ui/released/tasks.rpc"
)]
trait Tasks {
    #[rpc(call, cast, since = "1.1", alias = "grow", idempotent, opaque)]
    async fn resize(
        &self,
        ctx: &Context,
        server: Server,
        #[rpc(since = "1.2", default = true)] clean: bool,
    ) -> Result<Report, Error>;

    #[deprecated(note = "nothing is remembered")]
    #[rpc(call, removed = "2.0")]
    async fn forget(&self, ctx: &Context) -> Result<(), Infallible>;
}

fn main() {}
