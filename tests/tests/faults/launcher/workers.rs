//! Worker processes that share the work, and that are lost.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::Context;
use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::oracle::Promise;
use rpc_tests::program::{Ran, Signal};
use tokio::time::Instant;

use super::{Launched, PROGRAM, command, command_of, gone};
use crate::kit::{
    Caller, DEADLINE, GRACE, OracleFile, PATIENCE, eventually, kept, kept_at_last, open, shared, together,
    took,
};

/// Workers take the messages of one topic, and of one name, between them; a fan-out reaches each of them.
#[tokio::test]
async fn workers_share_the_load() {
    let _turn = together().await;
    let vhost = shared("shared-load").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let launched = Launched::ready(&mut command(&vhost.url(), 3, "host", &file.0, DEADLINE)).await;
    assert_eq!(launched.started(3).await.len(), 3);
    let caller = Caller::new(&open(&vhost.url()), "caller", &oracle);
    for by_name in [false, true] {
        let caller = match by_name {
            true => caller.to(|client| client.on("host")),
            false => caller.clone(),
        };
        let calls = (0..100).map(|_| caller.call(|client, id| client.call().toil(&Context::new(), id, 20)));
        for outcome in join_all(calls).await {
            outcome.unwrap();
        }
    }
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    assert_eq!((counts.replied, counts.executed), (200, 200));
    let shares: Vec<usize> = (1..=3)
        .map(|n| oracle.executed_by(&format!("host-{n}")))
        .collect();
    assert_eq!(shares.iter().sum::<usize>(), 200);
    assert!(shares.iter().all(|share| *share >= 20), "{shares:?}");

    caller
        .send(|client, id| client.fanout().tell(&Context::new(), id))
        .await
        .unwrap();
    let told = async || oracle.check(Promise::AT_LEAST_ONCE).counts.executed == 203;
    eventually("each worker is told", told).await;
}

/// A worker is killed at calls that are delivered at least once: the other one does them, and the lost one is
/// replaced under its number.
#[tokio::test]
async fn a_killed_worker_is_replaced_and_its_calls_are_done() {
    const CALLS: usize = 40;
    let _turn = together().await;
    let vhost = shared("killed-worker").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let launched = Launched::ready(&mut command(&vhost.url(), 2, "host", &file.0, DEADLINE)).await;
    let workers = launched.started(2).await;
    let caller = Caller::new(&open(&vhost.url()), "caller", &oracle).limit(PATIENCE);
    let calls =
        (0..CALLS).map(|_| caller.call(|client, id| client.call().toil_safely(&Context::new(), id, 1000)));
    let kill = async {
        let at_work = async || oracle.executed_by("host-1") > 0 && oracle.executed_by("host-2") > 0;
        eventually("both are at work", at_work).await;
        workers[0].signal(Signal::KILL);
        launched.started(3).await[2]
    };
    let (outcomes, replacement) = tokio::join!(join_all(calls), kill);
    for outcome in outcomes {
        outcome.unwrap();
    }
    assert_eq!(replacement.number, workers[0].number);
    let counts = kept(&oracle, Promise::AT_LEAST_ONCE);
    assert_eq!(counts.replied, CALLS);
    assert!(counts.executed > CALLS, "none was repeated: {counts:?}");
    launched.says("a worker was killed").await;

    // The new one takes its share.
    let before = oracle.executed_by("host-1");
    let takes = async || {
        let calls = (0..10).map(|_| caller.echo());
        join_all(calls)
            .await
            .into_iter()
            .for_each(|outcome| drop(outcome.unwrap()));
        oracle.executed_by("host-1") > before
    };
    eventually("the replacement is at work", takes).await;
}

/// A worker that is told to end does so in order, and is replaced.
#[tokio::test]
async fn a_worker_that_is_told_to_end_finishes_and_is_replaced() {
    let _turn = together().await;
    let vhost = shared("told-worker").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let launched = Launched::ready(&mut command(&vhost.url(), 1, "host", &file.0, DEADLINE)).await;
    let workers = launched.started(1).await;
    let caller = Caller::new(&open(&vhost.url()), "caller", &oracle).limit(PATIENCE);
    let calls = (0..20).map(|_| caller.call(|client, id| client.call().toil(&Context::new(), id, 500)));
    let tell = async {
        eventually("all are at work", async || oracle.executed_by("host-1") == 20).await;
        workers[0].signal(Signal::TERM);
        launched.started(2).await
    };
    let (outcomes, started) = tokio::join!(join_all(calls), tell);
    for outcome in outcomes {
        outcome.unwrap();
    }
    assert_eq!(started[1].number, 1);
    launched.says("a worker ended").await;
    caller.echo().await.unwrap();
    kept(&oracle, Promise::EXACTLY_ONCE);
}

