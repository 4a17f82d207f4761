//! The end of a service with worker processes, under load.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::Context;
use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::oracle::Promise;
use rpc_tests::program::Signal;
use tokio::time::Instant;

use super::{Launched, command, gone};
use crate::kit::{
    Caller, DEADLINE, GRACE, Load, OracleFile, PATIENCE, eventually, kept, open, shared, together, took,
};

/// A service is told to end, and each of its workers too, as systemd tells a whole group of processes, with two hundred
/// calls at work in the workers: they finish them, their replies leave, what they have not begun goes to another
/// service, and the launcher ends with 0 after the last of them. Nothing is lost and nothing is done twice, by either
/// way of delivery.
#[tokio::test]
async fn a_service_that_is_told_to_end_finishes_what_its_workers_have_begun() {
    let _turn = together().await;
    let vhost = shared("drained-workers").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let drain = Duration::from_secs(10);
    let leaving = Launched::ready(&mut command(&vhost.url(), 4, "leaving", &file.0, drain)).await;
    let workers = leaving.started(4).await;
    let load = Load::new(&open(&vhost.url()), &oracle);
    let stop = async {
        let staying = Launched::ready(&mut command(&vhost.url(), 1, "staying", &file.0, drain)).await;
        load.is_at_work().await;
        for worker in &workers {
            worker.signal(Signal::TERM);
        }
        leaving.program.signal(Signal::TERM);
        let told = Instant::now();
        let status = leaving.program.ended().await;
        assert!(status.success(), "{status}");
        took("the end", told, drain + GRACE);
        assert!(workers.iter().all(|worker| worker.is_gone()));
        load.end().await;
        staying
    };
    tokio::join!(load.run(), stop);
}

/// A second signal ends at once what the first lets finish: the launcher, and its workers.
#[tokio::test]
async fn a_second_signal_ends_everything_at_once() {
    let _turn = together().await;
    let vhost = shared("second-signal").await;
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let file = OracleFile::new();
        let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
        let launched = Launched::ready(&mut command(&vhost.url(), 2, "host", &file.0, PATIENCE)).await;
        let workers = launched.started(2).await;
        let caller = Caller::new(&open(&vhost.url()), "caller", &oracle);
        // Nobody opens the gate.
        let calls = (0..4).map(|_| caller.call(|client, id| client.call().wait(&Context::new(), id)));
        let end = async {
            let at_work = async || oracle.check(Promise::AT_MOST_ONCE).counts.executed == 4;
            eventually("all are at work", at_work).await;
            launched.program.signal(signal);
            launched.says("stopping workers=2").await;
            assert!(!workers.iter().any(|worker| worker.is_gone()));
            let told = Instant::now();
            launched.program.signal(signal);
            let status = launched.program.ended().await;
            assert_eq!(status.code(), Some(code));
            took("the end", told, GRACE);
            gone(&workers).await;
        };
        let (outcomes, ()) = tokio::join!(join_all(calls), end);
        for outcome in outcomes {
            assert!(outcome.unwrap_err().is_timeout());
        }
        // Acknowledged on receipt, they are lost with the workers, and with them alone.
        let counts = kept(&oracle, Promise::AT_MOST_ONCE);
        assert_eq!((counts.executed, counts.failed_confirmed), (4, 4));
    }
}

/// The same of a service without workers; and a single signal is enough when nothing is at work.
#[tokio::test]
async fn a_service_in_one_process_ends_by_the_same_signals() {
    let _turn = together().await;
    let vhost = shared("one-process").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    for signal in [Signal::TERM, Signal::INT] {
        let launched = Launched::ready(&mut command(&vhost.url(), 0, "host", &file.0, DEADLINE)).await;
        launched.program.signal(signal);
        assert_eq!(launched.program.ended().await.code(), Some(0));
    }
    let launched = Launched::ready(&mut command(&vhost.url(), 0, "host", &file.0, PATIENCE)).await;
    let caller = Caller::new(&open(&vhost.url()), "caller", &oracle);
    let call = caller.call(|client, id| client.call().wait(&Context::new(), id));
    let end = async {
        eventually("it is at work", async || oracle.executed_by("host") == 1).await;
        launched.program.signal(Signal::TERM);
        launched.says("stopping at_work=1").await;
        launched.program.signal(Signal::TERM);
        assert_eq!(launched.program.ended().await.code(), Some(143));
    };
    let (outcome, ()) = tokio::join!(call, end);
    assert!(outcome.unwrap_err().is_timeout());
    kept(&oracle, Promise::AT_MOST_ONCE);
}
