//! The transport over RabbitMQ, where it is more than any transport: what it declares, what the broker refuses,
//! and how it comes back. On a broker that tests share; faults of a whole broker are in `amqp_faults.rs`.

mod declared;
mod operator;
mod poison;
mod publishing;
mod recovery;
mod tls;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::testing::{Broker, Vhost};
use rpc_runtime::transport::url::TransportUrl;
use rpc_runtime::transport::{self, Delivery, Listen, Listener, Transport};

/// A transport at a URL.
fn open(url: &str) -> Arc<dyn Transport> {
    let url: TransportUrl = url.parse().expect("a transport URL");
    transport::open(&url).expect("a transport")
}

async fn vhost(name: &str) -> Vhost<'static> {
    let broker = Broker::shared().await.expect("a broker");
    broker.vhost(name).await.expect("a virtual host")
}

fn to(topic: &str, server: &str, prefetch: u16) -> Listen {
    Listen {
        exchange: "openstack".into(),
        topic: topic.into(),
        server: server.into(),
        prefetch,
    }
}

/// Waits, but not for ever.
async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(20), future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: nothing for 20 seconds"),
    }
}

async fn next(listener: &mut Listener) -> Delivery {
    let delivery = within("a delivery", listener.deliveries.recv()).await;
    delivery.expect("the listener has not ended")
}

async fn next_body(listener: &mut Listener) -> String {
    let delivery = next(listener).await;
    let body = String::from_utf8(delivery.body.to_vec()).expect("a text");
    delivery.receipt.ack();
    body
}
