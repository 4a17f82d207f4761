//! Reply addresses.

use bytes::Bytes;
use futures_util::FutureExt as _;
use rpc_runtime::transport::{Headers, Message, Route, TransportError};

use super::fixture::{Collector, Fixture, message, next, route, soon, within};

/// A request arrives, and its answer comes back to the address the client opened.
pub async fn replies_reach_the_address(fixture: Fixture) {
    let mut replies = Collector::open(&*fixture.client).await;
    let mut listener = fixture.listen("t", "a", 10).await;
    fixture.send(route("t"), message("question")).await;
    next(&mut listener).await.receipt.ack();
    let headers = Headers {
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        compression: Some("application/x-gzip".into()),
    };
    let answer = Message {
        headers: headers.clone(),
        ..message("answer")
    };
    let sent = fixture.server.send(replies.route(), answer, soon()).await;
    assert_eq!(sent, Ok(()));
    assert_eq!(replies.next().await, (Bytes::from("answer"), headers));
    fixture.close().await;
}

/// Of those who open the address at once, one may not wait for it, and another only hold on to it.
pub async fn an_address_opens_whoever_waits_for_it(fixture: Fixture) {
    let client = fixture.client.clone();
    client.ready(soon()).await.expect("a bus");
    let (mut replies, address, sink) = Collector::unopened();
    let open = || client.open_replies(address.clone(), sink.clone(), soon());
    let mut held = open();
    let _ = (&mut held).now_or_never();
    let _ = open().now_or_never();
    assert_eq!(within("an address", open()).await, Ok(()));
    let sent = fixture.server.send(replies.route(), message("x"), soon()).await;
    assert_eq!(sent, Ok(()));
    assert_eq!(replies.next().await.0, "x");
    fixture.close().await;
}

/// Each client gets its own replies.
pub async fn replies_go_to_the_right_client(fixture: Fixture) {
    let mut clients = Vec::new();
    for _ in 0..3 {
        let client = fixture.another();
        let replies = Collector::open(&*client).await;
        clients.push((client, replies));
    }
    for round in 0..10 {
        for (number, (_, replies)) in clients.iter().enumerate() {
            let answer = message(format!("{number} {round}"));
            let sent = fixture.server.send(replies.route(), answer, soon()).await;
            assert_eq!(sent, Ok(()));
        }
    }
    for (number, (client, replies)) in clients.iter_mut().enumerate() {
        for round in 0..10 {
            assert_eq!(replies.next().await.0, format!("{number} {round}"));
        }
        client.close().await;
    }
    fixture.close().await;
}

/// Replies are mandatory, whether they say so or not.
pub async fn replies_to_nobody_are_unroutable(fixture: Fixture) {
    let to = Route::Reply {
        address: "reply_ffffffffffffffffffffffffffffffff".into(),
    };
    for mandatory in [false, true] {
        let answer = Message {
            mandatory,
            ..message("lost")
        };
        let sent = fixture.server.send(to.clone(), answer, soon()).await;
        assert_eq!(sent, Err(TransportError::Unroutable(to.clone())));
    }
    fixture.close().await;
}

/// A client that closed is not waited for.
pub async fn a_closed_client_gets_no_replies(fixture: Fixture) {
    let client = fixture.another();
    let replies = Collector::open(&*client).await;
    let sent = fixture.server.send(replies.route(), message("x"), soon()).await;
    assert_eq!(sent, Ok(()));
    client.close().await;
    // The goodbye may still be under way.
    let mut sent = Ok(());
    while fixture.traits.forgets_addresses && sent.is_ok() {
        let to = replies.route();
        sent = fixture.server.send(to, message("x"), soon()).await;
        tokio::task::yield_now().await;
    }
    if let Err(error) = sent {
        assert_eq!(error, TransportError::Unroutable(replies.route()));
    }
    fixture.close().await;
}

/// Five thousand small ones and some large ones.
pub async fn many_and_large_replies_arrive_in_order(fixture: Fixture) {
    let mut replies = Collector::open(&*fixture.client).await;
    let large = |number: usize| if number.is_multiple_of(500) { 1 << 20 } else { 10 };
    let sending = async {
        for number in 0..5000 {
            let answer = message(vec![(number % 251) as u8; large(number)]);
            let sent = fixture.server.send(replies.route(), answer, soon()).await;
            assert_eq!(sent, Ok(()));
        }
    };
    sending.await;
    for number in 0..5000 {
        let (body, _) = replies.next().await;
        assert_eq!(body.len(), large(number), "reply {number}");
        assert_eq!(body.first(), Some(&((number % 251) as u8)));
    }
    fixture.close().await;
}
