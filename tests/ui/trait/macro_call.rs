use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

macro_rules! more {
    () => {};
}

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64) -> Result<i64, Infallible>;

    more!();
}

fn main() {}
