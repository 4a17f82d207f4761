//! The Rust peer: what `tests/python/server.py` offers, as an API.

use std::collections::BTreeMap;
use std::time::Duration;

use rpc_runtime::{Bus, Context, Failure, RpcError, RpcServer, Server, rpc_api};
use serde_json::Value;
use tokio::sync::watch;

/// The errors that both peers know.
#[derive(Clone, PartialEq, Debug, thiserror::Error, RpcError)]
#[rpc(module = "peer_errors")]
pub(crate) enum PeerError {
    #[error("Instance {instance_id} could not be found.")]
    InstanceNotFound { instance_id: String },
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    #[rpc(module = "builtins", class = "ValueError")]
    Value(String),
    /// Python writes a key error's text in quotes.
    #[error("'{0}'")]
    #[rpc(module = "builtins", class = "KeyError")]
    Key(String),
    #[error("{0}")]
    #[rpc(module = "builtins", class = "RuntimeError")]
    Runtime(String),
    /// Made and not rebuilt by Python, whose constructor wants other arguments.
    #[error("{host} is down: {reason}")]
    HostDown { host: String, reason: String },
    #[error(transparent)]
    #[rpc(transparent)]
    Other(Failure),
}

/// Everything but the namespace.
#[rpc_api(topic = "peer", version = "1.5")]
pub(crate) trait Peer {
    #[rpc(call)]
    async fn echo(&self, ctx: &Context, value: Value) -> Result<Value, PeerError>;
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64, #[rpc(default = 1)] b: i64) -> Result<i64, PeerError>;
    #[rpc(call)]
    async fn nothing(&self, ctx: &Context) -> Result<(), PeerError>;
    #[rpc(call)]
    async fn whoami(&self, ctx: &Context) -> Result<String, PeerError>;
    #[rpc(call)]
    async fn context(&self, ctx: &Context) -> Result<BTreeMap<String, Value>, PeerError>;
    #[rpc(call)]
    async fn big(&self, ctx: &Context, size: usize) -> Result<String, PeerError>;
    #[rpc(call, monitored)]
    async fn slow(&self, ctx: &Context, seconds: u64) -> Result<u64, PeerError>;
    #[rpc(call)]
    async fn fail(&self, ctx: &Context, kind: String) -> Result<(), PeerError>;
    #[rpc(call)]
    async fn fail_expected(&self, ctx: &Context) -> Result<(), PeerError>;
    #[rpc(cast, fanout)]
    async fn note(&self, ctx: &Context, value: Value);
    #[rpc(call)]
    async fn notes(&self, ctx: &Context, count: usize) -> Result<Vec<Value>, PeerError>;
}

/// The same topic, another namespace and major version.
#[rpc_api(topic = "peer", namespace = "admin", version = "2.3")]
pub(crate) trait Admin {
    #[rpc(call)]
    async fn whoami(&self, ctx: &Context) -> Result<String, PeerError>;
}

pub(crate) struct Manager {
    label: String,
    notes: watch::Sender<Vec<Value>>,
}

impl Manager {
    fn new(label: String) -> Self {
        let notes = watch::Sender::default();
        Self { label, notes }
    }
}

fn failure(kind: &str) -> PeerError {
    let several = || Failure {
        args: vec![2.into(), vec!["three"].into()],
        ..Failure::new("builtins", "ValueError", "(2, ['three'])")
    };
    match kind {
        "value" => PeerError::Value("bad value".to_owned()),
        "key" => PeerError::Key("missing".to_owned()),
        "unicode" => PeerError::Runtime("d\u{e9}sol\u{e9} \u{2603}".to_owned()),
        "empty" => PeerError::Value(String::new()),
        "several" => PeerError::Other(several()),
        "not_found" => PeerError::InstanceNotFound {
            instance_id: "i-42".to_owned(),
        },
        "conflict" => PeerError::Conflict("already there".to_owned()),
        "host_down" => PeerError::HostDown {
            host: "node-3".to_owned(),
            reason: "no power".to_owned(),
        },
        other => PeerError::Key(other.to_owned()),
    }
}

impl Peer for Manager {
    async fn echo(&self, _: &Context, value: Value) -> Result<Value, PeerError> {
        Ok(value)
    }

    async fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, PeerError> {
        Ok(a + b)
    }

    async fn nothing(&self, _: &Context) -> Result<(), PeerError> {
        Ok(())
    }

    async fn whoami(&self, _: &Context) -> Result<String, PeerError> {
        Ok(self.label.clone())
    }

    async fn context(&self, ctx: &Context) -> Result<BTreeMap<String, Value>, PeerError> {
        Ok(ctx
            .iter()
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect())
    }

    async fn big(&self, _: &Context, size: usize) -> Result<String, PeerError> {
        Ok("x".repeat(size))
    }

    async fn slow(&self, _: &Context, seconds: u64) -> Result<u64, PeerError> {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ok(seconds)
    }

    async fn fail(&self, _: &Context, kind: String) -> Result<(), PeerError> {
        Err(failure(&kind))
    }

    async fn fail_expected(&self, _: &Context) -> Result<(), PeerError> {
        Err(failure("not_found"))
    }

    async fn note(&self, _: &Context, value: Value) {
        self.notes.send_modify(|notes| notes.push(value));
    }

    async fn notes(&self, _: &Context, count: usize) -> Result<Vec<Value>, PeerError> {
        let mut notes = self.notes.subscribe();
        let enough = tokio::time::timeout(
            Duration::from_secs(20),
            notes.wait_for(|notes| notes.len() >= count),
        );
        let notes = enough.await;
        Ok(notes.map_or_else(|_| self.notes.borrow().clone(), |notes| notes.unwrap().clone()))
    }
}

impl Admin for Manager {
    async fn whoami(&self, _: &Context) -> Result<String, PeerError> {
        Ok(self.label.clone())
    }
}

#[derive(RpcServer)]
struct Service {
    #[rpc(PeerApi)]
    peer: Manager,
    #[rpc(AdminApi)]
    admin: Manager,
}

/// Serves both APIs, as the Python server does.
pub(crate) async fn serve(bus: &Bus, topic: &str, server: &str) -> Server {
    let service = Service {
        peer: Manager::new(format!("{server}/None/1.5")),
        admin: Manager::new(format!("{server}/admin/2.3")),
    };
    let server = Server::builder(bus).topic(topic).server(server).service(service);
    server.start().await.unwrap()
}
