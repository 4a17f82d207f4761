//! `#[cfg(..)]` on methods and on managers of a server: what is not compiled is nowhere in the expansion.

use rpc_runtime::{Api, Context, rpc_api};

/// With no `call` left, `CalcCaller` has no methods.
#[rpc_api(topic = "a", version = "1.0")]
pub trait Calc {
    #[cfg(any())]
    #[rpc(call)]
    async fn gone(&self, ctx: &Context, a: NoSuchType) -> Result<NoSuchType, NoSuchError>;
    #[cfg(not(any()))]
    #[rpc(cast)]
    async fn here(&self, ctx: &Context);
    #[cfg(any())]
    #[rpc(cast)]
    async fn either(&self, ctx: &Context);
    #[cfg(not(any()))]
    #[rpc(cast)]
    async fn either(&self, ctx: &Context, a: u8);
}

struct Manager;

impl Calc for Manager {
    async fn here(&self, _: &Context) {}
    async fn either(&self, _: &Context, _: u8) {}
}

#[derive(rpc_runtime::RpcServer)]
struct Service {
    #[cfg(any())]
    #[rpc(NoSuchApi)]
    none: NoSuchManager,
    #[rpc(CalcApi)]
    calc: Manager,
}

#[test]
fn compiles() {
    assert_eq!(CalcApi::SPEC.methods.len(), 2);
    assert_eq!(rpc_runtime::RpcServer::apis(&Service { calc: Manager }).len(), 1);
}
