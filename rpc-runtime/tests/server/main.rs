//! What a server does with odd messages and at odd moments, seen from the other end of the bus.

#![allow(clippy::unwrap_used, reason = "a test")]

mod broker;
mod peer;
mod work;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use broker::Broker;
use bytes::Bytes;
use peer::{Peer, call, failure, soon};
use rpc_runtime::transport::direct::DirectTransport;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{Headers, Listen, Message, Route, Transport};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use work::{start, start_on, start_with};

#[tokio::test]
async fn a_message_that_comes_twice_runs_once() {
    let (manager, _server) = start("doubles").await;
    let mut peer = Peer::new("doubles").await;
    peer.send(call("quick", "1")).await;
    peer.send(call("quick", "1")).await;
    peer.send(call("quick", "2")).await;
    let ids = [peer.reply().await, peer.reply().await].map(|reply| reply["_msg_id"].clone());
    assert!(ids.contains(&json!("1")) && ids.contains(&json!("2")), "{ids:?}");
    assert_eq!(manager.runs.load(Ordering::Relaxed), 2);
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

#[tokio::test(start_paused = true)]
async fn a_monitored_caller_hears_a_heart_at_half_its_limit_and_never_after_the_answer() {
    let (manager, _server) = start("monitor").await;
    let mut peer = Peer::new("monitor").await;
    let mut monitored = call("slow", "1");
    monitored["_timeout"] = json!(4);
    let begin = Instant::now();
    peer.send(monitored).await;
    for beat in 1..=3 {
        let heartbeat = peer.reply().await;
        assert_eq!(
            (&heartbeat["result"], &heartbeat["ending"]),
            (&Value::Null, &json!(false))
        );
        assert!(
            begin.elapsed() >= Duration::from_secs(2 * beat),
            "{:?}",
            begin.elapsed()
        );
    }
    manager.go.notify_one();
    assert_eq!(peer.reply().await["result"], "done");
    assert!(
        timeout(Duration::from_secs(60), peer.replies.recv())
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn a_reply_waits_for_a_caller_that_comes_back() {
    let broker = Broker::new("back");
    let (manager, _server) = start_on(broker, |builder| builder).await;
    let peer = Peer::new("back").await;
    peer.send(call("slow", "1")).await;
    peer.transport.close().await;
    manager.go.notify_one();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut peer = Peer::new("back").await;
    assert_eq!(peer.reply().await["result"], "done");
}

#[tokio::test(start_paused = true)]
async fn replies_beyond_those_that_may_wait_are_given_up_alone() {
    const WAITING: usize = 1000;
    let broker = Broker::new("many");
    let (manager, server) = start_on(broker, |builder| builder).await;
    let away = Peer::away("many");
    for id in 0..=WAITING {
        away.send(call("quick", &id.to_string())).await;
    }
    while manager.runs.load(Ordering::Relaxed) <= WAITING || server.at_work() > WAITING {
        tokio::task::yield_now().await;
    }
    let mut peer = Peer::new("many").await;
    for _ in 0..WAITING {
        assert_eq!(peer.reply().await["result"], 7);
    }
}

#[tokio::test(start_paused = true)]
async fn a_heart_is_heard_again_by_a_caller_that_comes_back() {
    let broker = Broker::new("heart");
    let (manager, _server) = start_on(broker, |builder| builder).await;
    let mut peer = Peer::new("heart").await;
    let mut monitored = call("slow", "1");
    monitored["_timeout"] = json!(20);
    peer.send(monitored).await;
    let is_beat = |reply: &Value| (&reply["result"], &reply["ending"]) == (&Value::Null, &json!(false));
    assert!(is_beat(&peer.reply().await));
    peer.transport.close().await;
    // Three beats are not heard.
    tokio::time::sleep(Duration::from_secs(35)).await;
    let mut peer = Peer::new("heart").await;
    assert!(is_beat(&peer.reply().await));
    manager.go.notify_one();
    assert_eq!(peer.reply().await["result"], "done");
}

#[tokio::test(start_paused = true)]
async fn while_the_bus_takes_no_answers_requests_stay_with_it() {
    let broker = Broker::new("short");
    let full = broker.takes.acquire().await;
    let (manager, _server) = start_on(broker.clone(), |builder| builder.handlers(2)).await;
    let mut peer = Peer::new("short").await;
    for id in 0..8 {
        peer.send(call("large", &id.to_string())).await;
    }
    // Time goes on when there is nothing else to do.
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Four answers fill the memory for them, and two methods wait with theirs.
    assert_eq!(manager.runs.load(Ordering::Relaxed), 4 + 2);
    drop(full);
    for _ in 0..8 {
        assert_eq!(peer.reply().await["ending"], true);
    }
}

#[tokio::test]
async fn what_a_closed_bus_gave_to_another_server_does_not_run_twice() {
    let bus = MemoryTransport::named("taken-back");
    let (first, server) = start_on(bus.clone(), |builder| builder.handlers(1)).await;
    let mut peer = Peer::new("taken-back").await;
    peer.send(call("slow", "1")).await;
    while first.runs.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    // They wait at the first server.
    for id in ["2", "3"] {
        peer.send(call("quick", id)).await;
    }
    bus.close().await;
    let (second, _server) = start("taken-back").await;
    for _ in 0..2 {
        assert_eq!(peer.reply().await["result"], 7);
    }
    first.go.notify_one();
    server.ended().await;
    let _ = server.stop().await;
    let runs = [first, second].map(|manager| manager.runs.load(Ordering::Relaxed));
    assert_eq!(runs, [1, 2]);
}

/// A caller on a bus in this process, or on a socket, does not come back: a stop does not wait for it, however patient
/// the server is with callers of a broker.
async fn a_stop_does_not_wait_for_a_caller_that_is_gone(
    serving: Arc<dyn Transport>,
    calling: Arc<dyn Transport>,
) {
    let patient = Duration::MAX;
    let (manager, server) = start_on(serving.clone(), |builder| {
        builder.reply_patience(patient).drain(patient)
    })
    .await;
    let peer = Peer::on(calling).await;
    peer.send(call("slow", "1")).await;
    while manager.runs.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    peer.transport.close().await;
    let to = Route::Reply {
        address: "reply_0123".into(),
    };
    // The goodbye may still be under way.
    while serving.send(to.clone(), Message::default(), soon()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    manager.go.notify_one();
    let stopped = timeout(Duration::from_secs(20), server.stop()).await;
    assert_eq!(stopped.map(|stopped| stopped.abandoned), Ok(0));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_caller_that_is_gone_in_memory() {
    let serving = MemoryTransport::new();
    let calling = serving.another();
    a_stop_does_not_wait_for_a_caller_that_is_gone(serving, calling).await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_caller_that_is_gone_from_a_socket() {
    let serving = DirectTransport::tcp("127.0.0.1", 0);
    let first = Listen {
        exchange: "openstack".into(),
        topic: "first".into(),
        server: "first".into(),
        prefetch: 1,
    };
    // It serves from its first listener on.
    let _first = serving.listen(first).await.unwrap();
    let port = serving.local_addr().unwrap().port();
    let calling = DirectTransport::tcp("127.0.0.1", port);
    a_stop_does_not_wait_for_a_caller_that_is_gone(serving, calling).await;
}

#[tokio::test]
async fn replies_go_to_reply_queues_only() {
    let (manager, _server) = start("address").await;
    let mut peer = Peer::new("address").await;
    let bad = [
        json!("work"),
        json!("amq.rabbitmq.reply-to.x"),
        json!(3),
        Value::Null,
        json!("reply_".repeat(60)),
    ];
    for (at, address) in bad.iter().enumerate() {
        let mut odd = call("quick", &format!("odd{at}"));
        odd["_reply_q"] = address.clone();
        peer.send(odd).await;
    }
    peer.send(call("quick", "good")).await;
    assert_eq!(peer.reply().await["_msg_id"], "good");
    // The odd ones ran, as casts do; they were acknowledged, and none became a message to another queue.
    while manager.runs.load(Ordering::Relaxed) < 6 {
        tokio::task::yield_now().await;
    }
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
        peer.send_raw(body).await.unwrap();
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
async fn a_full_server_leaves_messages_to_others() {
    let (first, _busy) = start_with("full", |builder| builder.handlers(1)).await;
    let mut peer = Peer::new("full").await;
    peer.send(call("slow", "1")).await;
    while first.runs.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    let (second, _idle) = start("full").await;
    for id in ["2", "3", "4", "5", "6", "7"] {
        peer.send(call("quick", id)).await;
    }
    // The first takes at most its prefetch of 2 out of the queue; everything else is answered by the second.
    for _ in 0..4 {
        assert_eq!(peer.reply().await["result"], 7);
    }
    assert!(second.runs.load(Ordering::Relaxed) >= 4);
    first.go.notify_one();
    for _ in 0..3 {
        peer.reply().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_methods_finish_and_takes_nothing_more() {
    let (manager, server) = start("drain").await;
    let mut peer = Peer::new("drain").await;
    peer.send(call("slow", "1")).await;
    while manager.runs.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    let (stopped, ()) = tokio::join!(server.stop(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        peer.send(call("quick", "2")).await;
        manager.go.notify_one();
    });
    assert_eq!(stopped.abandoned, 0);
    assert_eq!(peer.reply().await["result"], "done");
    assert_eq!(manager.runs.load(Ordering::Relaxed), 1);
    let (_, _next) = start("drain").await;
    assert_eq!(peer.reply().await["_msg_id"], "2");
}

#[tokio::test(start_paused = true)]
async fn what_is_abandoned_comes_again_when_it_is_delivered_at_least_once() {
    let (manager, server) = start_with("again", |builder| builder.drain(Duration::from_secs(1))).await;
    let mut peer = Peer::new("again").await;
    peer.send(call("safe", "1")).await;
    peer.send(call("slow", "2")).await;
    while manager.runs.load(Ordering::Relaxed) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.stop().await.abandoned, 2);
    let (next, _server) = start("again").await;
    next.go.notify_one();
    assert_eq!(peer.reply().await["_msg_id"], "1");
    assert_eq!(next.runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_ping_is_answered_where_it_is_enabled() {
    let (_manager, _server) = start_with("ping", |builder| builder.ping(true)).await;
    let mut peer = Peer::new("ping").await;
    peer.send(call("oslo_rpc_server_ping", "1")).await;
    assert_eq!(peer.reply().await["result"], "pong");
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
        let route = Route::Topic {
            exchange: "openstack".into(),
            topic: "work".into(),
            server: None,
        };
        let headers = Headers {
            compression: Some("application/x-gzip".into()),
            ..Headers::default()
        };
        let message = Message {
            body: Bytes::copy_from_slice(body),
            headers,
            ..Message::default()
        };
        peer.transport.send(route, message, soon()).await.unwrap();
    }
    assert_eq!(peer.reply().await["result"], 7);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_monitored_between_its_items_and_a_panic_ends_it() {
    let (manager, _server) = start("items").await;
    let mut peer = Peer::new("items").await;
    let mut monitored = call("items", "1");
    monitored["_timeout"] = json!(2);
    peer.send(monitored).await;
    assert_eq!(peer.reply().await["result"], 1);
    for _ in 0..3 {
        let heartbeat = peer.reply().await;
        assert_eq!(
            (&heartbeat["result"], &heartbeat["ending"]),
            (&Value::Null, &json!(false))
        );
    }
    manager.go.notify_one();
    let mut next = peer.reply().await;
    while next["result"].is_null() && next["failure"].is_null() {
        next = peer.reply().await;
    }
    assert_eq!(next["result"], 2);
    let last = peer.reply().await;
    assert_eq!(
        (failure(&last).class.as_str(), &last["ending"]),
        ("RuntimeError", &json!(true))
    );
}
