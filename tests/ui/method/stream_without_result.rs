use std::convert::Infallible;

use rpc_runtime::{Context, Items, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(stream)]
    async fn count(&self, ctx: &Context) -> Items<u8, Infallible>;
}

fn main() {}
