//! Servers that share a queue: each message runs once, at one that has room for it.

use rpc_runtime::transport::Transport;
use rpc_runtime::transport::memory::MemoryTransport;

use crate::peer::{Peer, call};
use crate::work::{start, start_on, start_with};

#[tokio::test]
async fn a_full_server_leaves_messages_to_others() {
    let (first, _busy) = start_with("full", |builder| builder.handlers(1)).await;
    let mut peer = Peer::new("full").await;
    peer.send(call("slow", "1")).await;
    first.has_begun(1).await;
    let (second, _idle) = start("full").await;
    for id in ["2", "3", "4", "5", "6", "7"] {
        peer.send(call("quick", id)).await;
    }
    // The first takes at most its prefetch of 2 out of the queue; everything else is answered by the second.
    for _ in 0..4 {
        assert_eq!(peer.reply().await["result"], 7);
    }
    assert!(second.runs() >= 4);
    first.go.notify_one();
    for _ in 0..3 {
        peer.reply().await;
    }
}

#[tokio::test]
async fn what_a_closed_bus_gave_to_another_server_does_not_run_twice() {
    let bus = MemoryTransport::named("taken-back");
    let (first, server) = start_on(bus.clone(), |builder| builder.handlers(1)).await;
    let mut peer = Peer::new("taken-back").await;
    peer.send(call("slow", "1")).await;
    first.has_begun(1).await;
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
    let runs = [first, second].map(|manager| manager.runs());
    assert_eq!(runs, [1, 2]);
}
