//! A server in Rust for the client in Python beside it.
//!
//! ```text
//! cargo run -p rpc-examples --bin python_peer_server rabbit://guest:guest@localhost/
//! python examples/python_peer/client.py rabbit://guest:guest@localhost/
//! ```
//!
//! The Python needs `pip install oslo.messaging`; the tests have one in `target/python`.

mod api;

use std::error::Error;

use api::{Inventory, InventoryApi, InventoryError};
use rpc_runtime::{Bus, Context, Server};

/// Ten pieces of everything.
struct Warehouse;

impl Inventory for Warehouse {
    async fn take(
        &self,
        ctx: &Context,
        item: String,
        wanted: u32,
        reserve: bool,
    ) -> Result<u32, InventoryError> {
        let what = if reserve { "reserves" } else { "takes" };
        println!(
            "{} {what} {wanted} of {item}",
            ctx.user_id().unwrap_or("somebody")
        );
        const LEFT: u32 = 10;
        let rest = LEFT.checked_sub(wanted);
        rest.ok_or(InventoryError::OutOfStock {
            item,
            wanted,
            left: LEFT,
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bus = Bus::connect(&api::url()?).await?;
    let server = Server::builder(&bus)
        .server("rust")
        .serve::<InventoryApi, _>(Warehouse)
        .start()
        .await?;
    println!("serving; Ctrl-C ends it");
    tokio::signal::ctrl_c().await?;
    let _ = server.stop().await;
    bus.close().await;
    Ok(())
}
