//! Faults while calls are under way, as their callers see them.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::testing::broker::Queue;
use rpc_runtime::testing::oracle::Promise;
use rpc_runtime::testing::relay::Direction;
use rpc_runtime::testing::{Oracle, Relay, Vhost};
use rpc_runtime::transport::Sent;
use rpc_runtime::{CallError, Context, SendError, Server, Settings};
use rpc_tests::work::{WorkApi, Worker};
use serde_json::json;
use tokio::time::{Instant, timeout};

mod own_broker;

use crate::kit::{
    Caller, DEADLINE, Footprint, Outcome, alone, eventually, kept, open, open_with, serve, settings, shared,
    together, took, within,
};

fn wait(caller: &Caller) -> impl Future<Output = Outcome> {
    caller.call(|client, id| client.call().wait(&Context::new(), id))
}

/// An operator closes every connection while calls are at work: all come back by themselves, the reply queue under
/// its old name, and every call gets its answer.
#[tokio::test]
async fn connections_closed_by_an_operator_come_back() {
    let _turn = together().await;
    let vhost = shared("closed").await;
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    let caller_bus = open(&vhost.url());
    let caller = Caller::new(&caller_bus, "caller", &oracle).limit(Duration::from_secs(20));
    caller.echo().await.unwrap();
    let reply_queues = async || {
        let queues = vhost.queues().await.unwrap().into_iter();
        let names = queues
            .map(|queue| queue.name)
            .filter(|name| name.starts_with("reply_"));
        names.collect::<Vec<_>>()
    };
    let before = reply_queues().await;
    assert_eq!(before.len(), 1);

    for round in 1..=3 {
        service.gate.shut();
        let calls = join_all((0..50).map(|_| wait(&caller)));
        let fault = async {
            within("calls at work", service.gate.holds(50)).await;
            assert_eq!(vhost.close_all_connections().await.unwrap(), 4, "round {round}");
            service.gate.open();
            let closed = Instant::now();
            caller.echo().await.unwrap();
            took("the recovery", closed, Duration::from_secs(5));
        };
        let (outcomes, ()) = tokio::join!(calls, fault);
        for outcome in outcomes {
            outcome.unwrap();
        }
    }
    assert_eq!(reply_queues().await, before);
    assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).replied, 1 + 3 * 51);
}

/// An operator deletes the reply queue under a caller: it comes back under its name, calls that were at work are
/// answered there, and so are later ones.
#[tokio::test]
async fn a_deleted_reply_queue_comes_back_and_loses_no_answer() {
    let _turn = together().await;
    let vhost = shared("reply-queue").await;
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    let caller_bus = open(&vhost.url());
    let caller = Caller::new(&caller_bus, "caller", &oracle).limit(Duration::from_secs(20));
    caller.echo().await.unwrap();
    let queues = vhost.queues().await.unwrap();
    let replies = &queues
        .iter()
        .find(|queue| queue.name.starts_with("reply_"))
        .unwrap()
        .name;

    let calls = join_all((0..20).map(|_| wait(&caller)));
    let fault = async {
        within("calls at work", service.gate.holds(20)).await;
        vhost.delete_queue(replies).await.unwrap();
        service.gate.open();
    };
    let (outcomes, ()) = tokio::join!(calls, fault);
    for outcome in outcomes {
        outcome.unwrap();
    }
    caller.echo().await.unwrap();
    let back = |queue: &Queue| queue.name == *replies && queue.consumers == 1;
    vhost.wait_queues(|queues| queues.iter().any(back)).await.unwrap();
    assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).replied, 22);
}

/// The line is cut after a request was taken and before its caller heard so, and when the request is published again
/// nobody listens any more: the caller is not told that it never left, and gets its answer if there is one.
#[tokio::test]
async fn a_request_that_may_have_run_is_not_said_to_be_unsent() {
    let _turn = together().await;
    let vhost = shared("doubt").await;
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let oracle = Arc::new(Oracle::in_memory());
    let caller_bus = open(&vhost.url_by(relay.address()));
    for answers in [true, false] {
        let service = serve(&open(&vhost.url()), "here", &oracle).await;
        let caller = Caller::new(&caller_bus, "caller", &oracle).limit(Duration::from_secs(6));
        caller.echo().await.unwrap();
        // Nothing that the broker says reaches the caller.
        relay.hold(Direction::Down);
        let fault = async {
            within("the call at work", service.gate.holds(1)).await;
            let server = service.server;
            let stop = async {
                if answers {
                    service.gate.open();
                    let _ = server.stop().await;
                } else {
                    drop(server);
                }
            };
            within("a stop", stop).await;
            let gone = |queues: &[Queue]| {
                queues
                    .iter()
                    .all(|queue| queue.name != "work" || queue.consumers == 0)
            };
            vhost.wait_queues(gone).await.unwrap();
            vhost.delete_queue("work").await.unwrap();
            relay.reset();
            relay.heal().await.unwrap();
        };
        let (outcome, ()) = tokio::join!(wait(&caller), fault);
        match outcome {
            Ok(_) => assert!(answers),
            Err(CallError::Send(error)) => assert!(!answers && error.sent() == Sent::Unknown, "{error:?}"),
            Err(error) => panic!("{error:?}"),
        }
    }
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    assert_eq!((counts.replied, counts.failed_unknown), (3, 1));
}

