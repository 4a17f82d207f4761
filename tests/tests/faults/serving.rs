//! Faults of servers, and of what they serve from.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::server::Dispatcher;
use rpc_runtime::testing::broker::Queue;
use rpc_runtime::testing::oracle::Promise;
use rpc_runtime::testing::{Oracle, Relay};
use rpc_runtime::transport::{Rejected, Sent};
use rpc_runtime::{Answer, CallError, Context, Failure, Incoming, SendError};
use tokio::time::Instant;
use tower::{Layer, Service};

use crate::kit::{
    Caller, DEADLINE, GRACE, OracleFile, Outcome, eventually, kept, open, serve, serve_with, shared, start,
    together, took, within, worker,
};

/// A worker is killed at work: a call that is delivered at most once ends at its deadline, or, when it is monitored,
/// soon after its worker fell silent; nobody runs it again.
#[tokio::test]
async fn a_killed_worker_loses_a_call_and_repeats_none() {
    let _turn = together().await;
    let vhost = shared("killed").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let doomed = start(&mut worker(&vhost.url(), "doomed", &file.0, DEADLINE)).await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle);
    caller.echo().await.unwrap();
    let silence = Duration::from_secs(2);
    let monitored = caller
        .limit(Duration::from_secs(60))
        .to(|client| client.monitored(silence));
    let wait = async |caller: &Caller| {
        let outcome = caller
            .call(|client, id| client.call().wait(&Context::new(), id))
            .await;
        (outcome.unwrap_err(), Instant::now())
    };
    let kill = async {
        let at_work = async || oracle.check(Promise::AT_MOST_ONCE).counts.executed == 3;
        eventually("both calls are at work", at_work).await;
        // It would serve what comes again.
        let other = serve(&open(&vhost.url()), "other", &oracle).await;
        other.gate.open();
        drop(doomed);
        (other, Instant::now())
    };
    let ((plain, _), (lost, noticed), (_other, killed)) = tokio::join!(wait(&caller), wait(&monitored), kill);
    let CallError::Send(SendError::Timeout { sent, .. }) = plain else {
        panic!("{plain:?}")
    };
    assert_eq!(sent, Sent::Confirmed);
    assert!(
        matches!(lost, CallError::Send(SendError::ServerLost { .. })),
        "{lost:?}"
    );
    let took = noticed.saturating_duration_since(killed);
    assert!(took <= 2 * silence + GRACE, "the loss was noticed after {took:?}");
    caller.echo().await.unwrap();
    let counts = kept(&oracle, Promise::AT_MOST_ONCE);
    assert_eq!(
        (counts.executed, counts.replied, counts.failed_confirmed),
        (4, 2, 2)
    );
}

/// Notes which of the requests were given to another server before.
#[derive(Clone, Default)]
struct Redelivered(Arc<Mutex<Vec<bool>>>);

impl Layer<Dispatcher> for Redelivered {
    type Service = Noting;

    fn layer(&self, inner: Dispatcher) -> Noting {
        let seen = self.clone();
        Noting { inner, seen }
    }
}

#[derive(Clone)]
struct Noting {
    inner: Dispatcher,
    seen: Redelivered,
}

impl Service<Incoming> for Noting {
    type Response = Answer;
    type Error = Failure;
    type Future = <Dispatcher as Service<Incoming>>::Future;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Incoming) -> Self::Future {
        self.seen.0.lock().unwrap().push(request.redelivered());
        self.inner.call(request)
    }
}

/// A worker is killed at calls that are delivered at least once: another one is given them, sees that they come
/// again, and answers.
#[tokio::test]
async fn a_killed_workers_calls_are_done_by_another() {
    let _turn = together().await;
    let vhost = shared("relieved").await;
    let file = OracleFile::new();
    let oracle = Arc::new(Oracle::in_file(&file.0).unwrap());
    let doomed = start(&mut worker(&vhost.url(), "doomed", &file.0, DEADLINE)).await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle).limit(Duration::from_secs(30));
    let calls = (0..10).map(|_| caller.call(|client, id| client.call().wait_safely(&Context::new(), id)));
    let seen = Redelivered::default();
    let kill = async {
        let at_work = async || oracle.check(Promise::AT_LEAST_ONCE).counts.executed == 10;
        eventually("all calls are at work", at_work).await;
        let other = serve_with(&open(&vhost.url()), "other", &oracle, |builder| {
            builder.layer(seen.clone())
        })
        .await;
        other.gate.open();
        drop(doomed);
        other
    };
    let (outcomes, _other) = tokio::join!(join_all(calls), kill);
    for outcome in outcomes {
        outcome.unwrap();
    }
    let counts = kept(&oracle, Promise::AT_LEAST_ONCE);
    assert_eq!((counts.replied, counts.executed), (10, 20));
    assert_eq!(*seen.0.lock().unwrap(), [true; 10]);
}

