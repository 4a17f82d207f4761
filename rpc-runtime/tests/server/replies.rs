//! Replies: where they may go, and what becomes of those that nobody takes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::broker::Broker;
use crate::peer::{Peer, call};
use crate::work::{start, start_on};

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
    manager.has_begun(6).await;
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
    while manager.runs() <= WAITING || server.at_work() > WAITING {
        tokio::task::yield_now().await;
    }
    let mut peer = Peer::new("many").await;
    for _ in 0..WAITING {
        assert_eq!(peer.reply().await["result"], 7);
    }
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
    assert_eq!(manager.runs(), 4 + 2);
    drop(full);
    for _ in 0..8 {
        assert_eq!(peer.reply().await["ending"], true);
    }
}
