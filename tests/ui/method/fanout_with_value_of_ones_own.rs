use rpc_runtime::{Context, rpc_api};

struct Report;

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(fanout)]
    async fn report(&self, ctx: &Context) -> Report;
}

fn main() {}
