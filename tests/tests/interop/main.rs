//! This project and Python's oslo.messaging call each other over RabbitMQ.
//!
//! Each answer is compared with what a Python peer gives to the same request in the same test, and not with what
//! somebody once wrote down.
#![allow(clippy::unwrap_used)]

mod reference;

use rpc_runtime::testing::{Broker, Vhost};
use rpc_tests::python::Python;
use serde_json::{Value, json};

/// A virtual host, and settings for peers on it.
struct Bench {
    vhost: Vhost<'static>,
}

impl Bench {
    async fn new(name: &str) -> Self {
        let broker = Broker::shared().await.unwrap();
        let vhost = broker.vhost(name).await.unwrap();
        Self { vhost }
    }

    /// A Python server with all endpoints.
    async fn python_server(&self, topic: &str, server: &str) -> Python {
        let settings = json!({
            "url": self.vhost.url(), "topic": topic, "server": server,
            "endpoints": [{"version": "1.5"}, {"namespace": "admin", "version": "2.3"}],
        });
        Python::server(&settings).await
    }

    /// A Python client that rebuilds the exceptions of `peer_errors`.
    fn python_client(&self) -> Python {
        Python::client(&json!({"url": self.vhost.url(), "allow": ["peer_errors"]}))
    }
}

/// Turns a step into the same step to a topic.
fn to(topic: &str, step: &Value) -> Value {
    let mut step = step.clone();
    step["prepare"]["topic"] = json!(topic);
    step
}
