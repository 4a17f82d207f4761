//! This project and Python's oslo.messaging call each other over RabbitMQ.
//!
//! Each answer is compared with what a Python peer gives to the same request in the same test, and not with what
//! somebody once wrote down.
#![allow(clippy::unwrap_used)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "literals of json! read best as they are"
)]

mod exported;
mod peer;
mod python_calls_rust;
mod reference;
mod rust_calls_python;

use rpc_runtime::Bus;
use rpc_runtime::testing::{Broker, Vhost};
use rpc_tests::python::Python;
use serde_json::{Value, json};

/// The topics: of the same methods, served by Python and by Rust.
const PYTHON: &str = "python";
const RUST: &str = "rust";

/// A virtual host of a test.
struct Bench {
    vhost: Vhost<'static>,
}

impl Bench {
    async fn new(name: &str) -> Self {
        let broker = Broker::shared().await.unwrap();
        let vhost = broker.vhost(name).await.unwrap();
        Self { vhost }
    }

    async fn bus(&self) -> Bus {
        Bus::connect(&self.vhost.url()).await.unwrap()
    }

    /// A Python server of all APIs, with options of its driver.
    async fn python_server(&self, server: &str, options: Value) -> Python {
        let settings = json!({
            "url": self.vhost.url(), "topic": PYTHON, "server": server, "options": options,
            "endpoints": [{"version": "1.5"}, {"namespace": "admin", "version": "2.3"}],
        });
        Python::server(&settings).await
    }

    /// A Python client that rebuilds the exceptions of `peer_errors`, with options of its driver.
    fn python_client(&self, options: Value) -> Python {
        Python::client(&json!({
            "url": self.vhost.url(), "allow": ["peer_errors"], "options": options,
        }))
    }
}

/// Has a client take a step towards a topic.
async fn take(client: &mut Python, topic: &str, step: &Value) -> Value {
    let mut step = step.clone();
    step["prepare"]["topic"] = json!(topic);
    client.take(&step).await
}
