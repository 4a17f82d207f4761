use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

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
        let held = std::rc::Rc::new(a);
        std::future::ready(()).await;
        Ok(*held)
    }

    async fn forget(&self, _: &Context) {}
}

fn main() {}
