//! Lost connections, deleted queues, hosts that are not there.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rpc_runtime::testing::{Broker, Relay};
use rpc_runtime::transport::{ConnectError, Rejected, Route, Sent, Transport, TransportError};
use rpc_tests::conformance::{Collector, message, route, soon};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::{next, next_body, open, to, vhost, within};

fn in_millis(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

/// Sends until it arrives: what was lost with a connection may be given up, what was refused may not.
async fn send_until_taken(transport: &dyn Transport, to: Route, body: impl Into<Bytes>) {
    let body = body.into();
    within("a send", async {
        while let Err(error) = transport
            .send(to.clone(), message(body.clone()), in_millis(5_000))
            .await
        {
            assert!(matches!(error, TransportError::Unroutable(_)), "{error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_and_closed_connections_come_back_with_everything_on_them() {
    let vhost = vhost("cut").await;
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let transport = open(&vhost.url_by(relay.address()));
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    let mut replies = Collector::open(&*transport).await;
    transport.send(route("t"), message("0"), soon()).await.unwrap();
    next_body(&mut listener).await;
    let before: Vec<String> = names(&vhost).await;

    for round in 0..4 {
        match round {
            0 => relay.cut(),
            1 => relay.reset(),
            2 => drop(vhost.close_all_connections().await.unwrap()),
            _ => relay.half_close(rpc_runtime::testing::relay::Direction::Down),
        }
        for (number, to) in [route("t"), route("t/a"), Route::Fanout { topic: "t".into() }]
            .into_iter()
            .enumerate()
        {
            // A fan-out cast reaches who listens at the moment, so that is waited for.
            vhost
                .wait_queues(|queues| queues.iter().all(|queue| queue.consumers == 1))
                .await
                .unwrap();
            let body = format!("{round}.{number}");
            send_until_taken(&*transport, to, body.clone()).await;
            // What was acknowledged just before the cut may come again.
            while next_body(&mut listener).await != body {}
        }
        send_until_taken(&*transport, replies.route(), "reply").await;
        assert_eq!(replies.next().await.0, "reply");
        assert_eq!(names(&vhost).await, before, "round {round}");
    }
    transport.close().await;
}

/// Who wants a channel at that moment learns only that there is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_connection_was_closed_is_told_whoever_notices_first() {
    const TOPICS: u32 = 20;
    let vhost = vhost("reason").await;
    let transport = open(&format!("{}?rabbit_interval_max=0", vhost.url()));
    for round in 0..12 {
        transport.ready(soon()).await.unwrap();
        // Each topic is new, and its exchange is declared on a channel of its own.
        let send = |number: u32| {
            let transport = Arc::clone(&transport);
            let topic = (round * TOPICS + number).to_string().into();
            async move {
                transport
                    .send(Route::Fanout { topic }, message("{}"), soon())
                    .await
            }
        };
        let sends: Vec<_> = (0..TOPICS).map(|number| tokio::spawn(send(number))).collect();
        vhost.close_all_connections().await.unwrap();
        let told = within("a reason", async {
            loop {
                match transport.ready(Instant::now()).await {
                    Ok(()) => tokio::task::yield_now().await,
                    Err(error) => break error.to_string(),
                }
            }
        });
        let told = told.await;
        assert!(told.contains("closed by an operator"), "{told}");
        for sent in sends {
            sent.await.unwrap().unwrap();
        }
    }
    transport.close().await;
}

async fn names(vhost: &rpc_runtime::testing::Vhost<'_>) -> Vec<String> {
    let mut names: Vec<_> = vhost
        .queues()
        .await
        .expect("the broker answers")
        .into_iter()
        .map(|queue| queue.name)
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_under_way_when_the_connection_broke_arrives() {
    const MESSAGES: usize = 600;
    let vhost = vhost("under-way").await;
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let server = open(&vhost.url());
    let mut listener = server.listen(to("t", "a", 1000)).await.unwrap();
    let client = open(&vhost.url_by(relay.address()));
    client.ready(soon()).await.unwrap();
    let senders: Vec<_> = (0..MESSAGES)
        .map(|number| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.send(route("t"), message(number.to_string()), soon()).await })
        })
        .collect();
    let mut seen = vec![0_u32; MESSAGES];
    let mut distinct = 0;
    while distinct < MESSAGES {
        let number: usize = next_body(&mut listener).await.parse().unwrap();
        seen[number] += 1;
        distinct += usize::from(seen[number] == 1);
        if distinct % 150 == 1 && seen[number] == 1 {
            relay.reset();
        }
    }
    for sender in senders {
        sender.await.unwrap().unwrap();
    }
    client.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted_queues_are_declared_again() {
    let vhost = vhost("deleted").await;
    let transport = open(&vhost.url());
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    let mut replies = Collector::open(&*transport).await;
    for name in names(&vhost).await {
        // What was taken from the other queues stays taken.
        transport
            .send(route("t/a"), message("taken"), soon())
            .await
            .unwrap();
        let taken = next(&mut listener).await;
        assert_eq!(taken.body, "taken");
        vhost.delete_queue(&name).await.unwrap();
        vhost
            .wait_queues(|queues| {
                queues
                    .iter()
                    .any(|queue| queue.name == name && queue.consumers == 1)
            })
            .await
            .unwrap();
        taken.receipt.ack();
        for to in [route("t"), route("t/a"), Route::Fanout { topic: "t".into() }] {
            send_until_taken(&*transport, to, "again").await;
            assert_eq!(next_body(&mut listener).await, "again");
        }
        send_until_taken(&*transport, replies.route(), "reply").await;
        assert_eq!(replies.next().await.0, "reply");
    }
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settling_after_a_reconnect_does_no_harm() {
    let vhost = vhost("stale").await;
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let transport = open(&vhost.url_by(relay.address()));
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    for body in ["1", "2", "3"] {
        transport.send(route("t"), message(body), soon()).await.unwrap();
    }
    let (first, second, third) = (
        next(&mut listener).await,
        next(&mut listener).await,
        next(&mut listener).await,
    );
    relay.cut();
    // Redelivered, on a channel whose tags begin anew.
    let again = next(&mut listener).await;
    assert!(again.redelivered);
    first.receipt.reject();
    second.receipt.ack();
    drop(third);
    again.receipt.ack();
    for _ in 0..2 {
        next_body(&mut listener).await;
    }
    transport.send(route("t"), message("last"), soon()).await.unwrap();
    assert_eq!(next_body(&mut listener).await, "last");
    vhost
        .wait_queues(|queues| queues.iter().all(|queue| queue.messages == 0))
        .await
        .unwrap();
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_live_host_of_three_is_enough() {
    let vhost = vhost("hosts").await;
    let refused = Relay::start("127.0.0.1:1").await.unwrap();
    refused.refuse().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hosts = [
        refused.address().to_string(),
        silent.local_addr().unwrap().to_string(),
        // A name with several addresses, of which one may answer.
        vhost.broker().address().replace("127.0.0.1", "localhost"),
    ];
    // The order is random: several tries see several orders.
    for _ in 0..6 {
        let hosts = hosts.join(",guest:guest@");
        let transport = open(&format!("rabbit://guest:guest@{hosts}/{}", vhost.name()));
        transport.ready(in_millis(2_000)).await.unwrap();
        transport.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_has_to_change_is_told_at_once() {
    let vhost = vhost("final").await;
    let broker = Broker::shared().await.unwrap();
    let wrong_password = vhost.url().replace("guest:guest", "guest:hunter2");
    let no_vhost = broker.url("no-such-vhost");
    let tls = format!("{}?ssl=true", vhost.url());
    for (url, expected) in [
        (wrong_password, "refuses the user name or password"),
        (no_vhost, "virtual host 'no-such-vhost'"),
        (tls, "TLS"),
    ] {
        let transport = open(&url);
        let far = Instant::now() + Duration::from_secs(60);
        let error = within("the reason", transport.ready(far)).await.unwrap_err();
        let TransportError::Connect { host, reason } = &error else {
            panic!("{error}")
        };
        assert_eq!(*host, broker.address());
        assert!(reason.to_string().contains(expected), "{error}");
        assert!(!format!("{error} {error:?} {transport:?}").contains("hunter2"));
        let sent = within("the reason", transport.send(route("t"), message("{}"), far)).await;
        assert_eq!(sent, Err(error.clone()));
        let listened = within("the reason", transport.listen(to("t", "a", 1))).await;
        assert!(
            matches!(listened, Err(TransportError::Connect { .. })),
            "{listened:?}"
        );
        transport.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_nothing_is_sent_and_the_reason_is_told() {
    let relay = Relay::start("127.0.0.1:1").await.unwrap();
    relay.refuse().await;
    let transport = open(&format!("rabbit://{}/", relay.address()));
    let error = transport.ready(in_millis(500)).await.unwrap_err();
    assert_eq!(
        error,
        TransportError::Connect {
            host: relay.address().to_string(),
            reason: ConnectError::Refused
        }
    );
    let started = Instant::now();
    let error = transport.send(route("t"), message("{}"), in_millis(300)).await;
    let Err(TransportError::Timeout {
        sent: Sent::No,
        detail,
    }) = error
    else {
        panic!("{error:?}")
    };
    assert!(detail.contains("connection refused"), "{detail}");
    assert!(started.elapsed() < Duration::from_secs(2));
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_speak_amqp_is_told() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("rabbit://{}/", server.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while let Ok((mut stream, _)) = server.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let transport = open(&url);
    let error = transport.ready(in_millis(1_000)).await.unwrap_err();
    let TransportError::Connect { reason, .. } = &error else {
        panic!("{error}")
    };
    assert!(matches!(reason, ConnectError::Protocol(_)), "{error}");
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_far_a_message_came_is_told_when_the_line_is_silent() {
    let vhost = vhost("silent").await;
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let transport = open(&vhost.url_by(relay.address()));
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    transport.send(route("t"), message("0"), soon()).await.unwrap();
    next_body(&mut listener).await;
    relay.black_hole();
    let sent = transport.send(route("t"), message("{}"), in_millis(400)).await;
    assert!(
        matches!(
            sent,
            Err(TransportError::Timeout {
                sent: Sent::Unknown,
                ..
            })
        ),
        "{sent:?}"
    );
    relay.heal().await.unwrap();
    send_until_taken(&*transport, route("t"), "last").await;
    while next_body(&mut listener).await != "last" {}
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_permission_ends_nothing_for_good() {
    let vhost = vhost("permission").await;
    let broker = Broker::shared().await.unwrap();
    let user = vhost.name();
    broker.add_user(user, "secret").await.unwrap();
    vhost.permit(user, [".*", ".*", ".*"]).await.unwrap();
    let transport = open(&vhost.url().replace("guest:guest", &format!("{user}:secret")));
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    vhost.permit(user, ["", "", ""]).await.unwrap();
    let sent = transport.send(route("t"), message("{}"), soon()).await;
    assert!(
        matches!(sent, Err(TransportError::Rejected(Rejected::Denied(_)))),
        "{sent:?}"
    );
    vhost.permit(user, [".*", ".*", ".*"]).await.unwrap();
    within("permission", async {
        // The broker remembers permissions of a channel for a moment.
        while transport.send(route("t"), message("{}"), soon()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(next_body(&mut listener).await, "{}");
    transport.close().await;
}
