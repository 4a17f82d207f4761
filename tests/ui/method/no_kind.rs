use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.4")]
trait Calc {
    async fn add(&self, ctx: &Context) -> Result<i64, Infallible>;
}

struct Manager;

impl Calc for Manager {
    async fn add(&self, _: &Context) -> Result<i64, Infallible> {
        Ok(1)
    }
}

fn main() {
    drop(CalcClient::local(Manager).call().add(&Context::new()));
}
