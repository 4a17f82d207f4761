use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call, name = "oslo_rpc_server_ping")]
    async fn ping(&self, ctx: &Context) -> Result<i64, Infallible>;
}

fn main() {}