/// An upgrade replaces the program's file while it runs: a worker that is started then is still of the launcher's
/// version, since it must go with the others.
#[tokio::test]
async fn a_worker_is_of_its_launchers_version() {
    let _turn = together().await;
    let vhost = shared("version").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let name = format!("upgraded-{}", uuid::Uuid::new_v4().simple());
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::hard_link(PROGRAM, &program).unwrap();
    let mut command = command_of(&program, &vhost.url(), 1, "host", &file.0, DEADLINE);
    let launched = Launched::ready(&mut command).await;
    let workers = launched.started(1).await;
    std::fs::remove_file(&program).unwrap();
    std::fs::write(&program, "the next version").unwrap();
    workers[0].signal(Signal::KILL);
    launched.started(2).await;
    std::fs::remove_file(&program).unwrap();
    let caller = Caller::new(&open(&vhost.url()), "caller", &oracle).limit(PATIENCE);
    caller.echo().await.unwrap();
    assert_eq!(oracle.executed_by("host-1"), 1);
}

/// Workers that cannot start are started again, but ever more rarely; and the launcher still hears.
#[tokio::test]
async fn a_crash_loop_is_throttled() {
    let _turn = together().await;
    let vhost = shared("crash-loop").await;
    let file = OracleFile::new();
    let mut command = command(&vhost.url(), 2, "host", &file.0, DEADLINE);
    let since = Instant::now();
    let launched = Launched::new(command.env("FAILS", "1"));
    launched.says("a worker failed before it was ready").await;
    // One more than there are workers at once; then one after a second, one after another, and one after two.
    launched.started(6).await;
    assert!(since.elapsed() >= Duration::from_secs(4), "{:?}", since.elapsed());
    launched.says("pause=2s").await;

    let told = Instant::now();
    launched.program.signal(Signal::TERM);
    let status = launched.program.ended().await;
    assert!(status.success(), "{status}");
    took("the end", told, GRACE);
}

/// The launcher is killed: its workers leave within two seconds, and what they had begun is done by others.
#[tokio::test]
async fn workers_leave_when_their_launcher_is_killed() {
    let _turn = together().await;
    let vhost = shared("orphans").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let doomed = Launched::ready(&mut command(&vhost.url(), 3, "doomed", &file.0, PATIENCE)).await;
    let workers = doomed.started(3).await;
    let caller = Caller::new(&open(&vhost.url()), "caller", &oracle).limit(PATIENCE);
    let calls =
        (0..30).map(|_| caller.call(|client, id| client.call().toil_safely(&Context::new(), id, 3000)));
    let kill = async {
        let at_work = async || oracle.check(Promise::AT_LEAST_ONCE).counts.executed == 30;
        eventually("all are at work", at_work).await;
        let killed = Instant::now();
        doomed.program.signal(Signal::KILL);
        gone(&workers).await;
        took("the end of orphans", killed, Duration::from_secs(2));
        Launched::ready(&mut command(&vhost.url(), 2, "heir", &file.0, DEADLINE)).await
    };
    let (outcomes, _heir) = tokio::join!(join_all(calls), kill);
    for outcome in outcomes {
        outcome.unwrap();
    }
    let counts = kept_at_last(&oracle, Promise::AT_LEAST_ONCE).await;
    assert_eq!((counts.replied, counts.executed), (30, 60));
}

/// Without a broker there is nothing that workers could share: that is said at once.
#[tokio::test]
async fn workers_on_a_bus_without_a_broker_are_refused() {
    let file = OracleFile::new();
    for url in [
        "unix:///tmp/service-worker-test.sock",
        "tcp://127.0.0.1:1",
        "memory://here",
    ] {
        let ran = Ran::new(&mut command(url, 2, "host", &file.0, DEADLINE)).await;
        assert_eq!(ran.code, Some(1));
        assert!(
            ran.err.contains(url) && ran.err.contains("rabbit://"),
            "{}",
            ran.err
        );
    }
}
