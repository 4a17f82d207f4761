use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, #[rpc(since = "1.2")] tags: Vec<String>) -> Result<i64, Infallible>;
}

fn main() {}
