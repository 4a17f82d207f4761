//! Plays a little, and prints the scores.
//!
//! ```text
//! cargo run -p rpc-examples --bin two_processes_client [URL]
//! ```

mod api;

use std::error::Error;

use api::ScoresClient;
use rpc_runtime::{Bus, Context};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bus = Bus::connect(&api::url()).await?;
    let scores = ScoresClient::new(&bus);
    let ctx = Context::new();
    for (player, points) in [("ada", 3), ("alan", 2), ("ada", 1)] {
        let score = scores.call().add(&ctx, player, points).await?;
        println!("{} has {} points", score.player, score.points);
    }
    let best = scores.call().best(&ctx, 1).await?;
    println!("the best: {best:?}");
    bus.close().await;
    Ok(())
}
