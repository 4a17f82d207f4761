//! Serves the scores until Ctrl-C.
//!
//! ```text
//! cargo run -p rpc-examples --bin two_processes_server [URL]
//! ```

mod api;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

use api::{Score, Scores, ScoresApi};
use rpc_runtime::{Bus, Context, Server, Settings};

#[derive(Default)]
struct Board {
    points: Mutex<BTreeMap<String, i64>>,
}

impl Board {
    fn points(&self) -> MutexGuard<'_, BTreeMap<String, i64>> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scores for Board {
    async fn add(&self, _: &Context, player: String, points: i64) -> Result<Score, Infallible> {
        let mut all = self.points();
        let sum = all.entry(player.clone()).or_default();
        *sum = sum.saturating_add(points);
        Ok(Score { player, points: *sum })
    }

    async fn best(&self, _: &Context, count: usize) -> Result<Vec<Score>, Infallible> {
        let all = self.points();
        let mut scores: Vec<Score> = all
            .iter()
            .map(|(player, &points)| Score {
                player: player.clone(),
                points,
            })
            .collect();
        scores.sort_by_key(|score| -score.points);
        scores.truncate(count);
        Ok(scores)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Opened and not connected: a server over a socket is what others connect to.
    let bus = Bus::open(&api::url().parse()?, Settings::default())?;
    let server = Server::builder(&bus)
        .server("board")
        .serve::<ScoresApi, _>(Board::default())
        .start()
        .await?;
    println!("serving; Ctrl-C ends it");
    tokio::signal::ctrl_c().await?;
    // What was begun is finished, and answered.
    let _ = server.stop().await;
    bus.close().await;
    Ok(())
}
