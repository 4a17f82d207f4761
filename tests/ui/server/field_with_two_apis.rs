use std::convert::Infallible;

use rpc_runtime::{Context, RpcServer, rpc_api};

#[rpc_api(topic = "calc", namespace = "calc", version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn plus(&self, ctx: &Context, a: i64, name: String) -> Result<i64, Infallible>;
    #[rpc(cast, fanout)]
    async fn forget(&self, ctx: &Context);
}

struct Manager;

impl Calc for Manager {
    async fn plus(&self, _: &Context, a: i64, _: String) -> Result<i64, Infallible> {
        Ok(a)
    }

    async fn forget(&self, _: &Context) {}
}

#[derive(RpcServer)]
struct Service {
    #[rpc(CalcApi)]
    #[rpc(CalcApi)]
    calc: Manager,
}

fn main() {}
