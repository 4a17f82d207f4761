//! One connection through the relay.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::{Counts, Direction, Flow, Orders, Welcome};

/// Chunks that a delay keeps, at most: a slow line must not take all memory.
const UNDER_WAY: usize = 256;
const CHUNK: usize = 16 * 1024;

/// What the relay tells a connection, and hears from it.
pub(super) struct Link {
    pub(super) orders: watch::Receiver<Orders>,
    pub(super) counts: watch::Sender<Counts>,
}

/// How a connection ends.
enum End {
    Close,
    Reset,
}

impl End {
    fn apply(&self, streams: &[&TcpStream]) {
        if let End::Reset = self {
            for stream in streams {
                // Fails for a socket that is gone, which needs no reset.
                let _ = stream.set_zero_linger();
            }
        }
    }
}

impl Link {
    pub(super) async fn run(self, client: TcpStream, target: String) {
        self.counts.send_modify(|counts| counts.open += 1);
        self.serve(client, &target).await;
        self.counts.send_modify(|counts| counts.open -= 1);
    }

    async fn serve(&self, mut client: TcpStream, target: &str) {
        let start = *self.orders.borrow();
        if start.welcome == Welcome::Drop {
            return;
        }
        let ended = self.ended(start);
        tokio::pin!(ended);
        let connected = tokio::select! {
            server = self.connect(target) => server,
            how = &mut ended => return how.apply(&[&client]),
        };
        let Ok(mut server) = connected else {
            return;
        };
        let how = {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            let both = async {
                tokio::try_join!(
                    self.pump(Direction::Up, start, from_client, to_server),
                    self.pump(Direction::Down, start, from_server, to_client)
                )
            };
            tokio::select! {
                _ = both => End::Close,
                how = &mut ended => how,
            }
        };
        how.apply(&[&client, &server]);
    }

    /// Waits for the order that ends this connection, the relay's own end included.
    async fn ended(&self, start: Orders) -> End {
        let over = |now: &Orders| now.closed != start.closed || now.reset != start.reset;
        match self.orders.clone().wait_for(over).await {
            Ok(now) if now.reset != start.reset => End::Reset,
            _ => End::Close,
        }
    }

    /// Waits until the relay's orders are so.
    async fn until(&self, wanted: impl FnMut(&Orders) -> bool) -> io::Result<Orders> {
        let orders = self.orders.clone().wait_for(wanted).await.map(|orders| *orders);
        orders.map_err(|_| io::ErrorKind::ConnectionAborted.into())
    }

    async fn connect(&self, target: &str) -> io::Result<TcpStream> {
        self.until(|orders| orders.welcome == Welcome::Forward).await?;
        let server = TcpStream::connect(target).await?;
        server.set_nodelay(true)?;
        Ok(server)
    }

    /// Forwards one way until its end.
    async fn pump(
        &self,
        direction: Direction,
        start: Orders,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let ended = start.of(direction).ended;
        let forwarded = tokio::select! {
            done = self.forward(direction, &mut from, &mut to) => Some(done),
            _ = self.until(|orders| orders.of(direction).ended != ended) => None,
        };
        match forwarded {
            Some(Ok(())) => to.shutdown().await,
            Some(failed) => failed,
            None => {
                to.shutdown().await?;
                // The sender does not know that nobody listens, and its own end is to be noticed.
                tokio::io::copy(&mut from, &mut tokio::io::sink()).await.map(drop)
            }
        }
    }

    async fn forward(
        &self,
        direction: Direction,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
    ) -> io::Result<()> {
        let (queue, mut queued) = mpsc::channel::<(Instant, Bytes)>(UNDER_WAY);
        let read = async move {
            let mut buffer = vec![0; CHUNK];
            loop {
                self.flowing(direction).await?;
                let length = from.read(&mut buffer).await?;
                let delay = self.orders.borrow().of(direction).delay;
                let chunk = Bytes::copy_from_slice(buffer.get(..length).unwrap_or_default());
                // A closed queue means that writing failed, which the other branch reports.
                if length == 0 || queue.send((Instant::now() + delay, chunk)).await.is_err() {
                    return Ok(());
                }
            }
        };
        let write = async move {
            while let Some((due, chunk)) = queued.recv().await {
                sleep_until(due).await;
                self.write(direction, &chunk, to).await?;
            }
            Ok(())
        };
        tokio::try_join!(read, write).map(drop)
    }

    async fn write(&self, direction: Direction, mut chunk: &[u8], to: &mut WriteHalf<'_>) -> io::Result<()> {
        while !chunk.is_empty() {
            let flow = self.flowing(direction).await?;
            // A narrow line passes a fiftieth of a second's share at a time.
            let share = flow
                .bytes_per_second
                .map_or(chunk.len(), |rate| (rate / 50).max(1) as usize);
            let (piece, rest) = chunk.split_at(share.min(chunk.len()));
            to.write_all(piece).await?;
            self.counts.send_modify(|counts| match direction {
                Direction::Up => counts.up += piece.len() as u64,
                Direction::Down => counts.down += piece.len() as u64,
            });
            if let Some(rate) = flow.bytes_per_second {
                sleep(Duration::from_secs_f64(piece.len() as f64 / f64::from(rate))).await;
            }
            chunk = rest;
        }
        Ok(())
    }

    /// Waits while the direction is held.
    async fn flowing(&self, direction: Direction) -> io::Result<Flow> {
        let orders = self.until(|orders| !orders.of(direction).held).await?;
        Ok(*orders.of(direction))
    }
}
