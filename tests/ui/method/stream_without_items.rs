use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(stream)]
    async fn count(&self, ctx: &Context) -> Result<Vec<u8>, Infallible>;
}

fn main() {}
