//! Our server, given recorded requests.

use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::transport::{Route, Settlement};
use rpc_runtime::{Bus, Server, Settings};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::lab::{Lab, Notes};
use crate::stub::{Seen, Stub};
use crate::vector::{body, compression, inner_of, parse};

/// Servers of the lab's application on a bus of their own.
pub(crate) struct Serving {
    stub: Arc<Stub>,
    seen: Seen,
    bus: Bus,
    servers: Vec<Server>,
    notes: Notes,
    /// The time between two requests.
    pub(crate) pause: Duration,
}

/// What came of the requests.
pub(crate) struct Served {
    /// How each was settled.
    pub(crate) settled: Vec<Settlement>,
    /// The address, the inner document as text, and the same as a value.
    pub(crate) replies: Vec<(String, String, Value)>,
    /// What the methods were given.
    pub(crate) notes: Vec<Value>,
}

/// One server.
pub(crate) struct Options<'a> {
    pub(crate) name: &'a str,
    pub(crate) topic: &'a str,
    pub(crate) exchange: Option<&'a str>,
    pub(crate) endpoints: &'a Value,
    pub(crate) ping: bool,
    pub(crate) patience: Duration,
    pub(crate) remembered: usize,
}

impl Serving {
    pub(crate) fn new() -> Self {
        let (stub, seen) =
            Stub::new(|route| matches!(route, Route::Reply { address } if &**address == "reply_gone"));
        Self {
            bus: Bus::new(stub.clone(), Settings::default()),
            stub,
            seen,
            servers: Vec::new(),
            notes: Notes::default(),
            pause: Duration::ZERO,
        }
    }

    pub(crate) async fn start(&mut self, options: Options<'_>) {
        let mut builder = Server::builder(&self.bus)
            .topic(options.topic)
            .server(options.name)
            .service(Lab::new(options.endpoints, &self.notes))
            .ping(options.ping)
            .reply_patience(options.patience)
            .dedup(Duration::from_secs(300), options.remembered);
        if let Some(exchange) = options.exchange {
            builder = builder.exchange(exchange);
        }
        self.servers.push(builder.start().await.expect("a server"));
    }

    /// Publishes the requests, and waits until all that they caused is over.
    pub(crate) async fn serve(mut self, requests: &[&Value]) -> Result<Served, String> {
        let mut settled = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            if index > 0 {
                sleep(self.pause).await;
            }
            let text = |key: &str| request[key].as_str().unwrap_or_default();
            let count = self
                .stub
                .publish(
                    text("exchange"),
                    text("routing_key"),
                    body(request),
                    compression(request),
                )
                .await;
            for _ in 0..count {
                settled.push(self.seen.settled().await?);
            }
        }
        for server in &self.servers {
            let stopped = server.stop().await;
            if stopped.abandoned > 0 {
                return Err("a method did not end".to_owned());
            }
        }
        let mut replies = Vec::new();
        for (route, message) in self.seen.take() {
            let Route::Reply { address } = route else {
                return Err(format!("a server sent to {route}"));
            };
            if !message.mandatory || message.expiration.is_some() {
                return Err("a reply is mandatory and does not expire".to_owned());
            }
            let text = inner_of(&message.body)?;
            replies.push((address.to_string(), text.clone(), parse(&text)?));
        }
        let notes = std::mem::take(&mut *self.notes.lock().unwrap());
        Ok(Served {
            settled,
            replies,
            notes,
        })
    }
}

/// What must be equal in a reply: everything but its own id, the traceback, and the texts that Python makes up over
/// arguments. A reply without `ending` is one that is not the last.
pub(crate) fn comparable(reply: &Value) -> Result<Value, String> {
    let failure = match &reply["failure"] {
        Value::Null => Value::Null,
        Value::String(document) => {
            let mut failure = parse(document)?;
            let fields = failure.as_object_mut().ok_or("a failure is an object")?;
            if fields.remove("tb").is_none_or(|tb| !tb.is_array()) {
                return Err("a failure without a traceback".to_owned());
            }
            // The name of that module in Python 2.
            if fields.get("module") == Some(&json!("exceptions")) {
                fields.insert("module".to_owned(), json!("builtins"));
            }
            if fields.get("class") == Some(&json!("TypeError")) {
                fields.retain(|key, _| key == "class" || key == "module");
            }
            failure
        }
        other => return Err(format!("a failure is a string: {other}")),
    };
    Ok(json!({
        "result": reply["result"],
        "failure": failure,
        "ending": reply["ending"].as_bool().unwrap_or(false),
        "_msg_id": reply["_msg_id"],
    }))
}
