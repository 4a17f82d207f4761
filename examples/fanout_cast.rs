//! Three servers of one topic: a cast reaches one of them, a fan-out cast all three.
//!
//! ```text
//! cargo run -p rpc-examples --bin fanout_cast
//! ```

use std::error::Error;

use rpc_runtime::{Bus, Context, Server, rpc_api};
use tokio::sync::mpsc;

/// A cache that several servers keep, each its own copy.
#[rpc_api(topic = "cache", version = "1.0")]
pub trait Cache {
    /// Loads an entry in advance, on whichever server is free.
    #[rpc(cast)]
    async fn warm(&self, ctx: &Context, key: String);

    /// Drops an entry from every copy.
    #[rpc(fanout)]
    async fn forget(&self, ctx: &Context, key: String);
}

/// Tells what it does.
struct Copy {
    name: &'static str,
    log: mpsc::UnboundedSender<String>,
}

impl Copy {
    fn tell(&self, what: &str, key: &str) {
        // Nobody listens any more when the program ends.
        let _ = self.log.send(format!("{} {what} {key}", self.name));
    }
}

impl Cache for Copy {
    async fn warm(&self, _: &Context, key: String) {
        self.tell("warms", &key);
    }

    async fn forget(&self, _: &Context, key: String) {
        self.tell("forgets", &key);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bus = Bus::memory();
    let (log, mut told) = mpsc::unbounded_channel();
    let mut servers = Vec::new();
    for name in ["north", "south", "west"] {
        let copy = Copy {
            name,
            log: log.clone(),
        };
        let server = Server::builder(&bus).server(name).serve::<CacheApi, _>(copy);
        servers.push(server.start().await?);
    }

    let cache = CacheClient::new(&bus);
    let ctx = Context::new();
    // Both return when the bus has taken the message; nobody answers.
    cache.cast().warm(&ctx, "front page").await?;
    cache.cast().warm(&ctx, "sitemap").await?;
    cache.on("west").cast().warm(&ctx, "search").await?;
    cache.fanout().forget(&ctx, "front page").await?;
    // cache.call() does not exist: no method of this API answers. cache.fanout().warm(..) does not exist either.

    for _ in 0..6 {
        match told.recv().await {
            Some(line) => println!("{line}"),
            None => break,
        }
    }
    Ok(())
}
