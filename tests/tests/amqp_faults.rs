//! The transport over RabbitMQ when the broker itself is in trouble: alarms, limits, death. Each test has a broker
//! of its own.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::testing::{Broker, Relay};
use rpc_runtime::transport::{self, Listen, Listener, Rejected, Route, Transport, TransportError};
use rpc_tests::conformance::{Collector, message, route, soon};
use tokio::time::{Instant, sleep};

fn open(url: &str) -> Arc<dyn Transport> {
    transport::open(&url.parse().expect("a transport URL")).expect("a transport")
}

async fn listen(transport: &dyn Transport) -> Listener {
    let to = Listen {
        exchange: "openstack".into(),
        topic: "t".into(),
        server: "a".into(),
        prefetch: 100,
    };
    transport.listen(to).await.expect("a listener")
}

async fn within<T>(what: &str, limit: Duration, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(limit, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: nothing within {limit:?}"),
    }
}

const LONG: Duration = Duration::from_secs(60);

/// Takes everything until this body comes; gives how many there were.
async fn drain(listener: &mut Listener, last: &str) -> usize {
    let mut count = 0;
    loop {
        let delivery = within("a delivery", LONG, listener.deliveries.recv()).await;
        let delivery = delivery.expect("the listener has not ended");
        let body = delivery.body.clone();
        delivery.receipt.ack();
        count += 1;
        if body == last.as_bytes() {
            return count;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_blocks_publishing_and_nothing_else() {
    let broker = Broker::start().await.unwrap();
    let (server, client) = (open(&broker.url("")), open(&broker.url("")));
    let hasty = open(&format!("{}?fail_when_blocked=true", broker.url("")));
    let mut listener = listen(&*server).await;
    for transport in [&client, &hasty] {
        for _ in 0..50 {
            transport
                .send(route("t"), message("before"), soon())
                .await
                .unwrap();
        }
    }
    client.send(route("t"), message("mark"), soon()).await.unwrap();

    broker.memory_alarm(true).await.unwrap();
    // The broker blocks a connection at its first publish, which it may take, or leave lying.
    let limit = Duration::from_millis(600);
    let send = async |transport: &Arc<dyn Transport>| {
        let started = Instant::now();
        let sent = transport
            .send(route("t"), message("blocked"), started + limit)
            .await;
        (sent, started.elapsed())
    };
    for transport in [&client, &hasty] {
        while send(transport).await.0.is_ok() {}
    }
    let (sent, waited) = send(&client).await;
    let Err(TransportError::Rejected(Rejected::Blocked(reason))) = sent else {
        panic!("{sent:?}")
    };
    assert!(
        reason.contains("memory") && !reason.contains("may still arrive"),
        "{reason}"
    );
    assert!(waited >= limit);
    let (sent, waited) = send(&hasty).await;
    assert!(
        matches!(sent, Err(TransportError::Rejected(Rejected::Blocked(_)))),
        "{sent:?}"
    );
    assert!(waited < limit, "{waited:?}");
    // Consuming and acknowledging goes on.
    assert_eq!(drain(&mut listener, "mark").await, 101);

    let waiting = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.send(route("t"), message("after"), soon()).await }
    });
    within(
        "closing a blocked transport",
        Duration::from_secs(2),
        hasty.close(),
    )
    .await;
    broker.memory_alarm(false).await.unwrap();
    waiting.await.unwrap().unwrap();
    drain(&mut listener, "after").await;
    client.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_and_nothing_else() {
    const LIMIT: usize = 100_000;
    let broker = Broker::start().await.unwrap();
    broker.max_message_size(LIMIT as u64).await.unwrap();
    let transport = open(&broker.url(""));
    let mut listener = listen(&*transport).await;
    let send = |number: usize| {
        let size = match number % 40 {
            7 => LIMIT + 1,
            8 => LIMIT,
            23 => 3 * LIMIT,
            _ => number,
        };
        let transport = Arc::clone(&transport);
        async move {
            (
                size,
                transport
                    .send(route("t"), message(vec![b' '; size]), soon())
                    .await,
            )
        }
    };
    let sending = join_all((0..400).map(send));
    for (size, sent) in within("the senders", LONG, sending).await {
        match sent {
            Ok(()) if size <= LIMIT => {}
            Err(TransportError::Rejected(Rejected::Oversize { size: told, detail })) if size > LIMIT => {
                assert_eq!(told, size);
                assert!(detail.contains("100000"), "{detail}");
            }
            other => panic!("{size} bytes: {other:?}"),
        }
    }
    transport.send(route("t"), message("last"), soon()).await.unwrap();
    assert!(drain(&mut listener, "last").await > 380);
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_dies_is_awaited() {
    let broker = Broker::start().await.unwrap();
    let url = format!("{}?heartbeat_timeout_threshold=2", broker.url(""));
    let (server, client) = (open(&url), open(&url));
    let mut listener = listen(&*server).await;
    let mut replies = Collector::open(&*client).await;
    client.send(route("t"), message("before"), soon()).await.unwrap();
    drain(&mut listener, "before").await;

    broker.kill().await.unwrap();
    // What is sent while there is no broker waits for it.
    let far = Instant::now() + LONG;
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.send(route("t"), message("meanwhile"), far).await })
        })
        .collect();
    broker.start_again().await.unwrap();
    for waiting in waiting {
        // The queues are not durable: who is faster than the server finds nobody.
        let sent = waiting.await.unwrap();
        assert!(
            matches!(sent, Ok(()) | Err(TransportError::Unroutable(_))),
            "{sent:?}"
        );
    }
    let back = async {
        while client.send(route("t"), message("after"), soon()).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
        while server
            .send(replies.route(), message("reply"), soon())
            .await
            .is_err()
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    within("the way back", LONG, back).await;
    drain(&mut listener, "after").await;
    assert_eq!(replies.next().await.0, "reply");

    // A frozen broker is noticed by its silence.
    broker.freeze().await.unwrap();
    let silent = async {
        loop {
            let near = Instant::now() + Duration::from_millis(200);
            match client.send(route("t"), message("frozen"), near).await {
                Err(TransportError::Timeout { detail, .. }) if detail.contains("no connection") => break,
                Err(TransportError::Timeout { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    within("the end of the connection", LONG, silent).await;
    broker.thaw().await.unwrap();
    let back = async {
        while client.send(route("t"), message("thawed"), soon()).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    within("the way back", LONG, back).await;
    drain(&mut listener, "thawed").await;
    client.close().await;
    server.close().await;
}

/// lapin counts on from channel to channel, and then begins anew: at the number that the broker had closed, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_a_channel_that_was_closed_is_passed_over() {
    const CHANNELS: usize = 8;
    let broker = Broker::start_with(&format!("channel_max = {CHANNELS}"))
        .await
        .unwrap();
    let vhost = broker.vhost("numbers").await.unwrap();
    let relay = Relay::start(broker.address()).await.unwrap();
    let transport = open(&vhost.url_by(relay.address()));
    let cast = async |topic: String| {
        let to = Route::Fanout { topic: topic.into() };
        transport.send(to, message("{}"), soon()).await.unwrap();
    };
    cast("gone".into()).await;
    vhost.delete_exchange("gone_fanout").await.unwrap();
    cast("gone".into()).await;
    // Each of them is declared on a channel of its own.
    for number in 0..2 * CHANNELS {
        cast(number.to_string()).await;
    }
    assert_eq!(relay.counts().accepted, 1);
    // When none is left, a new connection has them all again.
    for _ in 0..2 * CHANNELS {
        vhost.delete_exchange("gone_fanout").await.unwrap();
        cast("gone".into()).await;
    }
    transport.close().await;
}
