//! Messages that no client of ours sends: twice, of Havana, odd, or not to be read at all.

use bytes::Bytes;
use rpc_runtime::transport::{Headers, Message};
use serde_json::{Value, json};

use crate::peer::{Peer, call, failure};
use crate::work::{start, start_with};

#[tokio::test]
async fn a_message_that_comes_twice_runs_once() {
    let (manager, _server) = start("doubles").await;
    let mut peer = Peer::new("doubles").await;
    peer.send(call("quick", "1")).await;
    peer.send(call("quick", "1")).await;
    peer.send(call("quick", "2")).await;
    let ids = [peer.reply().await, peer.reply().await].map(|reply| reply["_msg_id"].clone());
    assert!(ids.contains(&json!("1")) && ids.contains(&json!("2")), "{ids:?}");
    assert_eq!(manager.runs(), 2);
}

#[tokio::test]
async fn callers_of_havana_get_the_result_and_the_end_in_two_messages() {
    let (_manager, _server) = start("havana").await;
    let mut peer = Peer::new("havana").await;
    let mut old = call("quick", "1");
    old.as_object_mut().unwrap().remove("_timeout");
    peer.send(old).await;
    let (first, second) = (peer.reply().await, peer.reply().await);
    assert_eq!((&first["result"], &first["ending"]), (&json!(7), &json!(false)));
    assert_eq!(
        (&second["result"], &second["ending"]),
        (&Value::Null, &json!(true))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_dropped_and_the_server_goes_on() {
    let (_manager, _server) = start("garbage").await;
    let mut peer = Peer::new("garbage").await;
    let deep = "[".repeat(10_000);
    let bad: [&[u8]; 8] = [
        b"",
        b"not json",
        b"[]",
        b"\xff\xfe",
        br#"{"oslo.version":"3.0","oslo.message":"{}"}"#,
        br#"{"oslo.version":"2.0","oslo.message":{}}"#,
        br#"{"oslo.version":"2.0","oslo.message":"[]"}"#,
        deep.as_bytes(),
    ];
    for body in bad {
        peer.send_raw(body).await;
    }
    peer.send(call("quick", "good")).await;
    assert_eq!(peer.reply().await["result"], 7);
}

#[tokio::test]
async fn requests_that_no_method_fits_get_the_errors_of_a_python_server() {
    let (_manager, _server) = start("misfits").await;
    let mut peer = Peer::new("misfits").await;
    let with = |key: &str, value: Value| {
        let mut odd = call("quick", &format!("{key}-{value}"));
        odd[key] = value;
        odd
    };
    for (request, class) in [
        (with("version", json!("2.0")), "UnsupportedVersion"),
        (with("version", Value::Null), "UnsupportedVersion"),
        (with("version", json!("word")), "ValueError"),
        (with("version", json!("1")), "IndexError"),
        (with("namespace", json!("other")), "UnsupportedVersion"),
        (with("method", json!("missing")), "NoSuchMethod"),
        (with("method", Value::Null), "TypeError"),
    ] {
        peer.send(request.clone()).await;
        assert_eq!(failure(&peer.reply().await).class, class, "{request}");
    }
}

#[tokio::test]
async fn a_compressed_request_is_read_and_a_broken_one_is_dropped() {
    use std::io::Write as _;
    let (_manager, _server) = start("compressed").await;
    let mut peer = Peer::new("compressed").await;
    let envelope = json!({"oslo.version": "2.0", "oslo.message": call("quick", "1").to_string()});
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(envelope.to_string().as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap();
    for body in [&compressed[..10], &compressed] {
        let headers = Headers {
            compression: Some("application/x-gzip".into()),
            ..Headers::default()
        };
        let message = Message {
            body: Bytes::copy_from_slice(body),
            headers,
            ..Message::default()
        };
        peer.publish(message).await;
    }
    assert_eq!(peer.reply().await["result"], 7);
}

#[tokio::test]
async fn a_ping_is_answered_where_it_is_enabled() {
    let (_manager, _server) = start_with("ping", |builder| builder.ping(true)).await;
    let mut peer = Peer::new("ping").await;
    peer.send(call("oslo_rpc_server_ping", "1")).await;
    assert_eq!(peer.reply().await["result"], "pong");
}
