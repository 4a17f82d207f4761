use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call, since = "2.0")]
    async fn add(&self, ctx: &Context) -> Result<i64, Infallible>;
    #[rpc(cast, timeout = "5s")]
    async fn reset(&self, ctx: &Context);
    #[rpc(call)]
    async fn name(&self, ctx: &Context, a: &str) -> u32;
}

fn main() {}
