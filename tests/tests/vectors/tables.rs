//! Tables: what the library's own functions decide.

use std::time::Duration;

use bytes::Bytes;
use rpc_runtime::transport::Settlement;
use rpc_runtime::version::may_send;
use rpc_runtime::wire::Request;
use rpc_runtime::{Bus, Failure, Settings, Version};
use serde_json::{Map, Value, json};

use crate::calling::{address, client};
use crate::same;
use crate::serving::{Options, Serving, comparable};
use crate::stub::Stub;
use crate::vector::{Checked, inner_of, parse, report, table};

/// Checks every row, and names those that fail.
fn check(rows: &Value, least: usize, row: impl Fn(&Value) -> Checked) {
    let rows = rows.as_array().expect("rows");
    assert!(rows.len() >= least, "only {} rows", rows.len());
    report(rows.iter().map(|each| (each.to_string(), row(each))).collect());
}

fn version(text: &Value) -> Option<Version> {
    text.as_str().map(|text| text.parse().expect("a version"))
}

#[test]
fn versions_are_compatible_as_recorded() {
    check(&table("version_compat"), 20, |row| {
        let (implemented, requested) = (&row["implemented"], &row["requested"]);
        let Some(implemented) = implemented.as_str() else {
            // Here every API has a version.
            same!(
                row["result"],
                json!(true),
                "what a target without a version accepts"
            );
            return Ok(());
        };
        let Some(error) = row.get("error") else {
            let implemented: Version = implemented.parse().map_err(|error| format!("{error}"))?;
            let requested = requested.as_str().map(Version::of_peer).transpose();
            let requested = requested.map_err(|error| error.to_string())?;
            let accepted = requested.is_some_and(|requested| implemented.accepts(requested));
            same!(json!(accepted), row["result"], "accepted");
            return Ok(());
        };
        // An API of ours cannot have such a version; a peer may ask for it.
        let malformed = match implemented.parse::<Version>() {
            Err(_) => Version::of_peer(implemented),
            Ok(_) => Version::of_peer(requested.as_str().ok_or("no version")?),
        };
        let failure = Failure::from(malformed.err().ok_or("it was read")?);
        same!(json!(failure.module), json!("builtins"), "the module");
        same!(json!(failure.class), error["class"], "the class");
        same!(json!(failure.message), error["message"], "the message");
        Ok(())
    });
}

#[test]
fn caps_allow_what_is_recorded() {
    check(&table("version_cap"), 7, |row| {
        let allowed = may_send(version(&row["version_cap"]), version(&row["version"]));
        same!(json!(allowed), row["can_send_version"]["result"], "allowed");
        same!(allowed, row["cast"].get("error").is_none(), "sent");
        Ok(())
    });
}

#[tokio::test(start_paused = true)]
async fn requests_reach_the_endpoints_as_recorded() {
    let rows = table("dispatch");
    let rows = rows.as_array().expect("rows");
    assert!(rows.len() >= 19, "only {} rows", rows.len());
    let mut results = Vec::new();
    for row in rows {
        results.push((row.to_string(), dispatched(row).await));
    }
    report(results);
}

async fn dispatched(row: &Value) -> Checked {
    let mut serving = Serving::new();
    let options = Options {
        name: "node1",
        topic: "lab",
        exchange: None,
        endpoints: &row["endpoints"],
        ping: false,
        patience: Duration::from_secs(60),
        remembered: 16,
    };
    serving.start(options).await;
    let mut request = row["request"].clone();
    for (key, value) in [
        ("_msg_id", json!("1")),
        ("_reply_q", json!("reply_1")),
        ("_timeout", Value::Null),
    ] {
        request
            .as_object_mut()
            .ok_or("no request")?
            .insert(key.to_owned(), value);
    }
    let envelope = json!({"oslo.version": "2.0", "oslo.message": request.to_string()});
    let message = json!({"exchange": "openstack", "routing_key": "lab", "body": envelope.to_string()});
    let served = serving.serve(&[&message]).await?;
    same!(served.settled, vec![Settlement::Ack], "how it was settled");
    let [(_, _, reply)] = &served.replies[..] else {
        return Err(format!("{} replies", served.replies.len()));
    };
    let reply = comparable(reply)?;
    match row.get("error") {
        None => same!(reply["result"], row["endpoint"], "the endpoint"),
        Some(error) => {
            same!(reply["failure"]["class"], error["class"], "the class");
            same!(reply["failure"]["message"], error["message"], "the message");
        }
    }
    Ok(())
}

