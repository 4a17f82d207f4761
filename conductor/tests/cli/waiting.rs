//! Services that need a conductor, and start before it.

use std::time::Duration;

use rpc_runtime::{Bus, Settings};
use tokio::time::timeout;

use crate::program::Home;

#[tokio::test]
async fn who_comes_first_waits_for_the_conductor() {
    let home = Home::new();
    let bus = Bus::open(&home.url().parse().unwrap(), Settings::default()).unwrap();
    let mut ready = tokio::spawn(async move { conductor_api::wait_until_ready(&bus, "conductor").await });
    let early = timeout(Duration::from_millis(200), &mut ready).await;
    assert!(early.is_err(), "nobody is there yet: {early:?}");

    let (_serving, _) = home.serve(&[]).await;
    let pong = timeout(Duration::from_secs(20), ready).await.expect("in time");
    assert_eq!(pong.unwrap().unwrap().service, "conductor");
}