/// A server loses its connection while requests wait in it for their turn: they are another server's now, and run
/// there alone.
#[tokio::test]
async fn what_waited_in_a_server_that_lost_its_connection_runs_elsewhere_once() {
    let _turn = together().await;
    let vhost = shared("waiting").await;
    let oracle = Arc::new(Oracle::in_memory());
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let cut_off = serve_with(
        &open(&vhost.url_by(relay.address())),
        "cut-off",
        &oracle,
        |builder| builder.handlers(1),
    )
    .await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle).limit(Duration::from_secs(30));
    let wait = || caller.call(|client, id| client.call().wait(&Context::new(), id));
    let others = async {
        within("the first call at work", cut_off.gate.holds(1)).await;
        let waiting = async {
            let in_it = |queue: &Queue| queue.name == "work" && queue.messages_unacknowledged == 2;
            vhost
                .wait_queues(|queues| queues.iter().any(in_it))
                .await
                .unwrap();
            let other = serve(&open(&vhost.url()), "other", &oracle).await;
            other.gate.open();
            relay.refuse().await;
            relay.cut();
            other
        };
        let (one, two, other) = tokio::join!(wait(), wait(), waiting);
        one.unwrap();
        two.unwrap();
        relay.heal().await.unwrap();
        cut_off.gate.open();
        // It comes behind what waited there.
        let by_name = caller.to(|client| client.on("cut-off"));
        by_name.echo().await.unwrap();
        other
    };
    let (first, _other) = tokio::join!(wait(), others);
    first.unwrap();
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    assert_eq!((counts.executed, counts.replied), (4, 4));
}

/// A method panics: its caller gets an error that says so, once; the server goes on, and the request does not come
/// again, however it is delivered.
#[tokio::test]
async fn a_panic_is_an_error_of_the_call() {
    let _turn = together().await;
    let vhost = shared("panics").await;
    let oracle = Arc::new(Oracle::in_memory());
    // With one handler, a slot that is lost is a server that is lost.
    let service = serve_with(&open(&vhost.url()), "here", &oracle, |builder| {
        builder.handlers(1)
    })
    .await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle);
    for safely in [false, true] {
        for _ in 0..3 {
            let outcome = caller.call(|client, id| match safely {
                false => client.call().panic(&Context::new(), id),
                true => client.call().panic_safely(&Context::new(), id),
            });
            let error = outcome.await.unwrap_err();
            let CallError::Remote(failure) = &error else {
                panic!("{error:?}")
            };
            assert_eq!((&*failure.module, &*failure.class), ("builtins", "RuntimeError"));
            assert!(failure.message.contains("panicked: as asked"), "{failure}");
            caller.echo().await.unwrap();
        }
    }
    eventually("nothing is at work", async || service.server.at_work() == 0).await;
    let settled = |queues: &[Queue]| queues.iter().all(|queue| queue.messages == 0);
    vhost.wait_queues(settled).await.unwrap();
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    assert_eq!((counts.executed, counts.replied), (12, 6));
}

