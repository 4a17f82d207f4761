use std::convert::Infallible;

use rpc_runtime::rpc_api;

#[rpc_api(version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Session) -> Result<i64, Infallible>;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Session {
    user: String,
}

fn main() {}
