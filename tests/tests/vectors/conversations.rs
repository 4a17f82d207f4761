//! Conversations: our server in place of the recorded server, our client in place of the recorded client.

use std::time::Duration;

use rpc_runtime::transport::Settlement;
use rpc_runtime::wire::{Argument as _, Reply, Request};
use rpc_runtime::{ArgSpec, wire};
use serde_json::{Value, json};

use crate::calling::{Asked, Scripted, address, same_outcome, same_request};
use crate::same;
use crate::serving::{Options, Serving, comparable};
use crate::vector::{
    Checked, Vector, cases, expanded, inner_of, inner_text, long_integers, messages, parse, report,
};

/// Cases that strict JSON cannot express; they have a test of their own.
const NOT_JSON: &[&str] = &["args_nan"];

/// What our server answers instead, where it does not answer as Python does.
fn answered_otherwise(name: &str) -> Option<Value> {
    let reply = |class: &str, module: &str, message: &str| {
        Some(json!([{
            "result": null,
            "failure": {"class": class, "module": module, "message": message, "args": [message], "kwargs": {}},
            "ending": true,
        }]))
    };
    match name {
        // Python finds the attribute and fails to call it; an API has methods only.
        "method_is_plain_attribute" => reply(
            "NoSuchMethod",
            "oslo_messaging.rpc.dispatcher",
            "Endpoint does not support RPC method label",
        ),
        // Python fails to write the exception's argument, and the caller waits in vain. Our failures are JSON.
        "fail_object_arg" => reply("CarriesObject", "labapp.errors", "<object>"),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn our_server_answers_as_recorded() {
    let mut results = Vec::new();
    for vector in cases("", "")
        .iter()
        .filter(|vector| !NOT_JSON.contains(&&*vector.name))
    {
        results.push((vector.name.clone(), served(vector).await));
    }
    assert!(results.len() >= 50, "only {} conversations", results.len());
    report(results);
}

async fn served(vector: &Vector) -> Checked {
    let given = &vector.json["given"];
    let mut serving = Serving::new();
    for server in given["servers"].as_array().ok_or("no servers")? {
        let options = Options {
            name: server["name"].as_str().ok_or("a server without a name")?,
            topic: server["topic"].as_str().ok_or("a server without a topic")?,
            exchange: server["exchange"].as_str(),
            endpoints: &server["endpoints"],
            ping: given["rpc_ping_enabled"] == true,
            patience: Duration::from_secs(60),
            remembered: 65_536,
        };
        serving.start(options).await;
    }
    let served = serving.serve(&messages(vector, &["request"])).await?;
    if served.settled.iter().any(|how| *how != Settlement::Ack) {
        return Err(format!("not acknowledged: {:?}", served.settled));
    }
    same!(
        sorted(served.notes),
        sorted(
            expanded(&vector.json["server_saw"])
                .as_array()
                .cloned()
                .unwrap_or_default()
        ),
        "what the methods saw"
    );
    let mut ours = Vec::new();
    for (_, _, reply) in &served.replies {
        ours.push(comparable(reply)?);
    }
    if let Some(other) = answered_otherwise(&vector.name) {
        for reply in &mut ours {
            reply.as_object_mut().unwrap().remove("_msg_id");
        }
        same!(json!(ours), other, "what we answer instead");
        return Ok(());
    }
    let recorded = messages(vector, &["reply", "heartbeat"]);
    // A client that gave up took its queue away, and the recording ended there.
    if vector.json["outcome"]["error"]["class"] == "MessagingTimeout" {
        ours.truncate(recorded.len());
    }
    same!(ours.len(), recorded.len(), "the number of replies");
    for ((ours, message), sent) in ours.iter().zip(&recorded).zip(&served.replies) {
        let text = inner_text(message);
        same!(*ours, comparable(&parse(&text)?)?, "the reply");
        same!(
            sent.0,
            message["routing_key"].as_str().unwrap_or_default(),
            "the reply's address"
        );
        let theirs = long_integers(result_of(&text));
        same!(long_integers(result_of(&sent.1)), theirs, "integers of the reply");
    }
    Ok(())
}

/// The part of a reply before its ids.
fn result_of(reply: &str) -> &str {
    reply.split("\"failure\"").next().unwrap_or_default()
}

pub(crate) fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_key(Value::to_string);
    values
}

#[tokio::test(start_paused = true)]
async fn our_client_asks_and_understands_as_recorded() {
    let mut results = Vec::new();
    for vector in cases("", "")
        .iter()
        .filter(|vector| !NOT_JSON.contains(&&*vector.name))
    {
        results.push((vector.name.clone(), called(vector).await));
    }
    assert!(results.len() >= 50, "only {} conversations", results.len());
    report(results);
}

async fn called(vector: &Vector) -> Checked {
    let given = &vector.json["given"];
    let [request] = messages(vector, &["request"])[..] else {
        return Err("a conversation has one request".to_owned());
    };
    let recorded = inner_text(request);
    let asked = Asked {
        kind: vector.json["kind"].as_str().ok_or("no kind")?,
        target: &given["target"],
        context: &given["ctxt"],
        method: given["method"].as_str().ok_or("no method")?,
        args: args_of(&recorded)?,
        timeout: given["timeout"].as_f64(),
        monitor: given["call_monitor_timeout"].as_f64(),
        mandatory: given["mandatory"] == true,
    };
    let theirs = messages(vector, &["reply", "heartbeat"]);
    let mut script: Vec<Scripted<'_>> = Vec::new();
    let mut last = 0;
    let mut failure = None;
    for message in theirs {
        let body = message["body"].as_str().ok_or("a compressed reply")?;
        let reply = parse(&inner_of(body.as_bytes())?)?;
        if let Some(document) = reply["failure"].as_str() {
            failure = Some(parse(document)?);
        }
        let id = reply["_msg_id"].as_str().ok_or("a reply to nobody")?.to_owned();
        let at = message["at_ms"].as_u64().ok_or("a message without a time")?;
        let body = move |ours: &str| body.replace(&id, ours);
        script.push((Duration::from_millis(at - last), Box::new(body)));
        last = at;
    }
    let gone = !messages(vector, &["returned"]).is_empty();
    let called = asked.make(gone, script).await?;
    same_request(&called, &recorded)?;
    let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
    same!(
        address(&called.route),
        (text("exchange"), text("routing_key")),
        "where it went"
    );
    let expires = called
        .message
        .expiration
        .map(|limit| limit.as_millis().to_string());
    same!(
        expires.as_deref(),
        request["properties"]["expiration"].as_str(),
        "the expiration"
    );
    same!(json!(called.message.mandatory), request["mandatory"], "mandatory");
    if let (Ok(ours), Some(reply)) = (&called.outcome, messages(vector, &["reply"]).first()) {
        let reply = inner_text(reply);
        same!(
            long_integers(ours.get()),
            long_integers(result_of(&reply)),
            "integers of the result"
        );
    }
    same_outcome(&called, &vector.json["outcome"], failure.as_ref())
}

/// The arguments of a request, as they are written.
pub(crate) fn args_of(
    request: &str,
) -> Result<std::collections::BTreeMap<String, Box<serde_json::value::RawValue>>, String> {
    #[derive(serde::Deserialize)]
    struct Args {
        args: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>>,
    }
    let read: Args = serde_json::from_str(request).map_err(|error| error.to_string())?;
    Ok(read.args)
}

/// Bare words are no JSON, but Python writes them, and reads them back.
#[test]
fn numbers_that_are_none_are_read_and_written() {
    let vectors = cases("", "args_nan");
    let [request, reply] = &messages(&vectors[0], &["request", "reply"])[..] else {
        panic!("a request and a reply");
    };
    let request = Request::decode(&crate::vector::body(request)).unwrap().unwrap();
    let (read,) = wire::decode1::<Vec<f64>>(request.args(), &[ArgSpec::new("arg")]).unwrap();
    let result: Vec<f64> = Reply::decode(&crate::vector::body(reply))
        .unwrap()
        .result()
        .unwrap();
    for read in [read, result] {
        assert!(read[0].is_nan());
        assert_eq!(read[1..], [f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!(read.to_json().unwrap(), b"[NaN,Infinity,-Infinity]");
    }
}
