use rpc_runtime::{Bus, Context, rpc_api};

#[rpc_api(topic = "calc", version = "1.4")]
trait Calc {
    #[rpc(cast)]
    async fn reset(&self, ctx: &Context);
}

fn run(bus: &Bus) {
    let _ = CalcClient::new(bus).fanout();
}

fn main() {}
