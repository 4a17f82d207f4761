//! A service from its start to its end: hooks, a periodic task, worker processes, an inspection socket.
//!
//! ```text
//! cargo run -p rpc-examples --bin service -- serve [URL [WORKERS]]
//! cargo run -p rpc-examples --bin service -- ask [URL]
//! ```
//!
//! Without a URL it serves over a socket, in one process. Over RabbitMQ it may have workers, as in
//! `serve rabbit://guest:guest@localhost/ 3`: kill one of them, and another takes its place.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::service::{
    BoxError, Identity, Launcher, Manager, MemoryGroup, Service, Workers, periodic_tasks, wait_until_ready,
};
use rpc_runtime::{Bus, Context, RpcServer, Settings, rpc_api};

/// Prints pages.
#[rpc_api(topic = "print_shop", version = "1.0")]
trait PrintShop {
    /// Prints, and tells which press did.
    #[rpc(call, timeout = "30s")]
    async fn print(&self, ctx: &Context, pages: u32) -> Result<String, Infallible>;
}

struct Press {
    name: String,
}

impl PrintShop for Press {
    async fn print(&self, _: &Context, pages: u32) -> Result<String, Infallible> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(format!("{pages} pages printed by {}", self.name))
    }
}

/// What the service serves, a field for each API.
#[derive(RpcServer)]
struct Shop {
    #[rpc(PrintShopApi)]
    press: Press,
}

impl Manager for Shop {
    async fn init_host(&self, service: &Identity) -> Result<(), BoxError> {
        println!("{} starts as {service}", self.press.name);
        Ok(())
    }
}

#[periodic_tasks]
impl Shop {
    #[periodic_task(spacing = "5s", run_immediately)]
    async fn oil(&self, _: &Context) {
        println!("{} is oiled", self.press.name);
    }
}

async fn serve(url: &str, workers: u32) -> Result<ExitCode, Box<dyn Error>> {
    let url = url.parse()?;
    let workers = Workers::processes(workers, &url)?;
    let mut launcher = Launcher::new()?
        .on_reload(|| println!("SIGHUP: this would read the settings again"))
        .on_ready(|| println!("serving; Ctrl-C ends it"));

    // Opened and not connected: this is done in every process, also in the one that only keeps its workers.
    let bus = Bus::open(&url, Settings::default())?;
    let name = match launcher.worker() {
        Some(number) => format!("press {number}"),
        None => "the press".to_owned(),
    };
    let service = Service::builder(
        &bus,
        Shop {
            press: Press { name },
        },
    )
    .binary("print-shop")
    // Rows in memory, for want of a database.
    .group(Arc::new(MemoryGroup::new()))
    .periodic_fuzzy_delay(Duration::from_secs(1))
    .backdoor("0".parse()?)
    .server(|server| server.handlers(16).drain(Duration::from_secs(10)));
    launcher.serve(workers, service.start())?;
    Ok(launcher.wait().await?.exit_code())
}

async fn ask(url: &str) -> Result<ExitCode, Box<dyn Error>> {
    let bus = Bus::open(&url.parse()?, Settings::default())?;
    let shop = PrintShopClient::new(&bus);
    let ctx = Context::new();
    // The shop may be about to open.
    wait_until_ready(&bus, "the print shop", |limit| {
        shop.timeout(limit).call().print(&ctx, 0)
    })
    .await?;
    let orders = (1..=20).map(|pages| tokio::spawn(shop.call().print(&ctx, pages)));
    for order in orders.collect::<Vec<_>>() {
        println!("{}", order.await??);
    }
    bus.close().await;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let url = arguments.get(1).copied().unwrap_or("tcp://127.0.0.1:7008");
    match arguments[..] {
        ["serve"] | ["serve", _] => serve(url, 0).await,
        ["serve", _, workers] => serve(url, workers.parse()?).await,
        ["ask"] | ["ask", _] => ask(url).await,
        _ => Err("write serve [URL [WORKERS]], or ask [URL]".into()),
    }
}
