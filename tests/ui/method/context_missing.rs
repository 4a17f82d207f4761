use std::convert::Infallible;

use rpc_runtime::rpc_api;

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self) -> Result<i64, Infallible>;
}

fn main() {}
