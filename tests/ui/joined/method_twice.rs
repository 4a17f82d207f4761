use std::convert::Infallible;

use rpc_runtime::{Context, joined_api, rpc_api};

#[rpc_api(topic = "shop", version = "1.4")]
trait Goods {
    #[rpc(call)]
    async fn count(&self, ctx: &Context) -> Result<u8, Infallible>;
}

#[rpc_api(topic = "shop", version = "1.4")]
trait Customers {
    #[rpc(call)]
    async fn count(&self, ctx: &Context) -> Result<u8, Infallible>;
}

joined_api! {
    /// Everything a shop can be asked.
    struct ShopApi = [GoodsApi, CustomersApi];
}

fn main() {}
