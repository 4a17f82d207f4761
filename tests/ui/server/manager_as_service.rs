use std::convert::Infallible;

use rpc_runtime::{Bus, Context, Server, rpc_api};

#[rpc_api(topic = "calc", version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64, b: i64) -> Result<i64, Infallible>;
}

struct Manager;

impl Calc for Manager {
    async fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, Infallible> {
        Ok(a + b)
    }
}

fn run(bus: &Bus) {
    let _ = Server::builder(bus).service(Manager);
}

fn main() {}
