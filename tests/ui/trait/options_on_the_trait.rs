use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.0")]
#[rpc(topic = "calc")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context) -> Result<i64, Infallible>;
}

fn main() {}
