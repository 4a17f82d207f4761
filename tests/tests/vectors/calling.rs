//! Our client, given what a Python program asked for, and recorded replies.

use std::collections::BTreeMap;
use std::time::Duration;

use rpc_runtime::transport::{Message, Route};
use rpc_runtime::wire::Argument;
use rpc_runtime::{Bus, CallError, Failure, SendError, Settings, UntypedClient};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::same;
use crate::stub::Stub;
use crate::vector::{Checked, expanded, inner_of, long_integers, parse};

/// A call as a Python program asked for it.
pub(crate) struct Asked<'a> {
    pub(crate) kind: &'a str,
    pub(crate) target: &'a Value,
    pub(crate) context: &'a Value,
    pub(crate) method: &'a str,
    /// As the recorded request has them: what is given to Python may have no JSON.
    pub(crate) args: BTreeMap<String, Box<RawValue>>,
    pub(crate) timeout: Option<f64>,
    pub(crate) monitor: Option<f64>,
    pub(crate) mandatory: bool,
}

/// A reply to be given to the client: after which time, and its body, for a message id.
pub(crate) type Scripted<'a> = (Duration, Box<dyn Fn(&str) -> String + 'a>);

/// What we sent, and what came of it.
pub(crate) struct Called {
    pub(crate) route: Route,
    pub(crate) message: Message,
    /// The inner document.
    pub(crate) request: String,
    pub(crate) outcome: Result<Box<RawValue>, CallError<Failure>>,
}

/// The client of a target.
pub(crate) fn client(bus: &Bus, target: &Value) -> UntypedClient {
    let text = |key: &str| target[key].as_str();
    let mut client = UntypedClient::new(bus, text("topic").expect("a topic"));
    if let Some(exchange) = text("exchange") {
        client = client.exchange(exchange);
    }
    if let Some(server) = text("server") {
        client = client.on(server);
    }
    if let Some(namespace) = text("namespace") {
        client = client.namespace(namespace);
    }
    if let Some(version) = text("version") {
        client = client.version(version.parse().expect("a version"));
    }
    client
}

impl Asked<'_> {
    /// Makes the call. Nobody is at the target if `gone`.
    pub(crate) async fn make(&self, gone: bool, script: Vec<Scripted<'_>>) -> Result<Called, String> {
        let (stub, mut seen) = Stub::new(if gone { |_| true } else { |_| false });
        let settings = Settings {
            mandatory: self.mandatory,
            ..Settings::default()
        };
        let bus = Bus::new(stub.clone(), settings);
        let mut client = client(&bus, self.target);
        if let Some(seconds) = self.timeout {
            client = client.timeout(Duration::from_secs_f64(seconds));
        }
        if let Some(seconds) = self.monitor {
            client = client.monitored(Duration::from_secs_f64(seconds));
        }
        let args: Vec<(&str, &dyn Argument)> = self
            .args
            .iter()
            .map(|(name, value)| (name.as_str(), value as &dyn Argument))
            .collect();
        let call = async {
            let null = |()| RawValue::from_string("null".to_owned()).unwrap();
            match self.kind {
                "call" => client.call(self.method, self.context, &args).await,
                "cast" => client
                    .cast(self.method, self.context, &args)
                    .await
                    .map(null)
                    .map_err(CallError::Send),
                "fanout" => client
                    .fanout(self.method, self.context, &args)
                    .await
                    .map(null)
                    .map_err(CallError::Send),
                other => panic!("no kind of message: {other}"),
            }
        };
        let peer = async {
            let (route, message) = seen.next().await?;
            let request = inner_of(&message.body)?;
            let id = parse(&request)?["_msg_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            for (after, body) in &script {
                sleep(*after).await;
                stub.reply(body(&id));
            }
            Ok::<_, String>((route, message, request))
        };
        let (outcome, sent) = tokio::join!(call, peer);
        let (route, message, request) = sent?;
        Ok(Called {
            route,
            message,
            request,
            outcome,
        })
    }
}

