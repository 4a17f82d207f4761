use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(cast, timeout = "5s")]
    async fn reset(&self, ctx: &Context);
}

fn main() {}
