//! What the broker does with what is published, and that each sender learns of its own message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use lapin::options::QueueDeclareOptions;
use lapin::types::AMQPValue;
use rpc_runtime::testing::{Broker, Relay, Vhost};
use rpc_runtime::transport::{Rejected, Route, TransportError};
use rpc_tests::conformance::{message, route, soon};

use crate::operator::Operator;
use crate::{next_body, open, to, vhost};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_unroutable_message_is_told_to_its_own_sender() {
    const SENDERS: u32 = 64;
    const MESSAGES: u32 = 100;
    let vhost = vhost("unroutable").await;
    let transport = open(&vhost.url());
    let mut listener = transport.listen(to("t", "a", 500)).await.unwrap();
    let sender = |number: u32| {
        let transport = Arc::clone(&transport);
        async move {
            for count in 0..MESSAGES {
                // Mixed: mandatory and not, to the topic and to nobody, large and small.
                let kind = (number * 31 + count * 7) % 10;
                let mut message = message(vec![b' '; if kind == 3 { 200_000 } else { 20 }]);
                message.mandatory = kind != 1;
                let to = if kind < 3 { "nobody" } else { "t" };
                let expected = match kind {
                    0 | 2 => Err(TransportError::Unroutable(route(to))),
                    _ => Ok(()),
                };
                let sent = transport.send(route(to), message, soon()).await;
                assert_eq!(sent, expected, "sender {number}, message {count}");
            }
        }
    };
    let senders: Vec<_> = (0..SENDERS).map(|number| tokio::spawn(sender(number))).collect();
    let receive = async {
        // Seven of ten kinds reach the topic.
        for _ in 0..SENDERS * MESSAGES / 10 * 7 {
            next_body(&mut listener).await;
        }
    };
    let (sent, ()) = tokio::join!(join_all(senders), receive);
    for sender in sent {
        sender.unwrap();
    }
    assert!(listener.deliveries.try_recv().is_err());
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_exactly_what_it_does_not_take() {
    const LIMIT: i32 = 10;
    const MESSAGES: usize = 2_000;
    let vhost = vhost("full").await;
    let operator = Operator::of(&vhost).await;
    let limits = [
        ("x-max-length", AMQPValue::LongInt(LIMIT)),
        ("x-overflow", AMQPValue::LongString("reject-publish".into())),
    ];
    operator
        .queue("t.a", QueueDeclareOptions::default(), &limits)
        .await;
    let transport = open(&vhost.url());
    let listener = transport.listen(to("t", "a", 1)).await.unwrap();
    listener.control.stop().await;

    let send = |number: usize| {
        let transport = Arc::clone(&transport);
        let to = if number.is_multiple_of(2) { "t/a" } else { "t" };
        async move {
            (
                to,
                transport
                    .send(route(to), message(number.to_string()), soon())
                    .await,
            )
        }
    };
    let mut taken = 0;
    for (to, sent) in join_all((0..MESSAGES).map(send)).await {
        match (to, sent) {
            ("t", Ok(())) => {}
            ("t/a", Ok(())) => taken += 1,
            ("t/a", Err(TransportError::Rejected(Rejected::QueueFull))) => {}
            (to, sent) => panic!("{to}: {sent:?}"),
        }
    }
    let queues = vhost.wait_queues(|queues| {
        let of = |name: &str| {
            queues
                .iter()
                .find(|queue| queue.name == name)
                .map(|queue| queue.messages)
        };
        of("t.a") == Some(taken) && of("t") == Some(MESSAGES as u64 / 2)
    });
    queues.await.unwrap();
    assert!((1..MESSAGES as u64 / 2).contains(&taken), "{taken}");
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_written_to_is_denied_and_nothing_else_is() {
    let vhost = vhost("denied").await;
    let broker = Broker::shared().await.unwrap();
    let user = vhost.name();
    broker.add_user(user, "secret").await.unwrap();
    vhost
        .permit(user, [".*", "^(openstack|allowed.*)?$", ".*"])
        .await
        .unwrap();
    let forbidden = Route::Topic {
        exchange: "forbidden".into(),
        topic: "t".into(),
        server: None,
    };
    is_denied_alone(&vhost, &forbidden).await;

    // One topic of an exchange that others may be written to in.
    vhost.permit(user, [".*", ".*", ".*"]).await.unwrap();
    let keys = ["openstack", "^t$", ".*"];
    let command = ["set_topic_permissions", "-p", vhost.name(), user];
    broker.ctl(&[&command[..], &keys].concat()).await.unwrap();
    is_denied_alone(&vhost, &route("forbidden")).await;
}

/// Sends to a topic, and now and then to what the user of the virtual host's name may not write to.
async fn is_denied_alone(vhost: &Vhost<'_>, forbidden: &Route) {
    // Each refusal ends a channel while others are publishing on it, and any of them may be the first to notice.
    const MESSAGES: usize = 4_000;
    let own = open(&vhost.url());
    let mut listener = own.listen(to("t", "a", 500)).await.expect("a listener");
    let url = vhost
        .url()
        .replace("guest:guest", &format!("{}:secret", vhost.name()));
    let limited = open(&url);
    let send = |number: usize| {
        let denied = number % 50 == 7;
        let to = if denied { forbidden.clone() } else { route("t") };
        let limited = Arc::clone(&limited);
        async move { (denied, limited.send(to, message("{}"), soon()).await) }
    };
    let receive = async {
        for _ in 0..MESSAGES / 50 * 49 {
            next_body(&mut listener).await;
        }
    };
    let (sent, ()) = tokio::join!(join_all((0..MESSAGES).map(send)), receive);
    for (denied, sent) in sent {
        match sent {
            Ok(()) if !denied => {}
            Err(TransportError::Rejected(Rejected::Denied(text))) if denied => {
                assert!(text.contains("'forbidden'"), "{text}");
            }
            other => panic!("denied={denied}: {other:?}"),
        }
    }
    limited.close().await;
    own.close().await;
}

/// What others publish while a channel ends must not reach the broker behind its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_costs_a_channel_and_not_its_connection() {
    const REFUSALS: usize = 150;
    let vhost = vhost("refusal").await;
    let broker = Broker::shared().await.unwrap();
    let user = vhost.name();
    broker.add_user(user, "secret").await.unwrap();
    vhost.permit(user, [".*", "^openstack$", ".*"]).await.unwrap();
    let relay = Relay::start(broker.address()).await.unwrap();
    let url = vhost.url_by(relay.address());
    let transport = open(&url.replace("guest:guest", &format!("{user}:secret")));
    let over = AtomicBool::new(false);
    let other = async |_| {
        while !over.load(Ordering::Relaxed) {
            let mut message = message("{}");
            message.mandatory = false;
            transport.send(route("t"), message, soon()).await.unwrap();
        }
    };
    let refusals = async {
        for _ in 0..REFUSALS {
            let address = "reply_to_nobody".into();
            let refused = transport
                .send(Route::Reply { address }, message("{}"), soon())
                .await;
            assert!(
                matches!(refused, Err(TransportError::Rejected(Rejected::Denied(_)))),
                "{refused:?}"
            );
        }
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(join_all((0..64).map(other)), refusals);
    assert_eq!(relay.counts().accepted, 1);
    transport.close().await;
}

/// Each refusal costs a channel, whose number lapin never uses again, and RabbitMQ allows 2047.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_refusals_than_a_connection_has_channels_do_no_harm() {
    let vhost = vhost("refusals").await;
    let broker = Broker::shared().await.unwrap();
    let user = vhost.name();
    broker.add_user(user, "secret").await.unwrap();
    vhost.permit(user, [".*", "^(openstack)?$", ".*"]).await.unwrap();
    let own = open(&vhost.url());
    let mut listener = own.listen(to("t", "a", 10)).await.unwrap();
    let transport = open(&vhost.url().replace("guest:guest", &format!("{user}:secret")));
    for round in 0..2_100 {
        let fanout = Route::Fanout { topic: "t".into() };
        let sent = transport.send(fanout, message("{}"), soon()).await;
        assert!(
            matches!(sent, Err(TransportError::Rejected(Rejected::Denied(_)))),
            "{round}: {sent:?}"
        );
        if round % 300 == 299 {
            transport.send(route("t"), message("{}"), soon()).await.unwrap();
            next_body(&mut listener).await;
        }
    }
    transport.close().await;
    own.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_was_deleted_comes_back() {
    let vhost = vhost("deleted-exchange").await;
    let transport = open(&vhost.url());
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    let fanout = || Route::Fanout { topic: "t".into() };
    for to in [route("t"), fanout()] {
        transport.send(to, message("{}"), soon()).await.unwrap();
        next_body(&mut listener).await;
    }
    vhost.delete_exchange("openstack").await.unwrap();
    vhost.delete_exchange("t_fanout").await.unwrap();
    // Its bindings went with it: there is nobody, which is another matter than an error of the bus.
    let sent = join_all((0..50).map(|_| transport.send(route("t"), message("{}"), soon()))).await;
    for sent in sent {
        assert_eq!(sent, Err(TransportError::Unroutable(route("t"))));
    }
    transport.send(fanout(), message("{}"), soon()).await.unwrap();
    let exchanges = vhost.exchanges().await.unwrap();
    for name in ["openstack", "t_fanout"] {
        assert!(exchanges.iter().any(|exchange| exchange.name == name), "{name}");
    }
    transport.close().await;
}

/// The exchange of a fan-out goes with its last listener. What else is on its way must not come twice for it: with
/// several servers, each copy would run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fanout_to_an_exchange_that_is_gone_doubles_nothing_else() {
    const MESSAGES: usize = 400;
    let vhost = vhost("doubles").await;
    let server = open(&vhost.url());
    let mut listener = server.listen(to("t", "a", 500)).await.unwrap();
    let transport = open(&vhost.url());
    let gone = || Route::Fanout { topic: "gone".into() };
    for _ in 0..10 {
        transport.send(gone(), message("{}"), soon()).await.unwrap();
        vhost.delete_exchange("gone_fanout").await.unwrap();
        let sends = (0..MESSAGES).map(|number| {
            let to = if number == MESSAGES / 2 {
                gone()
            } else {
                route("t")
            };
            transport.send(to, message(number.to_string()), soon())
        });
        for sent in join_all(sends).await {
            sent.unwrap();
        }
        let last = transport.send(route("t"), message("last"), soon());
        last.await.unwrap();
        let mut received = 0;
        while next_body(&mut listener).await != "last" {
            received += 1;
        }
        assert_eq!(received, MESSAGES - 1);
    }
    transport.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_that_go_away_leave_nothing_behind() {
    let vhost = vhost("given-up").await;
    let transport = open(&vhost.url());
    let mut listener = transport.listen(to("t", "a", 1000)).await.unwrap();
    // Dropped at every point between the first poll and the confirm.
    for polls in 0..2_000_u32 {
        let send = transport.send(route("t"), message("{}"), soon());
        tokio::select! {
            biased;
            _ = send => {}
            () = async { for _ in 0..polls % 7 { tokio::task::yield_now().await } } => {}
        }
    }
    let done = transport.send(route("t"), message("last"), soon());
    done.await.unwrap();
    let mut received = 0;
    while next_body(&mut listener).await != "last" {
        received += 1;
    }
    assert!(received <= 2_000);
    transport.close().await;
}
