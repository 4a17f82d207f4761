//! What only this transport has. What every transport must do is in the conformance suite.

mod codec;
mod hostile;
mod recovery;
mod socket;

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::sync::mpsc;

use super::*;
use crate::transport::samples::{listen_to, message, topic};
use crate::transport::{Headers, Rejected, Sent};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// A directory of this test's own, removed with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("rpc-direct-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    fn socket(&self) -> PathBuf {
        self.0.join("service.sock")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A serving process on a free port of loopback, with a listener on topic `t`.
async fn serve(settings: Settings) -> (Arc<DirectTransport>, Listener) {
    let server = DirectTransport::tcp_with("127.0.0.1", 0, settings);
    let listener = server.listen(listen_to("t")).await.unwrap();
    (server, listener)
}

fn port(server: &DirectTransport) -> u16 {
    server.local_addr().unwrap().port()
}

/// What arrives at a reply address.
struct Replies {
    route: Route,
    arrived: mpsc::UnboundedReceiver<Bytes>,
}

struct Sink(mpsc::UnboundedSender<Bytes>);

impl ReplySink for Sink {
    fn deliver(&self, body: Bytes, _: Headers) {
        let _ = self.0.send(body);
    }
}

impl Replies {
    async fn open(client: &DirectTransport) -> Self {
        let (replies, address, sink) = Self::unopened();
        client.open_replies(address, sink, soon()).await.unwrap();
        replies
    }

    /// With the address and the sink to open it with.
    fn unopened() -> (Self, String, Arc<Sink>) {
        let address = format!("reply_{}", uuid::Uuid::new_v4().simple());
        let (sender, arrived) = mpsc::unbounded_channel();
        let route = Route::Reply {
            address: address.as_str().into(),
        };
        (Self { route, arrived }, address, Arc::new(Sink(sender)))
    }

    async fn next(&mut self) -> Bytes {
        timeout(Duration::from_secs(20), self.arrived.recv())
            .await
            .expect("a reply in time")
            .unwrap()
    }
}

async fn next(listener: &mut Listener) -> Bytes {
    let delivery = timeout(Duration::from_secs(20), listener.deliveries.recv())
        .await
        .expect("a delivery in time")
        .unwrap();
    let body = delivery.body;
    delivery.receipt.ack();
    body
}
