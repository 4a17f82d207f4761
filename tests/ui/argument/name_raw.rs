use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, #[rpc(name = "r#type")] r#type: i64) -> Result<i64, Infallible>;
}

fn main() {}
