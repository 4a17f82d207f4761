use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

type Answer = Result<u8, Infallible>;

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(cast)]
    async fn add(&self, ctx: &Context) -> Answer;
}

fn main() {}
