//! The API that the two programs share. A crate of its own, where they live in different ones.

use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};
use serde::{Deserialize, Serialize};

/// Keeps the scores of a game.
#[rpc_api(topic = "scores", version = "1.0")]
pub trait Scores {
    /// Adds points, and tells the new score.
    #[rpc(call, timeout = "5s")]
    async fn add(&self, ctx: &Context, player: String, points: i64) -> Result<Score, Infallible>;

    /// The best players, the best first.
    #[rpc(call, timeout = "5s", idempotent)]
    async fn best(&self, ctx: &Context, count: usize) -> Result<Vec<Score>, Infallible>;
}

/// What a player has. Whatever serde can write as JSON can travel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Score {
    /// Who.
    pub player: String,
    /// How many.
    pub points: i64,
}

/// Where the two meet, if the command line does not say. Any bus will do:
/// `unix:///tmp/scores.sock`, `tcp://10.0.0.7:7007`, `rabbit://guest:guest@localhost/`.
pub fn url() -> String {
    std::env::args()
        .nth(1)
        .unwrap_or_else(|| "tcp://127.0.0.1:7007".to_owned())
}
