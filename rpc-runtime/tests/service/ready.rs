//! Waiting for a service that is not there yet.

use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use rpc_runtime::service::{Service, wait_until_ready};
use rpc_runtime::transport::{Route, Sent};
use rpc_runtime::{Bus, CallError, Context, Failure, SendError};
use tokio::time::{Instant, sleep};

use crate::kit::{Diary, HallClient, House};

fn timeout(waited: Duration) -> CallError<Infallible> {
    let target = Route::Reply {
        address: "nowhere".into(),
    };
    CallError::Send(SendError::Timeout {
        target,
        waited,
        sent: Sent::Confirmed,
        detail: String::new(),
    })
}

/// Ten short tries, then as long as calls wait, for ever.
#[tokio::test(start_paused = true)]
async fn the_first_tries_are_short() {
    let limits = Mutex::new(Vec::new());
    let ping = |limit: Duration| {
        let mut limits = limits.lock().unwrap();
        limits.push(limit.as_secs());
        let tries = limits.len();
        async move {
            sleep(limit).await;
            if tries < 14 {
                Err(timeout(limit))
            } else {
                Ok(tries)
            }
        }
    };
    assert_eq!(wait_until_ready(&Bus::memory(), "hall", ping).await.unwrap(), 14);
    let expected = [[10; 10].as_slice(), &[60; 4]].concat();
    assert_eq!(*limits.lock().unwrap(), expected);
}

/// Nobody serves at first: that is no error, and costs no more than a second once somebody does.
#[tokio::test(start_paused = true)]
async fn a_service_that_comes_later_is_found() {
    let bus = Bus::memory();
    let since = Instant::now();
    let hall = HallClient::new(&bus);
    let ctx = Context::new();
    let wait = wait_until_ready(&bus, "hall", |limit| hall.timeout(limit).call().ping(&ctx));
    let come = async {
        sleep(Duration::from_secs(35)).await;
        let elsewhere = Bus::memory();
        let house = House::new(&elsewhere, &Diary::default());
        Service::builder(&bus, house)
            .host("node-1")
            .start()
            .await
            .unwrap()
    };
    let (answered, _service) = tokio::join!(wait, come);
    answered.unwrap();
    let took = since.elapsed();
    assert!(
        took >= Duration::from_secs(35) && took <= Duration::from_secs(37),
        "{took:?}"
    );
}

#[tokio::test]
async fn other_errors_end_the_wait() {
    let failed = CallError::<Infallible>::Remote(Failure::new("builtins", "ValueError", "no"));
    let mut errors = [SendError::Cancelled.into(), failed].into_iter();
    for _ in 0..2 {
        let ping = |_| std::future::ready(Err::<(), _>(errors.next().unwrap()));
        let error = wait_until_ready(&Bus::memory(), "hall", ping).await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_no_server(), "{error}");
    }
}
