//! The end of a transport, and what never begins.

use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::transport::{ConnectError, Sent, TransportError};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use super::fixture::{Collector, Fixture, listen_to, message, next, next_body, route, soon, within};

/// What the trait promises, and a little for a busy machine.
const CLOSING: Duration = Duration::from_millis(2500);

/// Everything fails with `Closed`, at once.
pub async fn closed_transports_refuse_everything(fixture: Fixture) {
    let _listener = fixture.listen("t", "a", 10).await;
    fixture.send(route("t"), message("x")).await;
    let mut sink = Collector::open(&*fixture.another()).await;
    for closed in [&fixture.client, &fixture.server] {
        closed.close().await;
        assert_eq!(closed.ready(soon()).await, Err(TransportError::Closed));
        let sent = closed.send(route("t"), message("x"), soon()).await;
        assert_eq!(sent, Err(TransportError::Closed));
        let listened = closed.listen(listen_to("openstack", "t", "a", 10)).await;
        assert_eq!(listened.err(), Some(TransportError::Closed));
        let opened = sink.reopen(&**closed).await;
        assert_eq!(opened, Err(TransportError::Closed));
    }
    fixture.close().await;
}

/// With connections, listeners and messages under way.
pub async fn closing_takes_two_seconds_at_most(fixture: Fixture) {
    let _replies = Collector::open(&*fixture.client).await;
    let mut listener = fixture.listen("t", "a", 1).await;
    for _ in 0..10 {
        fixture.send(route("t"), message("x")).await;
    }
    let _unsettled = next(&mut listener).await;
    for side in [&fixture.client, &fixture.server] {
        assert!(timeout(CLOSING, side.close()).await.is_ok(), "{side:?}");
    }
}

/// A listener's channel ends with its transport.
pub async fn closing_ends_listeners(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 10).await;
    fixture.send(route("t"), message("x")).await;
    assert_eq!(next_body(&mut listener).await, "x");
    fixture.server.close().await;
    let end = within("the end of the channel", listener.deliveries.recv()).await;
    assert!(end.is_none());
    fixture.close().await;
}

/// What a server had taken and not settled goes to another one, and a late receipt changes nothing.
pub async fn closing_returns_unsettled_messages(fixture: Fixture) {
    if !fixture.traits.many_servers {
        return fixture.close().await;
    }
    let first = fixture.another();
    let to = listen_to("openstack", "t", "a", 10);
    let mut listener = first.listen(to).await.expect("a listener");
    for number in 0..3 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    let taken = next(&mut listener).await;
    first.close().await;
    taken.receipt.ack();
    let mut other = fixture.listen("t", "b", 10).await;
    for number in 0..3 {
        let delivery = next(&mut other).await;
        assert_eq!(delivery.body, number.to_string());
        assert!(delivery.redelivered || number > 0);
        delivery.receipt.ack();
    }
    fixture.close().await;
}

/// Closing again does nothing, also at the same time.
pub async fn closing_twice_is_closing(fixture: Fixture) {
    let _listener = fixture.listen("t", "a", 10).await;
    fixture.send(route("t"), message("x")).await;
    let both = async {
        tokio::join!(fixture.client.close(), fixture.client.close());
        fixture.client.close().await;
    };
    assert!(timeout(CLOSING, both).await.is_ok());
    fixture.close().await;
}

/// Nothing waits longer than it was told to for a bus that is not there.
pub async fn deadlines_hold_when_nothing_is_reachable(fixture: Fixture) {
    let Some(nowhere) = fixture.unreachable.clone() else {
        return fixture.close().await;
    };
    let limit = Duration::from_millis(300);
    for attempt in ["first", "second"] {
        let deadline = Instant::now() + limit;
        let sent = timeout(limit * 5, nowhere.send(route("t"), message("x"), deadline)).await;
        let ready = timeout(limit * 5, nowhere.ready(Instant::now() + limit)).await;
        let refused = |outcome: &Result<(), TransportError>| {
            matches!(
                outcome,
                Err(TransportError::Connect {
                    reason: ConnectError::Refused,
                    ..
                } | TransportError::Timeout { sent: Sent::No, .. })
            )
        };
        for outcome in [sent, ready] {
            let outcome = outcome.expect("an answer by the deadline");
            assert!(refused(&outcome), "{attempt} attempt: {outcome:?}");
        }
    }
    nowhere.close().await;
    fixture.close().await;
}

/// After closing and dropping everything, the runtime has the tasks it had before.
pub async fn no_task_is_left(fixture: Fixture) {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = {
        // What the fixture itself began counts as before.
        fixture.send_to_itself().await;
        tasks()
    };
    let client = fixture.another();
    {
        let _replies = Collector::open(&*client).await;
        let mut listener = fixture.listen("t", "a", 10).await;
        for _ in 0..10 {
            let sent = client.send(route("t"), message("x"), soon()).await;
            assert_eq!(sent, Ok(()));
        }
        assert_eq!(next_body(&mut listener).await, "x");
        listener.control.stop().await;
    }
    client.close().await;
    assert_eq!(Arc::strong_count(&client), 1, "somebody holds the transport");
    drop(client);
    let settled = async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    };
    within("the end of the transport's tasks", settled).await;
    fixture.close().await;
}
