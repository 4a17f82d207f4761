//! An API that grows while old servers and old clients are in use, as in a rolling upgrade.
//!
//! ```text
//! cargo run -p rpc-examples --bin versions
//! ```

use std::convert::Infallible;
use std::error::Error;

use rpc_runtime::{Bus, CallError, Context, SendError, Server, Version};

/// The API as it was first released.
mod v1_0 {
    use super::{Context, Infallible};

    #[rpc_runtime::rpc_api(topic = "backup", namespace = "backup", version = "1.0")]
    pub trait Backup {
        /// Saves a volume.
        #[rpc(call)]
        async fn save(&self, ctx: &Context, volume: String) -> Result<String, Infallible>;
    }
}

/// The API of today: an argument came with 1.1, and a method with 1.2.
mod today {
    use super::{Context, Infallible};

    #[rpc_runtime::rpc_api(topic = "backup", namespace = "backup", version = "1.2")]
    pub trait Backup {
        /// Saves a volume, `full` or what changed since the last time.
        #[rpc(call)]
        async fn save(
            &self,
            ctx: &Context,
            volume: String,
            #[rpc(since = "1.1", default = true)] full: bool,
        ) -> Result<String, Infallible>;

        /// Forgets what was saved.
        #[rpc(call, since = "1.2")]
        async fn forget(&self, ctx: &Context, volume: String) -> Result<String, Infallible>;
    }
}

struct OldServer;

impl v1_0::Backup for OldServer {
    async fn save(&self, _: &Context, volume: String) -> Result<String, Infallible> {
        Ok(format!("old server: all of {volume}"))
    }
}

struct NewServer;

impl today::Backup for NewServer {
    async fn save(&self, _: &Context, volume: String, full: bool) -> Result<String, Infallible> {
        let what = if full { "all" } else { "the changes" };
        Ok(format!("new server: {what} of {volume}"))
    }

    async fn forget(&self, _: &Context, volume: String) -> Result<String, Infallible> {
        Ok(format!("new server: nothing of {volume}"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ctx = Context::new();
    let bus = Bus::memory();

    // The clients are upgraded first. As long as old servers are about, new clients are pinned to what those know.
    let old = Server::builder(&bus)
        .server("old")
        .serve::<v1_0::BackupApi, _>(OldServer)
        .start()
        .await?;
    let client = today::BackupClient::new(&bus);
    let pinned = client.pinned(Version::new(1, 0));

    // An argument that has its default need not be sent: an old server does the same without it.
    println!("{}", pinned.call().save(&ctx, "disk", true).await?);
    // Any other value would have no effect there, so it is refused before anything is sent.
    match pinned.call().save(&ctx, "disk", false).await {
        Err(CallError::Send(error @ SendError::ArgumentNotInPin { .. })) => println!("refused: {error}"),
        other => println!("unexpected: {other:?}"),
    }
    // So is a method that came later. can_send tells it in advance.
    if !pinned.can_send(today::BackupApi::FORGET) {
        println!("an old server cannot forget");
    }
    // Without the pin, the old server itself says no: it does not have version 1.1 of the API.
    match client.call().save(&ctx, "disk", false).await {
        Err(CallError::Remote(failure)) => println!("{}", failure.class),
        other => println!("unexpected: {other:?}"),
    }

    // Then the servers. Old clients go on: what they do not send has its default.
    let _ = old.stop().await;
    let _new = Server::builder(&bus)
        .server("new")
        .serve::<today::BackupApi, _>(NewServer)
        .start()
        .await?;
    let old_client = v1_0::BackupClient::new(&bus);
    println!("{}", old_client.call().save(&ctx, "disk").await?);
    println!("{}", client.call().save(&ctx, "disk", false).await?);
    println!("{}", client.call().forget(&ctx, "disk").await?);
    Ok(())
}
