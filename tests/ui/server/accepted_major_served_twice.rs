use std::convert::Infallible;

use rpc_runtime::{Context, RpcServer, rpc_api};

#[rpc_api(version = "6.5", accepts = "5.13")]
trait Compute {
    #[rpc(call)]
    async fn start(&self, ctx: &Context) -> Result<i64, Infallible>;
}

#[rpc_api(version = "5.2")]
trait OldCompute {
    #[rpc(call)]
    async fn stop(&self, ctx: &Context) -> Result<i64, Infallible>;
}

struct Manager;

impl Compute for Manager {
    async fn start(&self, _: &Context) -> Result<i64, Infallible> {
        Ok(1)
    }
}

impl OldCompute for Manager {
    async fn stop(&self, _: &Context) -> Result<i64, Infallible> {
        Ok(1)
    }
}

#[derive(RpcServer)]
struct Service {
    #[rpc(ComputeApi)]
    compute: Manager,
    #[rpc(OldComputeApi)]
    old: Manager,
}

fn main() {}
