use std::convert::Infallible;

use rpc_runtime::{Context, Items, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn count(&self, ctx: &Context) -> Result<Items<u8, Infallible>, Infallible>;
}

fn main() {}
