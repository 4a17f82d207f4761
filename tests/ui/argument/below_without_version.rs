use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.26")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, #[rpc(below(to_old, from_old))] a: Option<i64>) -> Result<i64, Infallible>;
}

fn main() {}
