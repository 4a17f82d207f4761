//! A peer that writes its messages by hand: as a client it sends anything, as a server it answers with anything.

use std::sync::Arc;

use bytes::Bytes;
use rpc_runtime::transport::{
    Headers, Listen, Listener, Message, ReplySink, Route, Transport, TransportError,
};
use rpc_runtime::{Bus, Failure};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{DEADLINE, within};

/// A transport, a reply address, and what arrived there.
pub(crate) struct Peer {
    pub(crate) transport: Arc<dyn Transport>,
    /// Where it takes replies.
    pub(crate) address: String,
    arrived: mpsc::UnboundedReceiver<Value>,
}

struct Sink(mpsc::UnboundedSender<Value>);

impl ReplySink for Sink {
    fn deliver(&self, body: Bytes, _: Headers) {
        let reply: Value = serde_json::from_slice(&body).unwrap();
        // The test may be over.
        let _ = self.0.send(inner(&reply));
    }
}

/// The document inside an envelope.
fn inner(envelope: &Value) -> Value {
    serde_json::from_str(envelope["oslo.message"].as_str().unwrap()).unwrap()
}

/// A document in its envelope.
pub(crate) fn envelope(inner: &str) -> String {
    json!({"oslo.version": "2.0", "oslo.message": inner}).to_string()
}

impl Peer {
    /// A peer on a bus; the bus must not make calls itself.
    pub(crate) async fn new(bus: &Bus) -> Self {
        let transport = Arc::clone(bus.transport());
        let address = format!("reply_{}", uuid::Uuid::new_v4().simple());
        let (sender, arrived) = mpsc::unbounded_channel();
        within(
            "a reply address",
            transport.open_replies(address.clone(), Arc::new(Sink(sender)), soon()),
        )
        .await
        .unwrap();
        Self {
            transport,
            address,
            arrived,
        }
    }

    /// Sends a body to the topic `work`.
    pub(crate) async fn send(&self, body: impl Into<Bytes>) {
        let route = Route::Topic {
            exchange: "openstack".into(),
            topic: "work".into(),
            server: None,
        };
        self.send_to(route, body).await.unwrap();
    }

    /// Sends a body anywhere.
    pub(crate) async fn send_to(&self, route: Route, body: impl Into<Bytes>) -> Result<(), TransportError> {
        let message = Message {
            body: body.into(),
            mandatory: true,
            ..Message::default()
        };
        within("a confirm", self.transport.send(route, message, soon())).await
    }

    /// Sends a reply to an address; whether somebody was there.
    pub(crate) async fn reply_to(&self, address: &str, body: impl Into<Bytes>) -> bool {
        let route = Route::Reply {
            address: address.into(),
        };
        self.send_to(route, body).await.is_ok()
    }

    /// The next reply.
    pub(crate) async fn reply(&mut self) -> Value {
        within("a reply", self.arrived.recv()).await.unwrap()
    }

    /// Whether a reply is there already.
    pub(crate) fn nothing_arrived(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }

    /// The class of the failure that is the next reply.
    pub(crate) async fn failure(&mut self) -> Failure {
        let reply = self.reply().await;
        let text = reply["failure"]
            .as_str()
            .unwrap_or_else(|| panic!("no failure: {reply}"));
        serde_json::from_str(text).unwrap()
    }

    /// Listens to the topic `work` as a server.
    pub(crate) async fn listen(&self) -> Listener {
        let to = Listen {
            exchange: "openstack".into(),
            topic: "work".into(),
            server: "by-hand".into(),
            prefetch: 100,
        };
        within("a listener", self.transport.listen(to)).await.unwrap()
    }
}

/// A request as a server that works by hand received it.
pub(crate) struct Taken {
    pub(crate) msg_id: String,
    pub(crate) reply_q: String,
    /// The argument `id`.
    pub(crate) id: String,
}

/// Takes the next request.
pub(crate) async fn take(listener: &mut Listener) -> Taken {
    let delivery = within("a request", listener.deliveries.recv()).await.unwrap();
    let body: Value = serde_json::from_slice(&delivery.body).unwrap();
    delivery.receipt.ack();
    let request = inner(&body);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Taken {
        msg_id: text(&request["_msg_id"]),
        reply_q: text(&request["_reply_q"]),
        id: text(&request["args"]["id"]),
    }
}

fn soon() -> Instant {
    Instant::now() + DEADLINE
}
