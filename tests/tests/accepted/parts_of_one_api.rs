//! An API in two traits is one to whoever serves it.

use rpc_runtime::{Api, Context, Failure, joined_api, rpc_api};

#[rpc_api(topic = "shop", namespace = "shop", version = "1.4")]
pub trait Goods {
    #[rpc(call, alias = ["how_many"])]
    async fn count(&self, ctx: &Context) -> Result<u8, Failure>;
}

#[rpc_api(topic = "shop", namespace = "shop", version = "1.4")]
pub trait Customers {
    #[rpc(cast, fanout, since = "1.3")]
    async fn greet(&self, ctx: &Context, name: String);
}

joined_api! {
    /// Everything a shop can be asked.
    pub struct ShopApi = [GoodsApi, CustomersApi];
}

struct Shop;

impl Goods for Shop {
    async fn count(&self, _: &Context) -> Result<u8, Failure> {
        Ok(7)
    }
}

impl Customers for Shop {
    async fn greet(&self, _: &Context, _: String) {}
}

#[test]
fn compiles() {
    let served = rpc_runtime::Managers::one::<ShopApi, _>(Shop);
    let [spec] = rpc_runtime::RpcServer::apis(&served) else {
        panic!("one API is served: {served:?}");
    };
    assert_eq!(spec.methods.len(), 2);
    assert!(ShopApi::SPEC.method("how_many").is_some());
    assert!(ShopApi::SPEC.method("greet").is_some());
}
