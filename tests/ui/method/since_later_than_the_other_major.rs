use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "6.5", accepts = "5.13")]
trait Calc {
    #[rpc(call, since = ["5.14", "6.1"])]
    async fn add(&self, ctx: &Context, a: i64) -> Result<i64, Infallible>;
}

fn main() {}
