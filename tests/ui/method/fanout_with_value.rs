use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(fanout)]
    async fn hosts(&self, ctx: &Context) -> u8;
}

fn main() {}
