#![deny(deprecated)]

use std::convert::Infallible;

use rpc_runtime::{Bus, Context, rpc_api};

#[rpc_api(topic = "calc", version = "1.4")]
trait Calc {
    #[deprecated(note = "use sum")]
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64) -> Result<i64, Infallible>;
}

async fn run(bus: &Bus, ctx: &Context) {
    let _ = CalcClient::new(bus).call().add(ctx, 1).await;
}

fn main() {}
