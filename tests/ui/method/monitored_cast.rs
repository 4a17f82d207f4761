use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(cast, monitored)]
    async fn reset(&self, ctx: &Context);
}

fn main() {}
