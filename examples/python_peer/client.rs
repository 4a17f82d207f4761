//! A client in Rust for the server in Python beside it.
//!
//! ```text
//! python examples/python_peer/server.py rabbit://guest:guest@localhost/
//! cargo run -p rpc-examples --bin python_peer_client rabbit://guest:guest@localhost/
//! ```

mod api;

use std::error::Error;

use api::{InventoryClient, InventoryError};
use rpc_runtime::{Bus, CallError, Context};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bus = Bus::connect(&api::url()?).await?;
    let inventory = InventoryClient::new(&bus);
    let ctx = Context::new().user("ada");

    let left = inventory.call().take(&ctx, "bolt", 3, false).await?;
    println!("{left} bolts left");

    // What Python raises arrives as the variant of its class.
    match inventory.call().take(&ctx, "bolt", 100, false).await {
        Err(CallError::Api(InventoryError::OutOfStock { left, .. })) => {
            println!("only {left} bolts are there")
        }
        other => println!("unexpected: {other:?}"),
    }
    bus.close().await;
    Ok(())
}