/// What a client of this target sends as a cast of `m` without arguments, and where to.
async fn cast(target: &Value, context: &Value) -> Result<(Value, (String, String)), String> {
    let (stub, mut seen) = Stub::new(|_| false);
    let client = client(&Bus::new(stub, Settings::default()), target);
    let cast = if target["fanout"] == true {
        client.fanout("m", context, &[])
    } else {
        client.cast("m", context, &[])
    };
    cast.await.map_err(|error| error.to_string())?;
    let (route, message) = seen.next().await?;
    let mut request = parse(&inner_of(&message.body)?)?;
    request
        .as_object_mut()
        .and_then(|fields| fields.remove("_unique_id"))
        .ok_or("no id")?;
    Ok((request, address(&route)))
}

#[tokio::test(start_paused = true)]
async fn contexts_are_packed_as_recorded() {
    let rows = table("context");
    let rows = rows["pack"].as_array().expect("rows");
    assert!(rows.len() >= 3, "only {} rows", rows.len());
    for row in rows {
        let (request, _) = cast(&json!({"topic": "t"}), &row["ctxt"]).await.unwrap();
        assert_eq!(request, row["message"], "{row}");
    }
}

#[test]
fn contexts_are_unpacked_as_recorded() {
    check(&table("context")["unpack"], 3, |row| {
        let body = json!({"oslo.version": "2.0", "oslo.message": row["incoming"].to_string()});
        let body = Bytes::from(body.to_string());
        let request = Request::decode(&body)
            .map_err(|error| error.to_string())?
            .ok_or("empty")?;
        let context: Map<String, Value> = request.context().map_err(|error| error.to_string())?;
        let result = &row["result"];
        same!(json!(context), result["ctxt"], "the context");
        same!(json!(request.msg_id()), result["msg_id"], "the message id");
        same!(json!(request.reply_q()), result["reply_q"], "the reply queue");
        same!(
            json!(request.unique_id()),
            result["message"]["_unique_id"],
            "the id"
        );
        let args = result["message"].get("args").cloned().unwrap_or(json!({}));
        same!(parse(request.args())?, args, "the arguments");
        Ok(())
    });
}

#[tokio::test(start_paused = true)]
async fn targets_are_overridden_as_recorded() {
    let rows = table("prepare");
    let rows = rows.as_array().expect("rows");
    assert!(rows.len() >= 5, "only {} rows", rows.len());
    for row in rows {
        if row.get("error").is_some() {
            let refused = row["prepare"]["version"].as_str().unwrap().parse::<Version>();
            assert!(refused.is_err(), "{row}");
            continue;
        }
        let mut target = row["client_target"].clone();
        for (key, value) in row["prepare"].as_object().unwrap() {
            target[key] = value.clone();
        }
        let (request, address) = cast(&target, &Value::Null).await.unwrap();
        assert_eq!(request, row["result"]["message"], "{row}");
        let result = &row["result"]["target"];
        let topic = result["topic"].as_str().unwrap();
        let expected = match result["server"].as_str() {
            _ if result["fanout"] == true => (format!("{topic}_fanout"), String::new()),
            Some(server) => ("openstack".to_owned(), format!("{topic}.{server}")),
            None => ("openstack".to_owned(), topic.to_owned()),
        };
        assert_eq!(address, expected, "{row}");
    }
}
