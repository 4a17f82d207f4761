use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    fn add(&self, ctx: &Context) -> impl Future<Output = Result<i64, Infallible>> + Send;
}

fn main() {}
