//! Conversations of the library of 2013.2. Its server answers in two messages and its client expects that; a call
//! without the key `_timeout` tells.

use std::time::Duration;

use rpc_runtime::transport::Settlement;
use serde_json::{Value, json};

use crate::calling::{Asked, Scripted, same_outcome, same_request};
use crate::conversations::args_of;
use crate::same;
use crate::serving::{Options, Serving, comparable};
use crate::vector::{Checked, Vector, cases, parse, report};

fn sent_by<'a>(vector: &'a Vector, party: &str) -> Vec<&'a Value> {
    let all = vector.json["messages"].as_array().expect("messages");
    all.iter().filter(|message| message["from"] == party).collect()
}

#[tokio::test(start_paused = true)]
async fn our_server_serves_clients_of_2013() {
    let mut results = Vec::new();
    for vector in &cases("havana", "") {
        results.push((vector.name.clone(), served(vector).await));
    }
    assert!(results.len() >= 4, "only {} conversations", results.len());
    report(results);
}

async fn served(vector: &Vector) -> Checked {
    let mut serving = Serving::new();
    let endpoints = json!([{"label": "null"}]);
    let options = Options {
        name: "node1",
        topic: "lab",
        exchange: None,
        endpoints: &endpoints,
        ping: false,
        patience: Duration::from_secs(60),
        remembered: 16,
    };
    serving.start(options).await;
    let requests = sent_by(vector, "client");
    let served = serving.serve(&requests).await?;
    same!(
        served.settled,
        vec![Settlement::Ack; requests.len()],
        "how it was settled"
    );
    let seen: Vec<(&Value, &Value)> = served
        .notes
        .iter()
        .map(|note| (&note["method"], &note["args"]))
        .collect();
    let asked: Vec<(&Value, &Value)> = requests
        .iter()
        .map(|request| (&request["inner"]["method"], &request["inner"]["args"]))
        .collect();
    same!(seen, asked, "what the methods saw");
    let mut ours = Vec::new();
    for (_, _, reply) in &served.replies {
        ours.push(comparable(reply)?);
    }
    let mut recorded = Vec::new();
    for reply in sent_by(vector, "server") {
        recorded.push(comparable(&reply["inner"])?);
    }
    match &recorded[..] {
        // The clients of the years after take a null that does not end the call for a heartbeat, and those of 2013.2
        // take the end alone for a null.
        [result, end] if result["result"].is_null() => {
            same!(ours, vec![end.clone()], "the end");
        }
        // The clients of the years between insist on an end after a failure, too.
        [failure] => {
            let end = json!({"result": null, "failure": null, "ending": true, "_msg_id": failure["_msg_id"]});
            same!(ours, vec![failure.clone(), end], "the failure and the end");
        }
        _ => same!(ours, recorded, "the replies"),
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn our_client_understands_servers_of_2013() {
    let mut results = Vec::new();
    for vector in &cases("havana", "") {
        results.push((vector.name.clone(), called(vector).await));
    }
    assert!(results.len() >= 4, "only {} conversations", results.len());
    report(results);
}

async fn called(vector: &Vector) -> Checked {
    let [request] = sent_by(vector, "client")[..] else {
        return Err("a conversation has one request".to_owned());
    };
    let mut inner = request["inner"].clone();
    let fields = inner.as_object_mut().ok_or("no request")?;
    let is_call = fields.contains_key("_msg_id");
    // Today a namespace that is null is absent, and calls carry the monitor's limit.
    fields.retain(|key, value| key != "namespace" || !value.is_null());
    if is_call {
        fields.insert("_timeout".to_owned(), Value::Null);
    }
    let context: serde_json::Map<String, Value> = fields
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("_context_")?.to_owned(), value.clone())))
        .collect();
    let target = json!({
        "topic": request["routing_key"], "namespace": fields.get("namespace"), "version": fields["version"],
    });
    let recorded = inner.to_string();
    let asked = Asked {
        kind: if is_call { "call" } else { "cast" },
        target: &target,
        context: &context.into(),
        method: inner["method"].as_str().ok_or("no method")?,
        args: args_of(&recorded)?,
        timeout: None,
        monitor: None,
        mandatory: false,
    };
    let mut script: Vec<Scripted<'_>> = Vec::new();
    let mut failure = None;
    for reply in sent_by(vector, "server") {
        if let Some(document) = reply["inner"]["failure"].as_str() {
            failure = Some(parse(document)?);
        }
        let body = reply["body"].as_str().ok_or("no body")?;
        let id = reply["inner"]["_msg_id"].as_str().ok_or("a reply to nobody")?;
        script.push((Duration::ZERO, Box::new(move |ours: &str| body.replace(id, ours))));
    }
    let called = asked.make(false, script).await?;
    same_request(&called, &recorded)?;
    same_outcome(&called, &vector.json["outcome"], failure.as_ref())
}