/// Nobody serves: a call learns it in a round trip, and not at its deadline. Who wants to wait for a server, as
/// callers of oslo.messaging do, waits until the deadline, or until there is one.
#[tokio::test]
async fn a_missing_server_is_told_at_once() {
    let _turn = together().await;
    let vhost = shared("nobody").await;
    let oracle = Arc::new(Oracle::in_memory());
    let bus = open(&vhost.url());
    bus.ready(DEADLINE).await.unwrap();
    let caller = Caller::new(&bus, "caller", &oracle);
    let no_server = |outcome: Outcome| {
        let error = outcome.unwrap_err();
        assert!(error.is_no_server(), "{error:?}");
    };
    let start = Instant::now();
    no_server(caller.echo().await);
    no_server(caller.to(|client| client.topic("nobody-ever")).echo().await);
    took("two calls of nobody", start, DEADLINE / 2);

    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    caller.to(|client| client.on("here")).echo().await.unwrap();
    no_server(caller.to(|client| client.on("elsewhere")).echo().await);
    // Many at once, among calls that succeed: each learns its own fate.
    let elsewhere = caller.to(|client| client.on("elsewhere"));
    let calls = (0..200).map(|at| {
        let (caller, elsewhere) = (&caller, &elsewhere);
        async move {
            if at % 3 == 0 {
                no_server(elsewhere.echo().await);
            } else {
                caller.echo().await.unwrap();
            }
        }
    });
    join_all(calls).await;
    drop(service);

    let patient = Settings {
        mandatory: false,
        ..settings()
    };
    let bus = open_with(&vhost.url(), patient);
    let caller = Caller::new(&bus, "patient", &oracle).to(|client| client.topic("later"));
    let limit = Duration::from_secs(1);
    let start = Instant::now();
    let error = caller.limit(limit).echo().await.unwrap_err();
    assert!(start.elapsed() >= limit);
    let CallError::Send(SendError::Timeout { sent, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(sent, Sent::Confirmed);
    let counts = kept(&oracle, Promise::AT_MOST_ONCE);
    assert_eq!((counts.executed, counts.failed_confirmed), (1 + 133, 1));
}

/// Arguments of a queue.
type Arguments<'a> = &'a [(&'a str, serde_json::Value)];

/// What a server wants to declare exists in another shape: one that works is used as it is, and one that does not
/// is an error that names it, what was wanted and what was found.
#[tokio::test]
async fn what_exists_otherwise_is_used_or_refused_by_name() {
    let _turn = together().await;
    let text = |text: &str| json!(text);
    // Durable, quorum, with a time limit, with a length limit: all serve.
    let usable: [(&str, bool, Arguments<'_>); 4] = [
        ("durable", true, &[]),
        ("quorum", true, &[("x-queue-type", text("quorum"))]),
        ("time", false, &[("x-message-ttl", json!(60_000))]),
        ("length", false, &[("x-max-length", json!(1000))]),
    ];
    for (what, durable, arguments) in usable {
        let vhost = shared(what).await;
        vhost.declare_exchange("openstack", "topic", true).await.unwrap();
        vhost
            .declare_exchange("work_fanout", "fanout", true)
            .await
            .unwrap();
        for queue in ["work", "work.here"] {
            vhost.declare_queue(queue, durable, arguments).await.unwrap();
        }
        let oracle = Arc::new(Oracle::in_memory());
        let service = serve(&open(&vhost.url()), "here", &oracle).await;
        let bus = open(&vhost.url());
        let caller = Caller::new(&bus, "caller", &oracle);
        caller.echo().await.unwrap();
        caller.to(|client| client.on("here")).echo().await.unwrap();
        caller.cast().await.unwrap();
        eventually("the cast", async || {
            oracle.check(Promise::AT_MOST_ONCE).counts.executed == 3
        })
        .await;
        kept(&oracle, Promise::EXACTLY_ONCE);
        let queues = vhost.queues().await.unwrap();
        let queue = queues.iter().find(|queue| queue.name == "work").unwrap();
        assert_eq!(queue.durable, durable, "it is what it was");
        drop(service);
    }

    let refused = async |vhost: &Vhost<'_>, words: [&str; 3]| {
        let oracle = Arc::new(Oracle::in_memory());
        let worker = Worker::new("here", &oracle);
        let bus = open(&vhost.url());
        let start = Server::builder(&bus)
            .server("here")
            .serve::<WorkApi, _>(worker)
            .start();
        let error = within("a refusal", start).await.unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "no '{word}' in: {error}");
        }
    };
    let vhost = shared("kind").await;
    vhost
        .declare_exchange("openstack", "headers", false)
        .await
        .unwrap();
    refused(&vhost, ["'openstack'", "topic", "headers"]).await;
    let vhost = shared("stream").await;
    let stream = [("x-queue-type", text("stream"))];
    vhost.declare_queue("work", true, &stream).await.unwrap();
    refused(&vhost, ["'work'", "x-queue-type", "stream"]).await;
}

/// Callers that give up leave nothing behind, wherever they were: no waiting call, no channel, no task. Their
/// requests run at most once, and the next call is as good as the first.
#[tokio::test]
async fn calls_that_are_dropped_leave_nothing_behind() {
    const ROUNDS: usize = 100;
    const AT_ONCE: usize = 100;
    let _turn = alone().await;
    let vhost = shared("dropped").await;
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    let bus = open(&vhost.url());
    let caller = Caller::new(&bus, "caller", &oracle);
    // Whatever is made once and for all is there now.
    join_all((0..AT_ONCE).map(|_| caller.echo())).await;
    let held = async || (Footprint::now(), vhost.users().await.unwrap());
    let before = held().await;

    let dropped = std::cell::Cell::new(0);
    for round in 0..ROUNDS {
        let calls = (0..AT_ONCE).map(|at| {
            let (caller, oracle, dropped) = (&caller, &oracle, &dropped);
            async move {
                let id = oracle.asked("fleeting");
                let call = caller.client().call().echo(&Context::new(), &id);
                // Half of them end at a certain stop of theirs, the others at a certain time.
                let outcome = if at % 2 == 0 {
                    until_stop(call, (round + at / 2) % 6).await
                } else {
                    timeout(Duration::from_micros((round * at) as u64 % 8000), call)
                        .await
                        .ok()
                };
                match outcome {
                    Some(result) => oracle.returned(&id, "fleeting", &result),
                    None => {
                        dropped.set(dropped.get() + 1);
                        oracle.failed(&id, "fleeting", Sent::Unknown, "dropped");
                    }
                }
            }
        });
        join_all(calls).await;
    }
    assert!(dropped.get() > ROUNDS * AT_ONCE / 4, "{} of them", dropped.get());
    assert_eq!(bus.waiting(), 0);
    let start = Instant::now();
    caller.echo().await.unwrap();
    took("the next call", start, DEADLINE / 2);
    Footprint::restored(before.0).await;
    eventually("the channels are as before", async || held().await.1 == before.1).await;
    eventually("all is handled", async || service.server.at_work() == 0).await;
    let counts = kept(&oracle, Promise::AT_MOST_ONCE);
    assert!(counts.replied > AT_ONCE + 1, "{counts:?}");

    // The stops of a first call are others: it connects, and makes its reply queue.
    for stop in 0..12 {
        let bus = open(&vhost.url());
        let caller = Caller::new(&bus, "first", &oracle);
        let call = caller.client().call().echo(&Context::new(), "cold");
        until_stop(call, stop).await;
        assert_eq!(bus.waiting(), 0);
        if stop % 2 == 0 {
            caller.echo().await.unwrap();
            bus.close().await;
        }
    }
    Footprint::restored(before.0).await;
    eventually("the channels are as before", async || held().await.1 == before.1).await;
}

/// Drives a future up to a stop of its own, counted from 0, and drops it there: 0 is before it begins.
async fn until_stop<F: Future>(future: F, stop: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut stops = 0;
    std::future::poll_fn(|cx| {
        if stops == stop {
            return Poll::Ready(None);
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => {
                stops += 1;
                if stops == stop {
                    Poll::Ready(None)
                } else {
                    Poll::Pending
                }
            }
        }
    })
    .await
}
