//! Where messages go when nobody is there, and which names there can be.

use rpc_runtime::transport::{Message, Route, TransportError};

use super::fixture::{Fixture, listen_to, message, next_body, route, soon};

fn optional(body: &'static str) -> Message {
    Message {
        mandatory: false,
        ..message(body)
    }
}

/// The sender of a mandatory message is told that nobody ever listened there.
pub async fn mandatory_to_nobody_is_unroutable(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 10).await;
    for to in [route("nobody"), route("nobody/a"), route("t/nobody")] {
        let error = fixture.send_fails(to.clone(), message("lost")).await;
        assert_eq!(error, TransportError::Unroutable(to));
    }
    fixture.send(route("t"), message("found")).await;
    assert_eq!(next_body(&mut listener).await, "found");
    fixture.close().await;
}

/// Without `mandatory` the bus takes the message and forgets it.
pub async fn otherwise_what_nobody_gets_is_lost(fixture: Fixture) {
    fixture.send(route("t"), optional("lost")).await;
    fixture.send(route("t/a"), optional("lost")).await;
    let mut listener = fixture.listen("t", "a", 10).await;
    fixture.send(route("t"), optional("found")).await;
    assert_eq!(next_body(&mut listener).await, "found");
    fixture.close().await;
}

/// A fan-out message is for those who are there, even if that is nobody, mandatory or not.
pub async fn fanout_to_nobody_is_lost(fixture: Fixture) {
    let all = || Route::Fanout { topic: "t".into() };
    fixture.send(all(), optional("lost")).await;
    fixture.send(all(), message("lost")).await;
    let mut listener = fixture.listen("t", "a", 10).await;
    fixture.send(all(), message("found")).await;
    assert_eq!(next_body(&mut listener).await, "found");
    listener.control.stop().await;
    drop(listener);
    fixture.send(all(), optional("lost")).await;
    let mut listener = fixture.listen("t", "a", 10).await;
    fixture.send(all(), message("found again")).await;
    assert_eq!(next_body(&mut listener).await, "found again");
    fixture.close().await;
}

/// A topic that was listened to once keeps what is sent while nobody listens.
pub async fn messages_wait_for_a_server_to_come_back(fixture: Fixture) {
    let listener = fixture.listen("t", "a", 10).await;
    listener.control.stop().await;
    drop(listener);
    for number in 0..20 {
        fixture.send(route("t"), message(format!("any {number}"))).await;
        fixture.send(route("t/a"), message(format!("a {number}"))).await;
    }
    let mut listener = fixture.listen("t", "a", 100).await;
    let mut any = Vec::new();
    let mut a = Vec::new();
    for _ in 0..40 {
        let body = next_body(&mut listener).await;
        if body.starts_with("any") { &mut any } else { &mut a }.push(body);
    }
    let expected = |name| {
        (0..20)
            .map(|number| format!("{name} {number}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(any, expected("any"));
    assert_eq!(a, expected("a"));
    fixture.close().await;
}

/// A topic of one exchange is not reached by way of another.
pub async fn exchanges_scope_topics(fixture: Fixture) {
    let to = listen_to("one", "t", "a", 10);
    let mut one = fixture.server.listen(to).await.expect("a listener");
    let on = |exchange: &str| Route::Topic {
        exchange: exchange.into(),
        topic: "t".into(),
        server: None,
    };
    let error = fixture.send_fails(on("two"), message("lost")).await;
    assert_eq!(error, TransportError::Unroutable(on("two")));
    if fixture.traits.scoped_exchanges {
        let to = listen_to("two", "t", "a", 10);
        let mut two = fixture.server.listen(to).await.expect("a listener");
        for _ in 0..10 {
            fixture.send(on("one"), message("one")).await;
            fixture.send(on("two"), message("two")).await;
        }
        for _ in 0..10 {
            assert_eq!(next_body(&mut one).await, "one");
            assert_eq!(next_body(&mut two).await, "two");
        }
    }
    fixture.close().await;
}

/// Dots, other scripts, signs that mean something elsewhere, and names as long as they can be.
pub async fn unusual_names_arrive(fixture: Fixture) {
    let long = "t".repeat(215);
    let long_server = "s".repeat(39);
    for (topic, server) in [
        ("compute.cell1", "node-3.example.com"),
        ("größe", "東京"),
        ("with space", "and \"quotes\" & %2F /"),
        ("a#b", "c*d"),
        (&*long, &*long_server),
    ] {
        let mut listener = fixture.listen(topic, server, 10).await;
        let to = |server: Option<&str>| Route::Topic {
            exchange: "openstack".into(),
            topic: topic.into(),
            server: server.map(Into::into),
        };
        fixture.send(to(None), message("any")).await;
        assert_eq!(next_body(&mut listener).await, "any", "{topic}");
        fixture.send(to(Some(server)), message("one")).await;
        assert_eq!(next_body(&mut listener).await, "one", "{topic}");
        let all = Route::Fanout { topic: topic.into() };
        fixture.send(all, message("all")).await;
        assert_eq!(next_body(&mut listener).await, "all", "{topic}");
    }
    fixture.close().await;
}

/// A name that a broker cannot carry, or would take for a pattern, is refused wherever it is given.
pub async fn impossible_names_are_refused(fixture: Fixture) {
    let too_long = "t".repeat(256);
    for (topic, server) in [
        ("", "a"),
        ("t", ""),
        ("#", "a"),
        ("a.*.b", "a"),
        ("t", "#"),
        ("amq.topic", "a"),
        (&*too_long, "a"),
        ("t", &*too_long),
    ] {
        let to = listen_to("openstack", topic, server, 10);
        let listened = fixture.server.listen(to).await.map(drop);
        assert!(
            matches!(listened, Err(TransportError::InvalidTarget(_))),
            "listening to {topic:?} {server:?}: {listened:?}"
        );
        let to = Route::Topic {
            exchange: "openstack".into(),
            topic: topic.into(),
            server: Some(server.into()),
        };
        let sent = fixture.client.send(to, optional("x"), soon()).await;
        assert!(
            matches!(sent, Err(TransportError::InvalidTarget(_))),
            "sending to {topic:?} {server:?}: {sent:?}"
        );
    }
    let reply = |address: &str| Route::Reply {
        address: address.into(),
    };
    for address in ["", &*too_long] {
        let sent = fixture.server.send(reply(address), message("x"), soon());
        assert!(matches!(sent.await, Err(TransportError::InvalidTarget(_))));
    }
    fixture.close().await;
}
