use std::convert::Infallible;

use rpc_runtime::service::Manager;
use rpc_runtime::{Context, RpcServer, rpc_api};

#[rpc_api(topic = "inventory", version = "1.0")]
trait Inventory {
    #[rpc(call)]
    async fn count(&self, ctx: &Context) -> Result<u32, Infallible>;
}

struct Stock;

impl Inventory for Stock {
    async fn count(&self, _: &Context) -> Result<u32, Infallible> {
        Ok(1)
    }
}

#[derive(RpcServer)]
struct Warehouse {
    #[rpc(InventoryApi)]
    stock: Stock,
}

impl Manager for Warehouse {}

fn main() {}
