//! An API, its manager and its client in one file, over a bus in memory.
//!
//! ```text
//! cargo run -p rpc-examples --bin quickstart
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::sync::Mutex;

use rpc_runtime::{Bus, CallError, Context, RpcError, Server, rpc_api};

/// What a warehouse can be asked. The trait is the contract: servers implement it, clients are made from it.
#[rpc_api(topic = "inventory", version = "1.0")]
pub trait Inventory {
    /// Takes pieces out, and tells how many are left.
    #[rpc(call, timeout = "10s")]
    async fn take(&self, ctx: &Context, item: String, count: u32) -> Result<u32, InventoryError>;
}

/// Why a warehouse refuses. It crosses the wire by its class, and arrives as this enum.
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

/// The manager: it does the work, and knows nothing of a bus.
struct Warehouse {
    stock: Mutex<HashMap<String, u32>>,
}

impl Inventory for Warehouse {
    async fn take(&self, _: &Context, item: String, wanted: u32) -> Result<u32, InventoryError> {
        let mut stock = self.stock.lock().expect("nobody panics with the stock in hand");
        let left = stock.entry(item.clone()).or_default();
        match left.checked_sub(wanted) {
            Some(rest) => {
                *left = rest;
                Ok(rest)
            }
            None => Err(InventoryError::OutOfStock {
                item,
                wanted,
                left: *left,
            }),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // With Bus::connect("rabbit://guest:guest@localhost/").await? the rest stays as it is.
    let bus = Bus::memory();

    let stock = Mutex::new(HashMap::from([("bolt".to_owned(), 12)]));
    let server = Server::builder(&bus)
        .server("hall-1")
        .serve::<InventoryApi, _>(Warehouse { stock })
        .start()
        .await?;

    let inventory = InventoryClient::new(&bus);
    let ctx = Context::new();
    let left = inventory.call().take(&ctx, "bolt", 5).await?;
    println!("5 bolts taken, {left} left");

    match inventory.call().take(&ctx, "bolt", 100).await {
        Err(CallError::Api(InventoryError::OutOfStock { left, .. })) => {
            println!("only {left} bolts are there")
        }
        other => println!("unexpected: {other:?}"),
    }

    let stopped = server.stop().await;
    println!("stopped with {} requests unfinished", stopped.abandoned);
    Ok(())
}
