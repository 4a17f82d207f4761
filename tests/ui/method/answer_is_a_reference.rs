use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn name(&self, ctx: &Context) -> &str;
}

fn main() {}
