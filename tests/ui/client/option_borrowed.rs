use std::convert::Infallible;

use rpc_runtime::{Bus, Context, rpc_api};

#[rpc_api(topic = "calc", version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn name(&self, ctx: &Context, name: Option<String>) -> Result<i64, Infallible>;
}

async fn run(bus: &Bus, ctx: &Context) {
    let _ = CalcClient::new(bus).call().name(ctx, Some("x")).await;
}

fn main() {}
