//! What a monitored caller hears until its answer is there.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::broker::Broker;
use crate::peer::{Peer, call, failure, is_heartbeat};
use crate::work::{start, start_on};

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
        assert!(is_heartbeat(&heartbeat), "{heartbeat}");
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
async fn a_heart_is_heard_again_by_a_caller_that_comes_back() {
    let broker = Broker::new("heart");
    let (manager, _server) = start_on(broker, |builder| builder).await;
    let mut peer = Peer::new("heart").await;
    let mut monitored = call("slow", "1");
    monitored["_timeout"] = json!(20);
    peer.send(monitored).await;
    assert!(is_heartbeat(&peer.reply().await));
    peer.transport.close().await;
    // Three beats are not heard.
    tokio::time::sleep(Duration::from_secs(35)).await;
    let mut peer = Peer::new("heart").await;
    assert!(is_heartbeat(&peer.reply().await));
    manager.go.notify_one();
    assert_eq!(peer.reply().await["result"], "done");
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
        assert!(is_heartbeat(&heartbeat), "{heartbeat}");
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
