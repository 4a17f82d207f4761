//! The first calls on a bus, which make the address known that answers come to.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use rpc_runtime::transport::Sent;
use rpc_runtime::{CallError, Server, UntypedClient};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::bus::Unruly;
use crate::{call, start};

/// With a bus that does not open the address yet.
async fn closed() -> (Server, Arc<Unruly>, UntypedClient) {
    start(|bus| bus.opens = Semaphore::new(0)).await
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_held_holds_up_no_other() {
    let (_server, bus, client) = closed().await;
    let mut held = call(&client);
    assert!((&mut held).now_or_never().is_none());
    let mut waiting = call(&client);
    assert!((&mut waiting).now_or_never().is_none());
    bus.opens.add_permits(10);
    for call in [waiting, call(&client)] {
        let answer = timeout(Duration::from_secs(1), call).await;
        assert_eq!(answer.unwrap().unwrap(), 7);
    }
    assert_eq!(held.await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_the_address_until_its_own_deadline() {
    let (_server, bus, client) = closed().await;
    let long = tokio::spawn(call(&client));
    let begun = Instant::now();
    let short = call(&client.timeout(Duration::from_secs(2)));
    let CallError::Send(error) = short.await.unwrap_err() else {
        panic!("an answer");
    };
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert_eq!(error.sent(), Sent::No, "{error}");
    bus.opens.add_permits(10);
    assert_eq!(long.await.unwrap().unwrap(), 7);
}
