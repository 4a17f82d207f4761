use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call, name = "add ")]
    async fn add(&self, ctx: &Context) -> Result<i64, Infallible>;
}

fn main() {}
