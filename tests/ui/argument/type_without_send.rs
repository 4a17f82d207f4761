use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: Number) -> Result<i64, Infallible>;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Number(#[serde(skip)] std::cell::Cell<u8>);

fn main() {}
