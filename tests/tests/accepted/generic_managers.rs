//! Managers and servers may be generic.

use rpc_runtime::{Context, Failure, RpcServer, rpc_api};

#[rpc_api(topic = "a", version = "1.0")]
pub trait Calc: Send + Sync + 'static {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: u8) -> Result<u8, Failure>;
}

pub trait Store: Send + Sync + 'static {
    fn size(&self) -> u8;
}

pub struct Manager<S> {
    store: S,
}

impl<S: Store> Calc for Manager<S> {
    async fn add(&self, _: &Context, a: u8) -> Result<u8, Failure> {
        Ok(self.store.size() + a)
    }
}

#[derive(RpcServer)]
pub struct Service<S: Store> {
    #[rpc(CalcApi)]
    calc: Manager<S>,
}

struct Nothing;

impl Store for Nothing {
    fn size(&self) -> u8 {
        0
    }
}

fn serves(_: &impl RpcServer) {}

#[test]
fn compiles() {
    serves(&Service {
        calc: Manager { store: Nothing },
    });
}
