use std::convert::Infallible;

use rpc_runtime::{Context, Bus, rpc_api};

#[rpc_api(topic = "calc", namespace = "calc", version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn plus(&self, ctx: &Context, a: i64, name: String) -> Result<i64, Infallible>;
    #[rpc(cast, fanout)]
    async fn forget(&self, ctx: &Context);
}

async fn run(bus: &Bus, ctx: &Context) {
    let client = CalcClient::new(bus);
    let _ = client.call().forget(ctx).await;
}

fn main() {}
