use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(cast)]
    async fn hosts(&self, ctx: &Context) -> Result<Vec<String>, Infallible>;
}

fn main() {}