/// The queues of a server are deleted under it: it declares them again and goes on, for calls, for those to it by
/// name, and for fan-outs.
#[tokio::test]
async fn a_servers_deleted_queues_come_back() {
    let _turn = together().await;
    let vhost = shared("deleted").await;
    let oracle = Arc::new(Oracle::in_memory());
    let _service = serve(&open(&vhost.url()), "here", &oracle).await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle);
    let by_name = caller.to(|client| client.on("here"));
    let tell = || caller.send(|client, id| client.fanout().tell(&Context::new(), id));
    for _ in 0..2 {
        let queues = vhost.queues().await.unwrap();
        let names = queues.iter().map(|queue| queue.name.as_str());
        let names: Vec<&str> = names.filter(|name| name.starts_with("work")).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        for name in names {
            let deleted = Instant::now();
            vhost.delete_queue(name).await.unwrap();
            let back = |queue: &Queue| queue.name == name && queue.consumers == 1;
            vhost.wait_queues(|queues| queues.iter().any(back)).await.unwrap();
            took("the return of a queue", deleted, Duration::from_secs(5));
            let bound = async || {
                let bindings = vhost.bindings().await.unwrap();
                bindings.iter().any(|binding| binding.queue == name)
            };
            assert!(bound().await, "{name}");
            let (one, two, three) = tokio::join!(caller.echo(), by_name.echo(), tell());
            one.unwrap();
            two.unwrap();
            three.unwrap();
        }
    }
    let executed = async || oracle.check(Promise::AT_MOST_ONCE).counts.executed == 2 * 3 * 3;
    eventually("the fan-outs", executed).await;
    kept(&oracle, Promise::EXACTLY_ONCE);
}

/// With a broker that takes no large messages.
mod own_broker {
    use super::*;
    use rpc_runtime::testing::Broker;

    /// An answer is larger than the broker takes: the caller gets an error that says so, no time-out, and the
    /// answers of others are not lost with it.
    #[tokio::test]
    async fn an_answer_too_large_is_an_error_of_its_call_alone() {
        const LIMIT: usize = 100_000;
        let _turn = together().await;
        let broker = Broker::start().await.unwrap();
        broker.max_message_size(LIMIT as u64).await.unwrap();
        let vhost = broker.vhost("large").await.unwrap();
        let oracle = Arc::new(Oracle::in_memory());
        let service = serve(&open(&vhost.url()), "here", &oracle).await;
        let bus = open(&vhost.url());
        let caller = Caller::new(&bus, "caller", &oracle);
        let large = async |bytes: usize| -> Outcome {
            // Its answer is not the id, so that the oracle is not to see it.
            let call = caller.client().call().large(&Context::new(), "large", bytes);
            within("an answer", call).await
        };
        assert_eq!(large(LIMIT / 2).await.unwrap().len(), LIMIT / 2);
        for _ in 0..5 {
            // All are at work, and their answers leave at once.
            service.gate.shut();
            let others = (0..50).map(|_| caller.call(|client, id| client.call().wait(&Context::new(), id)));
            let too_large = async {
                within("calls at work", service.gate.holds(50)).await;
                service.gate.open();
                let start = Instant::now();
                let error = large(2 * LIMIT).await.unwrap_err();
                let CallError::<Infallible>::Remote(failure) = &error else {
                    panic!("{error:?}")
                };
                assert_eq!(failure.class, "Oversize", "{failure}");
                assert!(failure.message.contains("larger than the bus takes"), "{failure}");
                took("the refusal", start, DEADLINE / 2);
            };
            let (outcomes, ()) = tokio::join!(join_all(others), too_large);
            for outcome in outcomes {
                outcome.unwrap();
            }
        }

        // A request too large is refused here, and told as such.
        let others = join_all((0..50).map(|_| caller.echo()));
        let body = "x".repeat(2 * LIMIT);
        let request = caller.client().call().echo(&Context::new(), &body);
        let (outcomes, refused) = tokio::join!(others, within("a refusal", request));
        let error = refused.unwrap_err();
        let CallError::Send(SendError::Rejected(Rejected::Oversize { size, .. })) = error else {
            panic!("{error:?}")
        };
        assert!(size > 2 * LIMIT);
        for outcome in outcomes {
            outcome.unwrap();
        }
        let report = oracle.check(Promise::EXACTLY_ONCE);
        // The large ones were executed without having been asked for by the oracle's leave.
        let others = report
            .violations
            .iter()
            .filter(|violation| violation.id != "large");
        assert_eq!(others.count(), 0, "{report}");
        assert_eq!((report.counts.replied, report.counts.executed), (300, 300 + 6));
    }
}
