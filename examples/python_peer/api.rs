//! The API that Rust and Python speak here. The Python side of it is `inventory.py`.

use rpc_runtime::{Context, RpcError, rpc_api};

/// What a warehouse can be asked.
#[rpc_api(topic = "inventory", namespace = "stock", version = "1.1")]
pub trait Inventory {
    /// Takes pieces out, and tells how many are left. With `reserve`, they are only set aside.
    #[rpc(call, timeout = "30s")]
    async fn take(
        &self,
        ctx: &Context,
        item: String,
        count: u32,
        #[rpc(since = "1.1", default = false)] reserve: bool,
    ) -> Result<u32, InventoryError>;
}

/// Why a warehouse refuses. In Python these are the classes of the module `inventory`.
#[derive(Debug, thiserror::Error, RpcError)]
#[rpc(module = "inventory")]
pub enum InventoryError {
    /// There is not enough.
    #[error("{wanted} pieces of {item} are wanted, and {left} are there")]
    OutOfStock {
        /// What was wanted.
        item: String,
        /// How many of it.
        wanted: u32,
        /// How many there are.
        left: u32,
    },
}

/// The broker: the first argument.
pub fn url() -> Result<String, &'static str> {
    std::env::args()
        .nth(1)
        .ok_or("give the URL of a broker, as in rabbit://guest:guest@localhost/")
}
