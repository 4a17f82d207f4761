//! The end of a server under load.

use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::testing::Oracle;
use rpc_tests::program::Signal;
use tokio::time::Instant;

use crate::kit::{GRACE, Load, OracleFile, open, shared, start, together, took, worker};

/// A worker is told to stop with two hundred calls at work: it finishes them, their replies leave, what it has not
/// begun goes to another, and it ends well within the time it was given.
#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_what_it_has_begun() {
    let _turn = together().await;
    let vhost = shared("drain").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let drain = Duration::from_secs(10);
    let leaving = start(&mut worker(&vhost.url(), "leaving", &file.0, drain)).await;
    let load = Load::new(&open(&vhost.url()), &oracle);
    let stop = async {
        load.is_at_work().await;
        let other = start(&mut worker(&vhost.url(), "staying", &file.0, drain)).await;
        load.is_at_work().await;
        leaving.signal(Signal::TERM);
        let told = Instant::now();
        let status = leaving.ended().await;
        assert!(status.success(), "{status}");
        took("the end", told, drain + GRACE);
        // The other carries on with everything.
        load.end().await;
        other
    };
    tokio::join!(load.run(), stop);
}
