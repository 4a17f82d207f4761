//! An API that grows while old servers and old clients are in use, as in a rolling upgrade.
//!
//! ```text
//! cargo run -p rpc-examples --bin versions
//! ```

use std::convert::Infallible;
use std::error::Error;

use rpc_runtime::{ApiSpec, Bus, CallError, Context, PinSource, SendError, Server, UpgradeLevel, Version};

/// The API as it was first released.
mod v1_0 {
    use super::{Context, Infallible};

    #[rpc_runtime::rpc_api(topic = "backup", namespace = "backup", version = "1.0")]
    pub trait Backup {
        /// Saves a volume for a time, as `30d`.
        #[rpc(call)]
        async fn save(&self, ctx: &Context, volume: String, keep: String) -> Result<String, Infallible>;
    }
}

/// The API of today: an argument came with 1.1; with 1.2 another became a number, and a method came.
mod today {
    use std::num::ParseIntError;

    use super::{Context, Infallible};

    fn days_to_text(days: &u32) -> String {
        format!("{days}d")
    }

    fn days_of_text(mut text: String) -> Result<u32, ParseIntError> {
        text.retain(|c| c != 'd');
        text.parse()
    }

    #[rpc_runtime::rpc_api(
        topic = "backup",
        namespace = "backup",
        version = "1.2",
        releases(spring = "1.0", autumn = "1.2")
    )]
    pub trait Backup {
        /// Saves a volume for a number of days, `full` or what changed since the last time.
        #[rpc(call)]
        async fn save(
            &self,
            ctx: &Context,
            volume: String,
            #[rpc(below("1.2", days_to_text, days_of_text))] keep: u32,
            #[rpc(since = "1.1", default = true)] full: bool,
        ) -> Result<String, Infallible>;

        /// Forgets what was saved.
        #[rpc(call, since = "1.2")]
        async fn forget(&self, ctx: &Context, volume: String) -> Result<String, Infallible>;
    }
}

struct OldServer;

impl v1_0::Backup for OldServer {
    async fn save(&self, _: &Context, volume: String, keep: String) -> Result<String, Infallible> {
        Ok(format!("old server: all of {volume} for {keep}"))
    }
}

struct NewServer;

impl today::Backup for NewServer {
    async fn save(&self, _: &Context, volume: String, keep: u32, full: bool) -> Result<String, Infallible> {
        let what = if full { "all" } else { "the changes" };
        Ok(format!("new server: {what} of {volume} for {keep} days"))
    }

    async fn forget(&self, _: &Context, volume: String) -> Result<String, Infallible> {
        Ok(format!("new server: nothing of {volume}"))
    }
}

/// Who knows which servers there are: here, that the oldest is of the first release. A service would look into a table,
/// and ask again on SIGHUP.
struct Fleet;

impl PinSource for Fleet {
    async fn version(&self, _: &'static ApiSpec) -> Result<Option<Version>, Box<dyn Error + Send + Sync>> {
        Ok(Some(Version::new(1, 0)))
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
    // An operator sets to what: a release, a version, or `auto` to have somebody asked.
    for setting in ["spring", "1.0", "auto"] {
        let level: UpgradeLevel<today::BackupRelease> = setting.parse()?;
        if let Some(version) = level.pin(Fleet).await?.version() {
            println!("'{setting}' is nothing later than {version}");
        }
    }
    let pinned = client.pinned(today::BackupRelease::Spring);

    // An argument that has its default need not be sent: an old server does the same without it. The days go as the
    // text that an old server knows.
    println!("{}", pinned.call().save(&ctx, "disk", 30, true).await?);
    // Any other value would have no effect there, so it is refused before anything is sent.
    match pinned.call().save(&ctx, "disk", 30, false).await {
        Err(CallError::Send(error @ SendError::ArgumentNotInPin { .. })) => println!("refused: {error}"),
        other => println!("unexpected: {other:?}"),
    }
    // So is a method that came later. can_send tells it in advance.
    if !pinned.can_send(today::BackupApi::FORGET) {
        println!("an old server cannot forget");
    }
    // Without the pin, the old server itself says no: it does not have version 1.1 of the API.
    match client.call().save(&ctx, "disk", 30, false).await {
        Err(CallError::Remote(failure)) => println!("{}", failure.class),
        other => println!("unexpected: {other:?}"),
    }

    // Then the servers. Old clients go on: what they do not send has its default, and days that come as a text are a
    // number to the manager.
    let _ = old.stop().await;
    let _new = Server::builder(&bus)
        .server("new")
        .serve::<today::BackupApi, _>(NewServer)
        .start()
        .await?;
    let old_client = v1_0::BackupClient::new(&bus);
    println!("{}", old_client.call().save(&ctx, "disk", "30d").await?);
    println!("{}", client.call().save(&ctx, "disk", 30, false).await?);
    println!("{}", client.call().forget(&ctx, "disk").await?);
    Ok(())
}
