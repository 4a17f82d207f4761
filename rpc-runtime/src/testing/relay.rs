//! A TCP relay that misbehaves on command: between a client and a broker, or before any other server.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use rpc_runtime::testing::relay::{Direction, Relay};
//!
//! let relay = Relay::start("127.0.0.1:5672").await?;
//! let url = format!("rabbit://guest:guest@{}/", relay.address());
//! // ... connect to url ...
//! relay.black_hole(); // connections stay open and silent
//! relay.heal().await?; // what was held flows again
//! relay.hold(Direction::Down); // the client is heard, but hears nothing
//! relay.reset(); // every connection ends with RST
//! relay.refuse().await; // and new ones are refused
//! # Ok(())
//! # }
//! ```

mod link;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What happened so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Counts {
    /// Connections accepted, those dropped at once included.
    pub accepted: u64,
    /// Connections open now.
    pub open: u64,
    /// Bytes forwarded to the server.
    pub up: u64,
    /// Bytes forwarded to the client.
    pub down: u64,
}

/// What becomes of a new connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Welcome {
    Forward,
    Drop,
    /// Accepted, and nothing further, not even a connection to the server.
    Silence,
}

/// How one direction is treated.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Flow {
    held: bool,
    delay: Duration,
    bytes_per_second: Option<u32>,
    /// Connections older than the last increase have this direction ended (FIN).
    ended: u64,
}

/// What every connection is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Orders {
    welcome: Welcome,
    up: Flow,
    down: Flow,
    /// Connections older than the last increase are closed ...
    closed: u64,
    /// ... or reset.
    reset: u64,
}

impl Orders {
    fn of(&self, direction: Direction) -> &Flow {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    fn of_mut(&mut self, direction: Direction) -> &mut Flow {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

/// A relay on a loopback port of its own. Dropping it closes everything.
#[derive(Debug)]
pub struct Relay {
    target: String,
    address: SocketAddr,
    orders: watch::Sender<Orders>,
    counts: watch::Sender<Counts>,
    listening: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Relay {
    /// Listens on a free port, and forwards to `target` (`host:port`).
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(target: impl Into<String>) -> io::Result<Self> {
        let healthy = Orders {
            welcome: Welcome::Forward,
            up: Flow::default(),
            down: Flow::default(),
            closed: 0,
            reset: 0,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let relay = Self {
            target: target.into(),
            address: listener.local_addr()?,
            orders: watch::Sender::new(healthy),
            counts: watch::Sender::new(Counts::default()),
            listening: tokio::sync::Mutex::new(None),
        };
        *relay.listening.lock().await = Some(relay.accept(listener));
        Ok(relay)
    }

    fn accept(&self, listener: TcpListener) -> JoinHandle<()> {
        let target = self.target.clone();
        let orders = self.orders.subscribe();
        let counts = self.counts.clone();
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else {
                    continue;
                };
                counts.send_modify(|counts| counts.accepted += 1);
                let link = link::Link {
                    orders: orders.clone(),
                    counts: counts.clone(),
                };
                tokio::spawn(link.run(client, target.clone()));
            }
        })
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    /// Waits until the counts are as wanted. Bound it by a time limit of the caller's.
    pub async fn wait(&self, wanted: impl FnMut(&Counts) -> bool) -> Counts {
        // The sender lives as long as the relay, so there is always a value.
        match self.counts.subscribe().wait_for(wanted).await {
            Ok(counts) => *counts,
            Err(_) => self.counts(),
        }
    }

    /// Ends every fault: listens again, and forwards without hindrance. What was held is delivered; connections
    /// that were welcomed with silence reach the server now.
    ///
    /// # Errors
    /// When the port was taken by somebody else after [`refuse`](Self::refuse).
    pub async fn heal(&self) -> io::Result<()> {
        self.orders.send_modify(|orders| {
            orders.welcome = Welcome::Forward;
            for direction in [Direction::Up, Direction::Down] {
                let flow = orders.of_mut(direction);
                *flow = Flow {
                    ended: flow.ended,
                    ..Flow::default()
                };
            }
        });
        let mut listening = self.listening.lock().await;
        if listening.is_none() {
            *listening = Some(self.accept(TcpListener::bind(self.address).await?));
        }
        Ok(())
    }

    /// Refuses new connections, as a port does on which nobody listens. Open ones stay.
    pub async fn refuse(&self) {
        if let Some(task) = self.listening.lock().await.take() {
            task.abort();
            // The listener is closed when the task is gone.
            let _ = task.await;
        }
    }

    /// Accepts new connections and closes them at once, as a load balancer without a backend does.
    pub fn accept_and_drop(&self) {
        self.orders.send_modify(|orders| orders.welcome = Welcome::Drop);
    }

    /// Stops reading from, and writing to, every connection; new ones are accepted and left in silence.
    pub fn black_hole(&self) {
        self.orders.send_modify(|orders| {
            orders.welcome = Welcome::Silence;
            orders.up.held = true;
            orders.down.held = true;
        });
    }

    /// Stops forwarding one way.
    pub fn hold(&self, direction: Direction) {
        self.orders
            .send_modify(|orders| orders.of_mut(direction).held = true);
    }

    /// Delivers everything later, both ways, without making the line narrower.
    pub fn delay(&self, delay: Duration) {
        self.orders.send_modify(|orders| {
            orders.up.delay = delay;
            orders.down.delay = delay;
        });
    }

    /// Makes the line narrow: so many bytes a second each way, at least one, for each connection.
    pub fn limit(&self, bytes_per_second: u32) {
        self.orders.send_modify(|orders| {
            orders.up.bytes_per_second = Some(bytes_per_second.max(1));
            orders.down.bytes_per_second = Some(bytes_per_second.max(1));
        });
    }

    /// Closes every connection in order (FIN both ways). What is under way is lost.
    pub fn cut(&self) {
        self.orders.send_modify(|orders| orders.closed += 1);
    }

    /// Resets every connection (RST both ways).
    pub fn reset(&self) {
        self.orders.send_modify(|orders| orders.reset += 1);
    }

    /// Ends one direction of every connection (FIN), and forwards the other further on.
    pub fn half_close(&self, direction: Direction) {
        self.orders
            .send_modify(|orders| orders.of_mut(direction).ended += 1);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.cut();
        if let Some(task) = self.listening.get_mut().take() {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests;
