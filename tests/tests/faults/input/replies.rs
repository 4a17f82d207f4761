//! Replies that are odd, forged, or somebody else's.

use std::sync::Arc;

use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::broker::Queue;
use rpc_runtime::testing::oracle::Promise;
use rpc_runtime::{Bus, CallError};
use serde_json::{Value, json};

use crate::kit::{Caller, Peer, Taken, envelope, eventually, kept, open, shared, take, together};

/// A failure is whatever a server says, forged ones included: the caller gets it as data, with what is too long cut
/// off, and no class of it means anything but what the method declares.
#[tokio::test]
async fn a_strange_failure_is_data() {
    let _turn = together().await;
    let vhost = shared("failures").await;
    let server = Peer::new(&open(&vhost.url())).await;
    let mut listener = server.listen().await;
    let caller_bus = open(&vhost.url());
    let oracle = Arc::new(Oracle::in_memory());
    let caller = Caller::new(&caller_bus, "caller", &oracle);
    let tb: Vec<String> = (0..20_000)
        .map(|line| format!("  File \"x.py\", line {line}\n"))
        .collect();
    let document = |value: Value| json!(value.to_string());
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let failures: [(&str, Value, (&str, &str, &str)); 12] = [
        (
            "an unknown class",
            document(
                json!({"class": "Weird", "module": "far.away", "message": "m", "tb": [], "args": [], "kwargs": {}}),
            ),
            ("far.away", "Weird", "m"),
        ),
        (
            "a class that would do harm if it were imported",
            document(
                json!({"class": "system", "module": "os", "message": "m", "tb": [],
                "args": ["touch /tmp/harm"], "kwargs": {"__class__": "x"}}),
            ),
            ("os", "system", "m"),
        ),
        (
            "a huge traceback",
            document(json!({"class": "E", "module": "builtins", "message": "m", "tb": tb})),
            ("builtins", "E", "m"),
        ),
        (
            "an object instead of a text",
            json!({"class": "ValueError"}),
            ("", "", "a failure that cannot be read"),
        ),
        (
            "a text that is no JSON",
            json!("Traceback (most recent call last)"),
            ("", "", "a failure that cannot"),
        ),
        ("a number", json!(7), ("", "", "a failure that cannot be read: 7")),
        (
            "true",
            json!(true),
            ("", "", "a failure that cannot be read: true"),
        ),
        ("a list", json!(["x"]), ("", "", "a failure that cannot be read")),
        (
            "a text that is a list",
            json!("[]"),
            ("", "", "a failure that cannot be read"),
        ),
        ("depth", json!(deep), ("", "", "a failure that cannot be read")),
        ("an empty document", json!("{}"), ("", "", "")),
        (
            "nulls",
            document(
                json!({"class": null, "module": null, "message": null, "tb": null, "args": null, "kwargs": null}),
            ),
            ("", "", ""),
        ),
    ];
    for (what, failure, (module, class, message)) in failures {
        let answer = async {
            let request = take(&mut listener).await;
            let reply =
                json!({"result": null, "failure": failure, "ending": true, "_msg_id": request.msg_id});
            assert!(
                server
                    .reply_to(&request.reply_q, envelope(&reply.to_string()))
                    .await
            );
        };
        let (outcome, ()) = tokio::join!(caller.echo(), answer);
        let error = outcome.unwrap_err();
        let CallError::Remote(failure) = &error else {
            panic!("{what}: {error:?}")
        };
        assert_eq!(
            (failure.module.as_str(), failure.class.as_str()),
            (module, class),
            "{what}"
        );
        assert!(
            failure.message.starts_with(message),
            "{what}: {}",
            failure.message
        );
        let kept: usize = failure.traceback.iter().map(String::len).sum();
        assert!(kept <= 64 << 10, "{what}: {kept} bytes of traceback");
        assert!(error.to_string().len() < 2000, "{what}");
    }
    // A failure wins over a result beside it, and one that is empty is none.
    for (failure, succeeds) in [(json!("{}"), false), (json!(""), true), (Value::Null, true)] {
        let answer = async {
            let request = take(&mut listener).await;
            let reply =
                json!({"result": request.id, "failure": failure, "ending": true, "_msg_id": request.msg_id});
            assert!(
                server
                    .reply_to(&request.reply_q, envelope(&reply.to_string()))
                    .await
            );
        };
        let (outcome, ()) = tokio::join!(caller.echo(), answer);
        assert_eq!(outcome.is_ok(), succeeds, "{failure}");
    }
    assert_eq!(caller_bus.waiting(), 0);
}

