//! The other end of the bus.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rpc_runtime::Failure;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{Headers, Message, ReplySink, Route, Transport};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// A peer that writes its messages by hand.
pub(crate) struct Peer {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) replies: mpsc::UnboundedReceiver<Value>,
}

struct Sink(mpsc::UnboundedSender<Value>);

impl ReplySink for Sink {
    fn deliver(&self, body: Bytes, _: Headers) {
        let envelope: Value = serde_json::from_slice(&body).unwrap();
        let inner = envelope["oslo.message"].as_str().unwrap();
        // The test may be over.
        let _ = self.0.send(serde_json::from_str(inner).unwrap());
    }
}

impl Peer {
    pub(crate) async fn new(bus: &str) -> Self {
        Self::on(MemoryTransport::named(bus)).await
    }

    /// One whose reply queue is not there.
    pub(crate) fn away(bus: &str) -> Self {
        Self {
            transport: MemoryTransport::named(bus),
            replies: mpsc::unbounded_channel().1,
        }
    }

    pub(crate) async fn on(transport: Arc<dyn Transport>) -> Self {
        let (sender, replies) = mpsc::unbounded_channel();
        let address = "reply_0123".to_owned();
        transport
            .open_replies(address, Arc::new(Sink(sender)), soon())
            .await
            .unwrap();
        Self { transport, replies }
    }

    pub(crate) async fn publish(&self, message: Message) {
        let route = Route::Topic {
            exchange: "openstack".into(),
            topic: "work".into(),
            server: None,
        };
        self.transport.send(route, message, soon()).await.unwrap();
    }

    pub(crate) async fn send_raw(&self, body: &[u8]) {
        let message = Message {
            body: Bytes::copy_from_slice(body),
            mandatory: true,
            ..Message::default()
        };
        self.publish(message).await;
    }

    pub(crate) async fn send(&self, inner: Value) {
        let envelope = json!({"oslo.version": "2.0", "oslo.message": inner.to_string()});
        self.send_raw(envelope.to_string().as_bytes()).await;
    }

    pub(crate) async fn reply(&mut self) -> Value {
        timeout(Duration::from_secs(120), self.replies.recv())
            .await
            .unwrap()
            .unwrap()
    }
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

pub(crate) fn call(method: &str, id: &str) -> Value {
    json!({"method": method, "args": {}, "_msg_id": id, "_reply_q": "reply_0123", "_timeout": null,
           "_unique_id": format!("u-{id}")})
}

pub(crate) fn failure(reply: &Value) -> Failure {
    serde_json::from_str(reply["failure"].as_str().unwrap()).unwrap()
}

/// Whether a reply says nothing but that the server is alive.
pub(crate) fn is_heartbeat(reply: &Value) -> bool {
    (&reply["result"], &reply["ending"]) == (&Value::Null, &json!(false))
}
