#![deny(unused_must_use)]
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

async fn run(bus: &Bus) -> Result<(), rpc_runtime::server::StartError> {
    let calc = Server::builder(bus).server("here").serve::<CalcApi, _>(Manager);
    calc.start().await?;
    Ok(())
}

fn main() {}
