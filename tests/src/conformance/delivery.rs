//! What is sent arrives, where it was sent to, once, unchanged and in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use rpc_runtime::transport::{Headers, Message, Route};
use tokio::task::JoinSet;

use super::fixture::{Fixture, listen_to, message, next, next_body, route, soon, within};

/// A message to a topic reaches a listener of it, with what travels beside it at its defaults.
pub async fn reaches_a_topic(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 10).await;
    fixture.send(route("t"), message("hello")).await;
    let delivery = next(&mut listener).await;
    assert_eq!(delivery.body, "hello");
    assert_eq!(delivery.headers, Headers::default());
    assert!(!delivery.redelivered);
    delivery.receipt.ack();
    fixture.close().await;
}

/// A message to one server reaches that one.
pub async fn reaches_one_server_and_no_other(fixture: Fixture) {
    let mut a = fixture.listen("t", "a", 10).await;
    let mut b = fixture.listen("t", "b", 10).await;
    for number in 0..10 {
        fixture.send(route("t/b"), message(format!("b{number}"))).await;
    }
    fixture.send(route("t/a"), message("a")).await;
    for number in 0..10 {
        assert_eq!(next_body(&mut b).await, format!("b{number}"));
    }
    assert_eq!(next_body(&mut a).await, "a");
    fixture.close().await;
}

/// Listeners of one topic take turns: each gets about as many, none gets another's.
pub async fn competing_listeners_share(fixture: Fixture) {
    let mut a = fixture.listen("t", "a", 100).await;
    let mut b = fixture.listen("t", "b", 100).await;
    for number in 0..100 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    let mut received = BTreeSet::new();
    let (mut by_a, mut by_b) = (0, 0);
    while received.len() < 100 {
        let delivery = tokio::select! {
            delivery = next(&mut a) => { by_a += 1; delivery }
            delivery = next(&mut b) => { by_b += 1; delivery }
        };
        assert!(received.insert(delivery.body.clone()), "delivered twice");
        delivery.receipt.ack();
    }
    assert!(by_a > 25 && by_b > 25, "shared as {by_a} and {by_b}");
    fixture.close().await;
}

/// A listener that is busy leaves the work to one that is not.
pub async fn busy_listeners_are_passed_over(fixture: Fixture) {
    let mut busy = fixture.listen("t", "a", 1).await;
    let mut idle = fixture.listen("t", "b", 1).await;
    for number in 0..10 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    let held = next(&mut busy).await;
    for _ in 0..9 {
        let received = next(&mut idle).await;
        assert_ne!(received.body, held.body);
        received.receipt.ack();
    }
    held.receipt.ack();
    fixture.close().await;
}

/// A fan-out message reaches every listener of its topic, and of no other.
pub async fn fanout_reaches_every_server(fixture: Fixture) {
    let mut a = fixture.listen("t", "a", 10).await;
    let mut b = fixture.listen("t", "b", 10).await;
    let mut other = fixture.listen("other", "a", 10).await;
    for number in 0..3 {
        let to = Route::Fanout { topic: "t".into() };
        fixture.send(to, message(format!("all{number}"))).await;
    }
    fixture.send(route("other"), message("other")).await;
    for listener in [&mut a, &mut b] {
        for number in 0..3 {
            assert_eq!(next_body(listener).await, format!("all{number}"));
        }
    }
    assert_eq!(next_body(&mut other).await, "other");
    fixture.close().await;
}

/// The exchange scopes topics, but not fan-out: services of the same topic share it.
pub async fn fanout_ignores_the_exchange(fixture: Fixture) {
    let listen = |exchange| {
        let to = listen_to(exchange, "t", "a", 10);
        async { fixture.server.listen(to).await.expect("a listener") }
    };
    let mut one = listen("one").await;
    let mut two = listen("two").await;
    let to = Route::Fanout { topic: "t".into() };
    fixture.send(to, message("all")).await;
    assert_eq!(next_body(&mut one).await, "all");
    assert_eq!(next_body(&mut two).await, "all");
    fixture.close().await;
}

