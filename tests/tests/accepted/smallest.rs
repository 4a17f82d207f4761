//! The least that an API can be.

use rpc_runtime::{Context, rpc_api};

#[rpc_api(version = "1.0")]
trait Smallest {
    #[rpc(cast)]
    async fn reset(&self, ctx: &Context);
}

struct Manager;

impl Smallest for Manager {
    async fn reset(&self, _: &Context) {}
}

#[test]
fn compiles() {
    let _: fn() -> SmallestClient = || SmallestClient::local(Manager);
    assert_eq!(<SmallestApi as rpc_runtime::Api>::SPEC.namespace, None);
}
