//! Probes: one odd message each, and how the real party took it.

use std::time::Duration;

use rpc_runtime::transport::Settlement;
use serde_json::{Value, json};

use crate::calling::{Asked, Scripted, same_outcome, same_request};
use crate::conversations::{args_of, sorted};
use crate::same;
use crate::serving::{Options, Serving, comparable};
use crate::vector::{Checked, Vector, cases, parse, report};

/// Only the content type is odd, which the transport over RabbitMQ looks at before a server or a client does:
/// `amqp/poison.rs` shows that it rejects other types, and messages without. Unlike Python, it takes a type with a
/// character set for the same type.
const OF_THE_TRANSPORT: &[&str] = &[
    "server_no_content_type",
    "server_content_type_charset",
    "server_content_type_text",
    "client_reply_no_content_type",
];

/// How many ids oslo.messaging remembers; ours are more, unless told.
const REMEMBERED: usize = 16;

/// What our server answers instead, where it does not answer as Python's does, and what its methods see.
fn answered_otherwise(name: &str) -> Option<(Value, usize)> {
    let none = json!([]);
    match name {
        // Python stumbles over the name in its own call and tears its channel down; to us it is a key like others.
        "server_context_named_self" => {
            let context = json!({"self": "x", "client_timeout": null});
            Some((json!([{"result": context, "failure": null, "ending": true}]), 1))
        }
        // Python sends a heartbeat to nobody.
        "server_monitor_cast" => Some((none, 1)),
        // Python goes on with heartbeats after the answer: a defect.
        "server_monitor_no_such_method" => {
            let text = "Endpoint does not support RPC method nonesuch";
            let failure = json!({
                "class": "NoSuchMethod", "module": "oslo_messaging.rpc.dispatcher", "message": text,
                "args": [text], "kwargs": {},
            });
            Some((json!([{"result": null, "failure": failure, "ending": true}]), 0))
        }
        // A call without the key `_timeout` is one of a client that reads a result from a message of its own only.
        "server_no_optional_keys" => Some((
            json!([
                {"result": "x", "failure": null, "ending": false},
                {"result": null, "failure": null, "ending": true},
            ]),
            1,
        )),
        // Python publishes to a queue without a name, and again, for a minute.
        "server_no_reply_q" => Some((none, 1)),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn our_server_takes_odd_messages_as_recorded() {
    let mut results = Vec::new();
    for vector in &cases("probes", "server_") {
        if !OF_THE_TRANSPORT.contains(&&*vector.name) {
            results.push((vector.name.clone(), served(vector).await));
        }
    }
    assert!(results.len() >= 30, "only {} probes", results.len());
    report(results);
}

async fn served(vector: &Vector) -> Checked {
    let (given, observed) = (&vector.json["given"], &vector.json["observed"]);
    let patience = given["options"]["kombu_missing_consumer_retry_timeout"].as_u64();
    let mut serving = Serving::new();
    // The next request comes when the answer to the one before was given up.
    serving.pause = Duration::from_secs(patience.unwrap_or_default()).mul_f64(1.5);
    let options = Options {
        name: given["server"].as_str().ok_or("no server")?,
        topic: given["topic"].as_str().ok_or("no topic")?,
        exchange: None,
        endpoints: &given["endpoints"],
        ping: false,
        patience: Duration::from_secs(patience.unwrap_or(60)),
        remembered: REMEMBERED,
    };
    serving.start(options).await;
    let injected: Vec<&Value> = vector.json["inject"]
        .as_array()
        .ok_or("no probe")?
        .iter()
        .collect();
    let served = serving.serve(&injected).await?;
    let settled: Vec<&str> = served
        .settled
        .iter()
        .map(|how| match how {
            Settlement::Ack => "ack",
            Settlement::Reject => "reject requeue=false",
            Settlement::Requeue => "reject requeue=true",
        })
        .collect();
    same!(json!(settled), observed["disposition"], "how it was settled");
    let mut ours = Vec::new();
    for (_, _, reply) in &served.replies {
        ours.push(comparable(reply)?);
    }
    let mut recorded = Vec::new();
    for reply in observed["replies"].as_array().ok_or("no replies")? {
        recorded.push(comparable(&reply["inner"])?);
    }
    if let Some((other, seen)) = answered_otherwise(&vector.name) {
        if sorted(ours.clone()) == sorted(recorded) {
            return Err("no longer an exception".to_owned());
        }
        for reply in &mut ours {
            reply.as_object_mut().unwrap().remove("_msg_id");
        }
        same!(json!(ours), other, "what we answer instead");
        same!(served.notes.len(), seen, "how many requests the methods saw");
        return Ok(());
    }
    // Methods run at once on either side: several answers come in any order.
    same!(sorted(ours), sorted(recorded), "the replies");
    let theirs = observed["server_saw"].as_array().cloned().unwrap_or_default();
    same!(sorted(served.notes), sorted(theirs), "what the methods saw");
    Ok(())
}

/// What our caller gets instead, where it is not what the Python caller got: a result, or a failure's class and text.
fn got_otherwise(name: &str) -> Option<Result<Value, (&'static str, &'static str)>> {
    match name {
        // Python fails to read it, and says no more.
        "client_failure_as_object" => Some(Err(("", "a failure that cannot be read: {"))),
        // Python waits for more, and so loses it. A failure is the last message from servers of 2013.2.
        "client_failure_without_ending" => Some(Err(("ValueError", "m"))),
        // Python stumbles over heartbeats of calls that asked for none, and takes any null for one.
        "client_heartbeat_not_asked_for" => Some(Ok(json!(5))),
        "client_reply_null_in_two_messages" => Some(Ok(Value::Null)),
        // Python stumbles over the missing key.
        "client_reply_without_failure" => Some(Ok(json!(5))),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn our_client_takes_odd_replies_as_recorded() {
    let mut results = Vec::new();
    for vector in &cases("probes", "client_") {
        if !OF_THE_TRANSPORT.contains(&&*vector.name) {
            results.push((vector.name.clone(), called(vector).await));
        }
    }
    assert!(results.len() >= 20, "only {} probes", results.len());
    report(results);
}

async fn called(vector: &Vector) -> Checked {
    let given = &vector.json["given"];
    let recorded = vector.json["request"]["inner"].to_string();
    let target = json!({ "topic": given["topic"] });
    let asked = Asked {
        kind: "call",
        target: &target,
        context: &Value::Null,
        method: given["method"].as_str().ok_or("no method")?,
        args: args_of(&recorded)?,
        timeout: given["timeout"].as_f64(),
        monitor: given["call_monitor_timeout"].as_f64(),
        mandatory: false,
    };
    let before_each =
        Duration::from_secs_f64(given["delay_before_each_reply_s"].as_f64().unwrap_or_default());
    let mut script: Vec<Scripted<'_>> = Vec::new();
    let mut failure = None;
    for (index, reply) in vector.json["inject"]
        .as_array()
        .ok_or("no replies")?
        .iter()
        .enumerate()
    {
        let template = reply["template"].as_str().ok_or("no template")?;
        if let Some(document) = reply["inner"]["failure"].as_str() {
            failure = Some(parse(document)?);
        }
        let body = move |id: &str| {
            template
                .replace("${MSG_ID}", id)
                .replace("${UNIQUE}", &format!("{index:032x}"))
        };
        script.push((before_each, Box::new(body)));
    }
    let called = asked.make(false, script).await?;
    same_request(&called, &recorded)?;
    let expires = called
        .message
        .expiration
        .map(|limit| limit.as_millis().to_string());
    let theirs = &vector.json["request"]["properties"]["expiration"];
    same!(expires.as_deref(), theirs.as_str(), "the expiration");
    let outcome = &vector.json["observed"]["outcome"];
    let as_recorded = same_outcome(&called, outcome, failure.as_ref());
    match (got_otherwise(&vector.name), &called.outcome) {
        (None, _) => as_recorded,
        (Some(_), _) if as_recorded.is_ok() => Err("no longer an exception".to_owned()),
        (Some(Ok(result)), Ok(ours)) => {
            same!(parse(ours.get())?, result, "what we get instead");
            Ok(())
        }
        (Some(Err((class, message))), Err(rpc_runtime::CallError::Api(ours)))
            if ours.class == class && ours.message.starts_with(message) =>
        {
            Ok(())
        }
        (Some(other), ours) => Err(format!("we got {ours:?} and not {other:?}")),
    }
}

/// Replies need no ids of their own (`client_reply_minimal`), and heartbeats without are all alike.
#[tokio::test(start_paused = true)]
async fn heartbeats_without_ids_are_heartbeats() {
    let target = json!({"topic": "lab"});
    let asked = Asked {
        kind: "call",
        target: &target,
        context: &Value::Null,
        method: "slow",
        args: args_of(r#"{"args": {}}"#).unwrap(),
        timeout: Some(60.0),
        monitor: Some(2.0),
        mandatory: false,
    };
    let reply = |result: Value, ending: bool| -> Scripted<'static> {
        let body = move |id: &str| {
            let inner = json!({"result": result, "failure": null, "ending": ending, "_msg_id": id});
            json!({"oslo.version": "2.0", "oslo.message": inner.to_string()}).to_string()
        };
        (Duration::from_millis(1200), Box::new(body))
    };
    let beat = || reply(Value::Null, false);
    let called = asked
        .make(false, vec![beat(), beat(), beat(), reply(json!("done"), true)])
        .await
        .unwrap();
    assert_eq!(called.outcome.unwrap().get(), r#""done""#);
}