/// Replies that are late, doubled, of unknown calls or of other callers' do nothing to any call; they are counted.
#[tokio::test]
async fn a_stray_reply_changes_no_call() {
    let _turn = together().await;
    let vhost = shared("strays").await;
    let server = Peer::new(&open(&vhost.url())).await;
    let mut listener = server.listen().await;
    let buses = [open(&vhost.url()), open(&vhost.url())];
    let oracle = Arc::new(Oracle::in_memory());
    let [one, two] = [0, 1].map(|at| Caller::new(&buses[at], &format!("caller-{at}"), &oracle));
    let reply = |msg_id: &str, result: &str| {
        let inner = json!({"result": result, "failure": null, "ending": true, "_msg_id": msg_id});
        envelope(&inner.to_string())
    };

    let serve = async {
        let mut late: Option<Taken> = None;
        for _ in 0..10 {
            // Both callers wait now, in either order.
            let (a, b) = (take(&mut listener).await, take(&mut listener).await);
            for request in [&a, &b] {
                oracle.executed(&request.id, "by-hand");
            }
            // To each the other's reply, which says otherwise.
            assert!(server.reply_to(&a.reply_q, reply(&b.msg_id, "crossed")).await);
            assert!(server.reply_to(&b.reply_q, reply(&a.msg_id, "crossed")).await);
            for queue in [&a.reply_q, &b.reply_q] {
                let strays = [
                    reply("0123456789abcdef0123456789abcdef", "unknown"),
                    reply("", "without an id"),
                    reply("not an id of any call", "odd"),
                    envelope(r#"{"result":"no id","failure":null,"ending":true}"#),
                    envelope(r#"{"result":"half"#),
                    "no reply".to_owned(),
                ];
                for stray in strays {
                    assert!(server.reply_to(queue, stray).await);
                }
            }
            if let Some(late) = &late {
                assert!(server.reply_to(&late.reply_q, reply(&late.msg_id, "late")).await);
            }
            for request in [&a, &b] {
                // A heartbeat nobody asked for, the reply, and its double.
                let heartbeat =
                    json!({"result": null, "failure": null, "ending": false, "_msg_id": request.msg_id});
                assert!(
                    server
                        .reply_to(&request.reply_q, envelope(&heartbeat.to_string()))
                        .await
                );
                assert!(
                    server
                        .reply_to(&request.reply_q, reply(&request.msg_id, &request.id))
                        .await
                );
                assert!(
                    server
                        .reply_to(&request.reply_q, reply(&request.msg_id, "doubled"))
                        .await
                );
            }
            late = Some(a);
        }
    };
    let calls = async {
        for _ in 0..10 {
            let (first, second) = tokio::join!(one.echo(), two.echo());
            first.unwrap();
            second.unwrap();
        }
    };
    tokio::join!(serve, calls);
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    assert_eq!(counts.replied, 20);
    // In each round, for each caller: one of the other's call, six strays and a double; and the late ones.
    let ignored = async || buses.iter().map(Bus::ignored_replies).sum::<u64>();
    let expected = 10 * 2 * (1 + 6 + 1) + 9;
    eventually("all are counted", async || ignored().await == expected).await;
    assert_eq!(buses.map(|bus| bus.waiting()), [0, 0]);
    let settled = |queues: &[Queue]| queues.iter().all(|queue| queue.messages == 0);
    vhost.wait_queues(settled).await.unwrap();
}
