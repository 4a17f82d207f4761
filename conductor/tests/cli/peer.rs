//! A server in the test's own process that tells what it got, so that a test sees what a command sends.

use rpc_runtime::server::{Dispatch, Incoming};
use rpc_runtime::{Answer, ApiSpec, Bus, Failure, RpcServer, Server, Version};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::program::Home;

/// Answers every method of every namespace with the request itself, except for the few below.
struct Peer {
    seen: mpsc::UnboundedSender<Value>,
}

const SPEC: &ApiSpec = &ApiSpec::new("Peer", Version::new(1, 0), &[]);

impl RpcServer for Peer {
    fn apis(&self) -> &[&'static ApiSpec] {
        &[SPEC]
    }

    fn dispatch(&self, request: Incoming) -> Dispatch<'_> {
        Box::pin(async move {
            let seen = json!({
                "method": request.method(),
                "namespace": request.message().namespace(),
                "version": request.version().map(|version| version.to_string()),
                "args": serde_json::from_str::<Value>(request.args()).unwrap(),
                "context": request.context::<Map<String, Value>>()?,
            });
            let _ = self.seen.send(seen.clone());
            match request.method() {
                "silent" => std::future::pending().await,
                "lost" => Ok(Answer::Declared(Failure::new(
                    "nova.exception",
                    "InstanceNotFound",
                    "Instance 7 could not be found.",
                ))),
                "big" => Answer::value(&"x".repeat(1 << 20)),
                _ => Answer::value(&seen),
            }
        })
    }
}

/// Serves the topic `peer` at the home's socket; what comes in is told, too.
pub(crate) async fn serve(home: &Home) -> (Server, mpsc::UnboundedReceiver<Value>) {
    let (seen, receiver) = mpsc::unbounded_channel();
    let url = home.url().parse().unwrap();
    let bus = Bus::open(&url, rpc_runtime::Settings::default()).unwrap();
    let server = Server::builder(&bus)
        .topic("peer")
        .server("here")
        .service(Peer { seen })
        .start()
        .await
        .unwrap();
    (server, receiver)
}
