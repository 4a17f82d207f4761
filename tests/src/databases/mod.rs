//! Throwaway database servers: own directory and port, all on loopback; they leave nothing behind.
//!
//! The methods panic when a server does not do its part: a test cannot go on without it.

mod keeper;
mod kind;

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use rpc_runtime::testing::free_ports;

use keeper::Keeper;
pub use kind::Kind;

/// A server. Dropping it ends it, and removes its directory.
#[derive(Debug)]
pub struct DatabaseServer {
    kind: Kind,
    port: u16,
    /// None for one that another process keeps.
    keeper: Option<Mutex<Keeper>>,
}

impl DatabaseServer {
    /// Starts a server of one's own, and waits until it serves.
    pub fn start(kind: Kind) -> Self {
        let name = format!("rpc-database-{}", uuid::Uuid::new_v4().simple());
        let directory: PathBuf = std::env::temp_dir().join(name);
        let [port] = free_ports().expect("a free port on loopback");
        kind.prepare(&directory, port);
        let mut keeper = Keeper::start(directory, kind);
        keeper.order("start", "ready");
        Self {
            kind,
            port,
            keeper: Some(Mutex::new(keeper)),
        }
    }

    /// The server that tests share: the one whose address a variable tells (see [`Kind::variable`]), or one that is
    /// started once in this process. It cannot be stopped.
    pub fn shared(kind: Kind) -> &'static Self {
        static SHARED: [OnceLock<DatabaseServer>; 2] = [const { OnceLock::new() }; 2];
        SHARED[kind as usize].get_or_init(|| match std::env::var(kind.variable()) {
            Ok(url) => Self {
                kind,
                port: port(&url).expect("the URL of a server"),
                keeper: None,
            },
            Err(_) => Self::start(kind),
        })
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        self.url_by(&self.address(), database)
    }

    /// As [`url`](Self::url), by way of another address, such as a relay's.
    pub fn url_by(&self, address: &str, database: &str) -> String {
        self.kind.url(address, database)
    }

    /// The address of the database that is there from the start.
    pub fn own(&self) -> String {
        self.url(self.kind.own())
    }

    /// Stops it in order, and waits until it is gone.
    pub fn stop(&self) {
        self.order("stop", "ended");
    }

    /// Starts it again, on the same port and with what it stored.
    pub fn start_again(&self) {
        self.order("start", "ready");
    }

    fn order(&self, order: &str, answer: &str) {
        let keeper = self.keeper.as_ref();
        let keeper = keeper.expect("this server is shared: start one of your own to stop it");
        keeper
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .order(order, answer);
    }
}

/// The port in what [`DatabaseServer::url`] makes.
fn port(url: &str) -> Option<u16> {
    url.split('@').next_back()?.split(['/', ':']).nth(1)?.parse().ok()
}
