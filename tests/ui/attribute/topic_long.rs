use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(
    version = "1.0",
    topic = "calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.\
             calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc.calc."
)]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64) -> Result<i64, Infallible>;
}

struct Manager;

impl Calc for Manager {
    async fn add(&self, _: &Context, a: i64) -> Result<i64, Infallible> {
        Ok(a)
    }
}

fn main() {
    let client = CalcClient::local(Manager);
    drop(client.call().add(&Context::new(), 1));
}
