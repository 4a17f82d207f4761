//! A server that stops: what it finishes, what it gives back, and for whom it does not wait.

use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::transport::direct::DirectTransport;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{Listen, Message, Route, Transport};
use tokio::time::timeout;

use crate::peer::{Peer, call, soon};
use crate::work::{start, start_on, start_with};

#[tokio::test(start_paused = true)]
async fn a_stop_lets_methods_finish_and_takes_nothing_more() {
    let (manager, server) = start("drain").await;
    let mut peer = Peer::new("drain").await;
    peer.send(call("slow", "1")).await;
    manager.has_begun(1).await;
    let (stopped, ()) = tokio::join!(server.stop(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        peer.send(call("quick", "2")).await;
        manager.go.notify_one();
    });
    assert_eq!(stopped.abandoned, 0);
    assert_eq!(peer.reply().await["result"], "done");
    assert_eq!(manager.runs(), 1);
    let (_, _next) = start("drain").await;
    assert_eq!(peer.reply().await["_msg_id"], "2");
}

#[tokio::test(start_paused = true)]
async fn what_is_abandoned_comes_again_when_it_is_delivered_at_least_once() {
    let (manager, server) = start_with("again", |builder| builder.drain(Duration::from_secs(1))).await;
    let mut peer = Peer::new("again").await;
    peer.send(call("safe", "1")).await;
    peer.send(call("slow", "2")).await;
    manager.has_begun(2).await;
    assert_eq!(server.stop().await.abandoned, 2);
    let (next, _server) = start("again").await;
    next.go.notify_one();
    assert_eq!(peer.reply().await["_msg_id"], "1");
    assert_eq!(next.runs(), 1);
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
    manager.has_begun(1).await;
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
