//! Connections that break, and what of it the two sides notice.

use super::*;
use crate::testing::Relay;
use crate::testing::relay::Direction;

/// A server, a relay in front of it, and a client behind the relay.
async fn relayed(settings: Settings) -> (Arc<DirectTransport>, Listener, Relay, Arc<DirectTransport>) {
    let (server, listener) = serve(settings.clone()).await;
    let relay = Relay::start(format!("127.0.0.1:{}", port(&server)))
        .await
        .unwrap();
    let client = DirectTransport::tcp_with("127.0.0.1", relay.address().port(), settings);
    (server, listener, relay, client)
}

#[tokio::test]
async fn a_lost_connection_is_made_again_under_the_same_address() {
    let (server, mut listener, relay, client) = relayed(Settings::default()).await;
    let mut replies = Replies::open(&client).await;
    relay.refuse().await;
    relay.reset();
    while client.ready(Instant::now()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    // Replies wait, and so do senders.
    for number in 0..100 {
        let answer = Message {
            body: number.to_string().into(),
            ..Message::default()
        };
        let sent = server.send(replies.route.clone(), answer, soon()).await;
        assert_eq!(sent, Ok(()));
    }
    let send = client.send(topic("t"), message("late"), soon());
    let (sent, healed) = tokio::join!(send, relay.heal());
    healed.unwrap();
    assert_eq!(sent, Ok(()));
    assert_eq!(next(&mut listener).await, "late");
    for number in 0..100 {
        assert_eq!(replies.next().await, number.to_string());
    }
}

#[tokio::test]
async fn an_address_is_restored_whoever_began_to_open_it() {
    let (server, _listener, relay, client) = relayed(Settings::default()).await;
    client.ready(soon()).await.unwrap();
    let (mut replies, address, sink) = Replies::unopened();
    let open = || client.open_replies(address.clone(), sink.clone(), soon());
    let mut held = open();
    assert_eq!((&mut held).now_or_never(), None);
    assert_eq!(open().now_or_never(), None);
    assert_eq!(open().await, Ok(()));
    let first = relay.counts().accepted;
    relay.reset();
    timeout(
        Duration::from_secs(20),
        relay.wait(|counts| counts.accepted > first),
    )
    .await
    .unwrap();
    let sent = server.send(replies.route.clone(), message("late"), soon()).await;
    assert_eq!(sent, Ok(()));
    assert_eq!(replies.next().await, "late");
}

#[tokio::test]
async fn replies_survive_resets_in_their_midst_once_and_in_order() {
    const COUNT: usize = 3000;
    let (server, _listener, relay, client) = relayed(Settings::default()).await;
    client.ready(soon()).await.unwrap();
    let mut replies = Replies::open(&client).await;
    let sending = async {
        for number in 0..COUNT {
            let answer = Message {
                body: format!("{number} {}", "x".repeat(1000)).into(),
                ..Message::default()
            };
            let sent = server.send(replies.route.clone(), answer, soon()).await;
            assert_eq!(sent, Ok(()));
            if number % 300 == 299 {
                relay.reset();
            }
        }
    };
    sending.await;
    let mut again = 0;
    for number in 0..COUNT {
        let body = replies.next().await;
        let expected = format!("{number} ");
        assert!(body.starts_with(expected.as_bytes()), "{number}");
        if number % 700 == 0 {
            relay.reset();
            again += 1;
        }
    }
    assert!(
        relay.counts().accepted > 1,
        "the connection never broke, after {again} resets"
    );
    let _ = server.send(replies.route.clone(), message("last"), soon()).await;
    assert_eq!(replies.next().await, "last", "a reply came twice");
}

#[tokio::test]
async fn replies_do_not_wait_for_ever() {
    let settings = Settings {
        reply_wait: Duration::from_millis(50),
        ..Settings::default()
    };
    let (server, _listener, relay, client) = relayed(settings).await;
    let mut replies = Replies::open(&client).await;
    for number in 0..10 {
        let answer = message("early");
        let sent = server.send(replies.route.clone(), answer, soon()).await;
        assert_eq!(sent, Ok(()), "reply {number}");
        assert_eq!(replies.next().await, "early");
    }
    relay.refuse().await;
    relay.reset();
    let forgotten = async {
        loop {
            let sent = server.send(replies.route.clone(), message("x"), soon()).await;
            if let Err(error) = sent {
                break error;
            }
            tokio::task::yield_now().await;
        }
    };
    let error = timeout(Duration::from_secs(20), forgotten).await;
    assert_eq!(error, Ok(TransportError::Unroutable(replies.route.clone())));
    // A client that comes back later begins anew.
    relay.heal().await.unwrap();
    let back = async {
        while server
            .send(replies.route.clone(), message("late"), soon())
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), back).await.unwrap();
    assert_eq!(replies.next().await, "late");
}

