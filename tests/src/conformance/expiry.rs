//! Messages with a time limit.

use std::time::Duration;

use rpc_runtime::transport::Message;
use tokio::time::sleep;

use super::fixture::{Fixture, message, next, next_body, route};

/// Shorter than a test may take, longer than the bus's clock is coarse.
const SHORT: Duration = Duration::from_millis(50);

fn expiring(body: &'static str, after: Duration) -> Message {
    Message {
        expiration: Some(after),
        ..message(body)
    }
}

/// What nobody took in time is not delivered any more.
pub async fn expired_messages_are_dropped(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 1).await;
    fixture.send(route("t"), message("first")).await;
    let first = next(&mut listener).await;
    for to in ["t", "t/a"] {
        fixture.send(route(to), expiring("too late", SHORT)).await;
    }
    fixture.send(route("t"), message("second")).await;
    sleep(SHORT * 3).await;
    first.receipt.ack();
    assert_eq!(next_body(&mut listener).await, "second");
    fixture.send(route("t/a"), message("third")).await;
    assert_eq!(next_body(&mut listener).await, "third");
    fixture.close().await;
}

/// A message that waits less than it may is delivered.
pub async fn messages_within_their_time_arrive(fixture: Fixture) {
    let listener = fixture.listen("t", "a", 1).await;
    listener.control.stop().await;
    drop(listener);
    let long = Duration::from_secs(3600);
    fixture.send(route("t"), expiring("in time", long)).await;
    let mut listener = fixture.listen("t", "a", 1).await;
    assert_eq!(next_body(&mut listener).await, "in time");
    fixture.close().await;
}

/// The time limit is on the waiting, not on the work.
pub async fn what_was_received_does_not_expire(fixture: Fixture) {
    let mut listener = fixture.listen("t", "a", 1).await;
    fixture.send(route("t"), expiring("taken", SHORT)).await;
    let taken = next(&mut listener).await;
    sleep(SHORT * 3).await;
    taken.receipt.ack();
    fixture.send(route("t"), message("next")).await;
    let delivery = next(&mut listener).await;
    assert_eq!(delivery.body, "next");
    assert!(!delivery.redelivered);
    delivery.receipt.ack();
    fixture.close().await;
}
