use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = 1.)]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64) -> Result<i64, Infallible>;
}

fn main() {}
