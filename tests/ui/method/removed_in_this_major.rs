use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.26")]
trait Calc {
    #[deprecated(note = "use sum")]
    #[rpc(call, removed = "1.30")]
    async fn add(&self, ctx: &Context, a: i64) -> Result<i64, Infallible>;
}

fn main() {}
