//! With a broker that is killed, or out of resources.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rpc_runtime::server::Builder;
use rpc_runtime::testing::broker::Queue;
use rpc_runtime::testing::oracle::Promise;
use rpc_runtime::testing::{Broker, Oracle};
use rpc_runtime::transport::Rejected;
use rpc_runtime::{CallError, Context, SendError};
use tokio::time::Instant;

use crate::kit::{
    Caller, DEADLINE, Outcome, eventually, kept, kept_at_last, open, serve_with, together, took, within,
};

/// The broker is killed under a thousand callers, and comes back: every call returns in time, no call runs
/// twice, those at work are answered when it is back, what a durable queue had confirmed is done, and soon every
/// call succeeds again.
#[tokio::test]
async fn a_killed_broker_loses_nothing_it_had_confirmed() {
    let _turn = together().await;
    let broker = Broker::start().await.unwrap();
    let vhost = broker.vhost("killed").await.unwrap();
    let url = format!("{}?amqp_durable_queues=true", vhost.url());
    let (calls, casts) = (Arc::new(Oracle::in_memory()), Arc::new(Oracle::in_memory()));
    let service = serve_with(&open(&url), "here", &calls, |builder| builder.handlers(200)).await;
    let caster_service = serve_with(&open(&url), "here", &casts, |builder| builder.topic("casts")).await;
    let bus = open(&url);
    let caller = Caller::new(&bus, "caller", &calls);
    let caster = Caller::new(&bus, "caster", &casts).to(|client| client.topic("casts"));
    caller.echo().await.unwrap();
    caster.cast().await.unwrap();

    let patient = caller.named("patient").limit(Duration::from_secs(60));
    let at_work = (0..50).map(|_| patient.call(|client, id| client.call().wait(&Context::new(), id)));
    // Each goes on until its first failure.
    let callers = (0..1000).map(|at| {
        let caller = caller.named(&format!("caller-{at}"));
        async move { while caller.echo().await.is_ok() {} }
    });
    let casters = (0..50).map(|at| {
        let caster = caster.named(&format!("caster-{at}"));
        async move { while caster.cast().await.is_ok() {} }
    });
    let outage = async {
        within("calls at work", service.gate.holds(50)).await;
        let load = async {
            let answered = async || calls.check(Promise::AT_MOST_ONCE).counts.replied >= 1500;
            eventually("the callers are at work", answered).await;
            broker.kill().await.unwrap();
        };
        tokio::join!(join_all(callers), join_all(casters), load);
        broker.start_again().await.unwrap();
        service.gate.open();
        Instant::now()
    };
    let (outcomes, back) = tokio::join!(join_all(at_work), outage);
    for outcome in outcomes {
        outcome.unwrap();
    }
    let caller = caller.limit(Duration::from_secs(20));
    for _ in 0..2 {
        for outcome in join_all((0..100).map(|_| caller.echo())).await {
            outcome.unwrap();
        }
        took("the recovery", back, Duration::from_secs(3 * 3));
    }
    caster.cast().await.unwrap();

    let counts = kept_at_last(&casts, Promise::EXACTLY_ONCE).await;
    assert!(counts.accepted > 50, "{counts:?}");
    // Of the calls, those that wait in the queue expire with their callers.
    kept(&calls, Promise::AT_MOST_ONCE);
    drop((service, caster_service));
}

/// The broker is short of memory, then of disk: who publishes is told so at the deadline, or at once if that is
/// wanted; servers go on taking and acknowledging; a close does not wait for the broker; and all goes on when
/// the shortage ends.
#[tokio::test]
async fn a_broker_that_takes_no_messages_blocks_publishers_alone() {
    let _turn = together().await;
    let broker = Broker::start().await.unwrap();
    let limit = Duration::from_secs(1);
    for disk in [false, true] {
        let alarm = async |on: bool| match disk {
            false => broker.memory_alarm(on).await.unwrap(),
            true => broker.disk_alarm(on).await.unwrap(),
        };
        let vhost = broker.vhost("alarm").await.unwrap();
        let oracle = Arc::new(Oracle::in_memory());
        let one_by_one = |builder: Builder| builder.handlers(1);
        let service = serve_with(&open(&vhost.url()), "here", &oracle, one_by_one).await;
        let bus = open(&vhost.url());
        let caller = Caller::new(&bus, "caller", &oracle).limit(limit);
        let fast = open(&format!("{}?fail_when_blocked=true", vhost.url()));
        let hasty = Caller::new(&fast, "hasty", &oracle).limit(limit);
        let closing = open(&vhost.url());
        let leaving = Caller::new(&closing, "leaving", &oracle).limit(limit);
        for caller in [&caller, &hasty, &leaving] {
            caller.limit(DEADLINE).echo().await.unwrap();
        }
        // Casts that wait in the queue, one of them at work.
        let held = (0..20).map(|_| caller.send(|client, id| client.cast().wait(&Context::new(), id)));
        for sent in join_all(held).await {
            sent.unwrap();
        }
        within("a cast at work", service.gate.holds(1)).await;

        alarm(true).await;
        let is_blocked = |error: &SendError| matches!(error, SendError::Rejected(Rejected::Blocked(_)));
        let blocked = |outcome: Outcome| {
            let error = outcome.unwrap_err();
            assert!(
                matches!(&error, CallError::Send(error) if is_blocked(error)),
                "{error:?}"
            );
        };
        // The alarm takes a moment to reach each connection. A message after that is what the broker answers with
        // the news: it has time until its deadline, the first included.
        for caller in [&caller, &hasty, &leaving] {
            let told = async || match caller.cast().await {
                Ok(()) => false,
                Err(error) => is_blocked(&error) || panic!("{error:?}"),
            };
            eventually("the alarm is known", told).await;
        }
        let start = Instant::now();
        let (one, two) = tokio::join!(caller.echo(), leaving.echo());
        blocked(one);
        blocked(two);
        assert!(start.elapsed() >= limit, "blocked before the deadline");
        let start = Instant::now();
        for _ in 0..5 {
            blocked(hasty.echo().await);
        }
        took("five refusals", start, limit);
        let start = Instant::now();
        closing.close().await;
        took("a close", start, Duration::from_secs(2) + Duration::from_secs(1));

        service.gate.open();
        let taken = |queues: &[Queue]| {
            queues
                .iter()
                .all(|queue| queue.name != "work" || queue.messages == 0)
        };
        vhost.wait_queues(taken).await.unwrap();
        let executed = oracle.check(Promise::AT_MOST_ONCE).counts.executed;
        assert!(
            executed >= 3 + 20,
            "the server stopped with the publishers: {executed}"
        );

        alarm(false).await;
        let cleared = Instant::now();
        for caller in [&caller, &hasty] {
            caller.limit(Duration::from_secs(20)).echo().await.unwrap();
        }
        took("the recovery", cleared, Duration::from_secs(5));
        let counts = kept_at_last(&oracle, Promise::EXACTLY_ONCE).await;
        assert_eq!(counts.replied, 3 + 2);
        // Before the next alarm, which would keep its connections waiting.
        bus.close().await;
        fast.close().await;
        service.bus.close().await;
    }
}