#[tokio::test]
async fn a_message_without_a_confirmation_may_have_left() {
    let (_server, mut listener, relay, client) = relayed(Settings::default()).await;
    client.ready(soon()).await.unwrap();
    relay.hold(Direction::Down);
    let deadline = Instant::now() + Duration::from_millis(200);
    let sent = client.send(topic("t"), message("1"), deadline).await;
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
    assert_eq!(next(&mut listener).await, "1");

    let send = client.send(topic("t"), message("2"), soon());
    let cut = async {
        assert_eq!(next(&mut listener).await, "2");
        relay.reset();
    };
    let (sent, ()) = tokio::join!(send, cut);
    assert!(matches!(sent, Err(TransportError::Lost(_))), "{sent:?}");

    relay.heal().await.unwrap();
    client.send(topic("t"), message("3"), soon()).await.unwrap();
    assert_eq!(next(&mut listener).await, "3");
}

#[tokio::test]
async fn a_dead_line_is_noticed() {
    let settings = Settings {
        ping: Duration::from_millis(50),
        silence: Duration::from_millis(250),
        ..Settings::default()
    };
    let (_server, mut listener, relay, client) = relayed(settings).await;
    client.ready(soon()).await.unwrap();
    let first = relay.counts().accepted;
    relay.black_hole();
    // The client gives the line up and tries another one.
    let noticed = relay.wait(|counts| counts.accepted > first);
    timeout(Duration::from_secs(20), noticed).await.unwrap();
    relay.heal().await.unwrap();
    client.send(topic("t"), message("x"), soon()).await.unwrap();
    assert_eq!(next(&mut listener).await, "x");
}

#[tokio::test]
async fn a_quiet_line_is_kept() {
    let settings = Settings {
        ping: Duration::from_millis(20),
        silence: Duration::from_millis(500),
        ..Settings::default()
    };
    let (_server, _listener, relay, client) = relayed(settings).await;
    client.ready(soon()).await.unwrap();
    let before = relay.counts().up;
    // More pings than fit into one silence.
    let quiet = relay.wait(|counts| counts.up >= before + 60 * 5);
    timeout(Duration::from_secs(20), quiet).await.unwrap();
    assert_eq!(relay.counts().accepted, 1);
}

#[tokio::test]
async fn another_server_takes_the_place_of_one_that_closed() {
    let directory = Directory::new();
    let client = DirectTransport::unix(directory.socket());
    let server = DirectTransport::unix(directory.socket());
    let mut listener = server.listen(listen_to("t")).await.unwrap();
    let mut replies = Replies::open(&client).await;
    client.send(topic("t"), message("1"), soon()).await.unwrap();
    assert_eq!(next(&mut listener).await, "1");
    server
        .send(replies.route.clone(), message("last words"), soon())
        .await
        .unwrap();
    server.close().await;
    assert_eq!(replies.next().await, "last words");

    let successor = DirectTransport::unix(directory.socket());
    let mut listener = None;
    let serve = async { listener = Some(successor.listen(listen_to("t")).await.unwrap()) };
    // The client is told to wait, and does not know how long.
    let send = client.send(topic("t"), message("2"), soon());
    let (sent, ()) = tokio::join!(send, serve);
    assert_eq!(sent, Ok(()));
    assert_eq!(next(&mut listener.unwrap()).await, "2");
    let answer = successor.send(replies.route.clone(), message("first words"), soon());
    assert_eq!(answer.await, Ok(()));
    assert_eq!(replies.next().await, "first words");
}

#[tokio::test]
async fn a_server_that_stays_away_is_waited_for_until_the_deadline() {
    let directory = Directory::new();
    let client = DirectTransport::unix(directory.socket());
    let server = DirectTransport::unix(directory.socket());
    let _listener = server.listen(listen_to("t")).await.unwrap();
    client.ready(soon()).await.unwrap();
    server.close().await;
    let deadline = Instant::now() + Duration::from_millis(200);
    let sent = client.send(topic("t"), message("x"), deadline).await;
    assert!(
        matches!(sent, Err(TransportError::Timeout { sent: Sent::No, .. })),
        "{sent:?}"
    );
    let waiting = client.send(topic("t"), message("x"), soon());
    let (sent, ()) = tokio::join!(waiting, client.close());
    assert_eq!(sent, Err(TransportError::Closed));
}