/// Where a route leads in the topology of oslo.messaging: the exchange and the routing key.
pub(crate) fn address(route: &Route) -> (String, String) {
    match route {
        Route::Topic {
            exchange,
            topic,
            server: None,
        } => (exchange.to_string(), topic.to_string()),
        Route::Topic {
            exchange,
            topic,
            server: Some(server),
        } => (exchange.to_string(), format!("{topic}.{server}")),
        Route::Fanout { topic } => (format!("{topic}_fanout"), String::new()),
        Route::Reply { address } => (String::new(), address.to_string()),
    }
}

/// Our request must be the recorded one, except for ids and the name of the reply queue.
pub(crate) fn same_request(called: &Called, recorded: &str) -> Checked {
    let (ours, ours_args) = without_ids(&called.request)?;
    let (mut recorded, recorded_args) = without_ids(recorded)?;
    // Servers send no heartbeats to those who ask for less, so that Python's monitored calls time out; ours ask for
    // as little as they can get.
    if recorded["_timeout"].as_f64().is_some_and(|limit| limit < 2.0) {
        recorded["_timeout"] = json!(2);
    }
    same!(
        long_integers(&ours_args),
        long_integers(&recorded_args),
        "integers"
    );
    same!(ours, recorded, "the request");
    Ok(())
}

/// The document with its ids replaced by their forms, and the text of its arguments.
fn without_ids(request: &str) -> Result<(Value, String), String> {
    let mut document = parse(request)?;
    let form = |text: &str| text.len() == 32 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    for (key, prefix) in [("_msg_id", ""), ("_unique_id", ""), ("_reply_q", "reply_")] {
        if let Some(value) = document.get_mut(key) {
            let id = value.as_str().and_then(|text| text.strip_prefix(prefix));
            if !id.is_some_and(form) {
                return Err(format!("{key} is {value}"));
            }
            *value = json!(format!("{prefix}<id>"));
        }
    }
    let raw: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(request).map_err(|error| error.to_string())?;
    let args = raw
        .get("args")
        .map(|args| args.get().to_owned())
        .unwrap_or_default();
    Ok((document, args))
}

/// Our caller must get what the Python caller got: the result, or an error of the same class and module. `failure`
/// is the failure in the recorded reply, if there is one.
pub(crate) fn same_outcome(called: &Called, recorded: &Value, failure: Option<&Value>) -> Checked {
    let Some(error) = recorded.get("error") else {
        let ours = called
            .outcome
            .as_ref()
            .map_err(|error| format!("failed: {error}"))?
            .get();
        same!(parse(ours)?, expanded(&recorded["result"]), "the result");
        return Ok(());
    };
    let text = |key: &str| error[key].as_str().unwrap_or_default();
    let (module, class) = (text("module"), text("class"));
    match (&called.outcome, module, class) {
        (Err(CallError::Send(error)), "oslo_messaging.exceptions", "MessagingTimeout") => match error {
            SendError::Timeout { .. } | SendError::ServerLost { .. } => Ok(()),
            other => Err(format!("no timeout: {other}")),
        },
        (Err(CallError::Send(SendError::NoServer { .. })), _, "MessageUndeliverable") => Ok(()),
        (Err(CallError::Api(ours)), ..) => {
            if class == "RemoteError" {
                let begin = format!("Remote error: {} {}\n", ours.class, ours.message);
                if !text("str").starts_with(&begin) {
                    return Err(format!("{ours} is not {}", text("str")));
                }
            } else {
                let python2 = |name: &str| {
                    if name == "exceptions" {
                        "builtins".to_owned()
                    } else {
                        name.to_owned()
                    }
                };
                same!(ours.class, class.trim_end_matches("_Remote"), "the class");
                same!(
                    ours.module,
                    python2(module.trim_end_matches("_Remote")),
                    "the module"
                );
            }
            if let Some(failure) = failure {
                same!(json!(ours.message), failure["message"], "the message");
                same!(
                    json!(ours.args),
                    failure.get("args").cloned().unwrap_or(json!([])),
                    "args"
                );
                same!(
                    json!(ours.kwargs),
                    failure.get("kwargs").cloned().unwrap_or(json!({})),
                    "kwargs"
                );
            }
            Ok(())
        }
        (ours, ..) => Err(format!("we got {ours:?}, Python {module}.{class}")),
    }
}
