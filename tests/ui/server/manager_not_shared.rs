use std::convert::Infallible;

use rpc_runtime::{Context, RpcServer, rpc_api};

#[rpc_api(topic = "calc", namespace = "calc", version = "1.4")]
trait Calc {
    #[rpc(call)]
    async fn plus(&self, ctx: &Context, a: i64, name: String) -> Result<i64, Infallible>;
    #[rpc(cast, fanout)]
    async fn forget(&self, ctx: &Context);
}

struct Counter(std::cell::Cell<u32>);

#[allow(refining_impl_trait)]
impl Calc for Counter {
    fn plus(
        &self,
        _: &Context,
        a: i64,
        _: String,
    ) -> impl Future<Output = Result<i64, Infallible>> + Send + use<> {
        self.0.set(self.0.get() + 1);
        std::future::ready(Ok(a))
    }

    fn forget(&self, _: &Context) -> impl Future<Output = ()> + Send + use<> {
        std::future::ready(())
    }
}

#[derive(RpcServer)]
struct Service {
    #[rpc(CalcApi)]
    calc: Counter,
}

fn main() {}
