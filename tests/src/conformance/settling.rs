//! Receipts: what is out is bounded, and what is not settled comes back.

use rpc_runtime::transport::{Listener, Route};
use tokio::sync::mpsc::error::TryRecvError;

use super::fixture::{Fixture, message, next, next_body, route};

/// No more than `prefetch` deliveries are out; each that is settled makes room for one.
pub async fn unsettled_deliveries_are_bounded(fixture: Fixture) {
    let mut full = fixture.listen("t", "a", 3).await;
    for number in 0..5 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    let first = next(&mut full).await;
    let second = next(&mut full).await;
    let _third = next(&mut full).await;
    // Another listener gets what this one may not have: that nothing more came here is then no matter of time.
    let mut other = fixture.listen("t", "b", 10).await;
    assert_eq!(next_body(&mut other).await, "3");
    assert_eq!(next_body(&mut other).await, "4");
    assert_eq!(full.deliveries.try_recv().err(), Some(TryRecvError::Empty));
    other.control.stop().await;
    drop(other);

    // One server's own messages count as well.
    fixture.send(route("t/a"), message("own")).await;
    fixture
        .send(Route::Fanout { topic: "t".into() }, message("all"))
        .await;
    fixture.send(route("t"), message("any")).await;
    first.receipt.ack();
    second.receipt.ack();
    let fourth = next(&mut full).await;
    let fifth = next(&mut full).await;
    assert_eq!(full.deliveries.try_recv().err(), Some(TryRecvError::Empty));
    let fourth_body = fourth.body;
    fourth.receipt.ack();
    let sixth = next(&mut full).await;
    let mut bodies = [fourth_body, fifth.body, sixth.body];
    bodies.sort();
    assert_eq!(bodies, ["all", "any", "own"]);
    fixture.close().await;
}

/// What can never be handled is gone.
pub async fn rejected_messages_do_not_return(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 1).await;
    fixture.send(route("t"), message("poison")).await;
    fixture.send(route("t"), message("good")).await;
    next(&mut listener).await.receipt.reject();
    let delivery = next(&mut listener).await;
    assert_eq!(delivery.body, "good");
    assert!(!delivery.redelivered);
    delivery.receipt.ack();
    fixture.close().await;
}

/// A receipt that is dropped gives its message back, marked, to where it was in the order.
pub async fn dropped_receipts_return_the_message_in_order(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 1).await;
    for number in 0..3 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    for (body, redelivered) in [("0", false), ("0", true), ("0", true)] {
        let delivery = next(&mut listener).await;
        assert_eq!(delivery.body, body);
        assert_eq!(delivery.redelivered, redelivered);
        drop(delivery);
    }
    for (body, redelivered) in [("0", true), ("1", false), ("2", false)] {
        let delivery = next(&mut listener).await;
        assert_eq!(delivery.body, body);
        assert_eq!(delivery.redelivered, redelivered, "of {body}");
        delivery.receipt.ack();
    }
    fixture.close().await;
}

/// A listener that is dropped gives back what it did not settle, and is not missed.
pub async fn dropped_listeners_return_their_messages(fixture: Fixture) {
    let mut lost = fixture.listen("t", "a", 10).await;
    for number in 0..5 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    next(&mut lost).await.receipt.ack();
    let taken = next(&mut lost).await;
    drop(lost);
    drop(taken);
    let mut listener = fixture.listen("t", "b", 10).await;
    let mut bodies = Vec::new();
    for _ in 0..4 {
        bodies.push(next_body(&mut listener).await);
    }
    bodies.sort();
    assert_eq!(bodies, ["1", "2", "3", "4"]);
    fixture.send(route("t"), message("later")).await;
    assert_eq!(next_body(&mut listener).await, "later");
    fixture.close().await;
}

async fn end(mut listener: Listener) {
    listener.control.stop().await;
    while listener.deliveries.recv().await.is_some() {}
}

/// After `stop` the channel ends, and other listeners get everything.
pub async fn stopped_listeners_get_nothing_more(fixture: Fixture) {
    let stopped = fixture.listen("t", "a", 10).await;
    let mut other = fixture.listen("t", "b", 10).await;
    end(stopped).await;
    for number in 0..10 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    for number in 0..10 {
        assert_eq!(next_body(&mut other).await, number.to_string());
    }
    fixture.close().await;
}

/// What was delivered before the stop is still this listener's to settle.
pub async fn deliveries_can_be_settled_after_the_stop(fixture: Fixture) {
    let mut stopped = fixture.listen("t", "a", 2).await;
    for body in ["taken", "given back"] {
        fixture.send(route("t"), message(body)).await;
    }
    let taken = next(&mut stopped).await;
    let given_back = next(&mut stopped).await;
    end(stopped).await;
    taken.receipt.ack();
    drop(given_back);
    let mut other = fixture.listen("t", "b", 10).await;
    let delivery = next(&mut other).await;
    assert_eq!(delivery.body, "given back");
    assert!(delivery.redelivered);
    delivery.receipt.ack();
    fixture.close().await;
}

/// What was on its way to a listener that stopped goes to another one.
pub async fn what_was_not_received_returns_after_the_stop(fixture: Fixture) {
    let mut stopped = fixture.listen("t", "a", 10).await;
    for number in 0..10 {
        fixture.send(route("t"), message(number.to_string())).await;
    }
    assert_eq!(next_body(&mut stopped).await, "0");
    stopped.control.stop().await;
    drop(stopped);
    let mut other = fixture.listen("t", "b", 10).await;
    for number in 1..10 {
        assert_eq!(next_body(&mut other).await, number.to_string());
    }
    fixture.close().await;
}
