//! What connections leave behind: nothing. Alone in its process, whose threads and descriptors are counted.

use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::testing::{Broker, Relay};
use rpc_runtime::transport::{self, Listen, Transport};
use rpc_tests::conformance::{message, route, soon};
use tokio::time::{Instant, sleep};

fn open(url: &str) -> Arc<dyn Transport> {
    transport::open(&url.parse().expect("a transport URL")).expect("a transport")
}

/// lapin's threads, and open descriptors.
fn count() -> (usize, usize) {
    let tasks = std::fs::read_dir("/proc/self/task").expect("procfs");
    let threads = tasks.flatten().filter(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        name.starts_with("lapin")
    });
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("procfs").count();
    (threads.count(), descriptors)
}

/// A thread takes a moment to end.
async fn settle(what: &str, before: (usize, usize)) {
    let limit = Instant::now() + Duration::from_secs(20);
    while count() != before {
        assert!(
            Instant::now() < limit,
            "{what}: {:?} threads and descriptors, {before:?} before",
            count()
        );
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_thread_and_no_descriptor_is_left() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("leaks").await.unwrap();
    let relay = Relay::start(broker.address()).await.unwrap();
    // The first connection opens what stays, such as the resolver's.
    let warm_up = open(&vhost.url_by(relay.address()));
    warm_up.ready(soon()).await.unwrap();
    warm_up.close().await;
    drop(warm_up);
    relay.wait(|counts| counts.open == 0).await;
    let before = count();
    assert_eq!(before.0, 0);

    // A server that accepts and says nothing.
    relay.black_hole();
    let silent = open(&vhost.url_by(relay.address()));
    let attempts = relay.counts().accepted + 2;
    silent
        .ready(Instant::now() + Duration::from_millis(10))
        .await
        .unwrap_err();
    relay.wait(|counts| counts.accepted >= attempts).await;
    silent.close().await;
    drop(silent);
    for _ in 0..20 {
        let silent = open(&vhost.url_by(relay.address()));
        silent
            .ready(Instant::now() + Duration::from_millis(50))
            .await
            .unwrap_err();
        silent.close().await;
    }
    relay.cut();
    relay.heal().await.unwrap();
    relay.wait(|counts| counts.open == 0).await;
    settle("silence", before).await;

    // One that accepts and closes.
    relay.accept_and_drop();
    let dropped = open(&vhost.url_by(relay.address()));
    let attempts = relay.counts().accepted + 5;
    dropped
        .ready(Instant::now() + Duration::from_millis(10))
        .await
        .unwrap_err();
    relay.wait(|counts| counts.accepted >= attempts).await;
    relay.heal().await.unwrap();
    dropped.ready(soon()).await.unwrap();

    // Connections that break while they are used, and closing and dropping of what was used.
    for round in 0..10 {
        let transport = open(&vhost.url_by(relay.address()));
        let to = Listen {
            exchange: "openstack".into(),
            topic: "t".into(),
            server: "a".into(),
            prefetch: 10,
        };
        let listener = transport.listen(to).await.unwrap();
        transport.send(route("t"), message("x"), soon()).await.unwrap();
        relay.reset();
        transport.send(route("t"), message("x"), soon()).await.unwrap();
        if round % 2 == 0 {
            transport.close().await;
        }
        drop(listener);
    }
    dropped.close().await;
    drop(dropped);
    relay.wait(|counts| counts.open == 0).await;
    settle("use", before).await;
}