/// Trace and compression arrive as they were sent.
pub async fn headers_travel(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 10).await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (traceparent, compression) in [
        (Some(traceparent), None),
        (None, Some("application/x-gzip")),
        (Some(traceparent), Some("application/x-bz2")),
        (None, None),
    ] {
        let headers = Headers {
            traceparent: traceparent.map(Into::into),
            compression: compression.map(Into::into),
        };
        let sent = Message {
            headers: headers.clone(),
            ..message("x")
        };
        fixture.send(route("t"), sent).await;
        let delivery = next(&mut listener).await;
        assert_eq!(delivery.headers, headers);
        delivery.receipt.ack();
    }
    fixture.close().await;
}

/// From nothing to 4 MiB, and every byte.
pub async fn bodies_of_every_size_arrive_unchanged(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 10).await;
    for size in [0, 1, 255, 256, 4096, 65_535, 65_536, 131_072, 4 << 20] {
        let sent: Bytes = (0..size).map(|at| (at % 251) as u8).collect();
        fixture.send(route("t"), message(sent.clone())).await;
        let delivery = next(&mut listener).await;
        assert_eq!(delivery.body.len(), size);
        assert!(delivery.body == sent, "a body of {size} bytes was changed");
        delivery.receipt.ack();
    }
    fixture.close().await;
}

/// Ten thousand messages of one sender: all, once, in order.
pub async fn nothing_is_lost_repeated_or_reordered(fixture: Fixture) {
    const COUNT: usize = 10_000;
    let mut listener = fixture.listen("t", "a", 100).await;
    let client = Arc::clone(&fixture.client);
    let sending = tokio::spawn(async move {
        for number in 0..COUNT {
            let sent = client.send(route("t"), message(number.to_string()), soon());
            assert_eq!(sent.await, Ok(()));
        }
    });
    for number in 0..COUNT {
        let delivery = next(&mut listener).await;
        assert_eq!(delivery.body, number.to_string());
        assert!(!delivery.redelivered);
        delivery.receipt.ack();
    }
    within("the sender", sending).await.expect("the sender");
    fixture.send(route("t"), message("last")).await;
    assert_eq!(next_body(&mut listener).await, "last", "something came twice");
    fixture.close().await;
}

/// Many senders at once, over two connections: all arrives once, and each sender's in its order.
pub async fn concurrent_senders_lose_nothing(fixture: Fixture) {
    const SENDERS: usize = 40;
    const EACH: usize = 50;
    let mut listener = fixture.listen("t", "a", 64).await;
    let other = fixture.another();
    let mut sending = JoinSet::new();
    for sender in 0..SENDERS {
        let client = if sender % 2 == 0 { &fixture.client } else { &other };
        let client = Arc::clone(client);
        sending.spawn(async move {
            for number in 0..EACH {
                let sent = client.send(route("t"), message(format!("{sender} {number}")), soon());
                assert_eq!(sent.await, Ok(()));
            }
        });
    }
    let mut expected = [0; SENDERS];
    for _ in 0..SENDERS * EACH {
        let text = next_body(&mut listener).await;
        let (sender, number) = text.split_once(' ').expect("two numbers");
        let sender: usize = sender.parse().expect("a number");
        assert_eq!(number, expected[sender].to_string(), "of sender {sender}");
        expected[sender] += 1;
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("a sender");
    }
    other.close().await;
    fixture.close().await;
}

/// The process that serves can be its own client.
pub async fn a_server_sends_to_itself(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 10).await;
    let sent = fixture.server.send(route("t/a"), message("hello"), soon());
    assert_eq!(sent.await, Ok(()));
    assert_eq!(next_body(&mut listener).await, "hello");
    fixture.close().await;
}
