use std::convert::Infallible;

use rpc_runtime::rpc_api;

struct Session;

#[rpc_api(version = "1.0", context = Session)]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Session, a: i64) -> Result<i64, Infallible>;
}

fn main() {}
