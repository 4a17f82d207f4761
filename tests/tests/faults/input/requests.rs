//! Requests that are odd.

use std::fmt::Write as _;
use std::sync::Arc;

use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::broker::Queue;
use rpc_runtime::transport::Listen;
use serde_json::{Value, json};

use crate::kit::{Peer, envelope, eventually, open, serve, shared, together, within};

/// What a server owes to a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    /// Nobody can be told: it is dropped.
    Nothing,
    /// A failure of this class.
    Failure(&'static str),
    /// A result.
    Result,
}

/// Keys and values of a document, as written.
type Fields<'f> = &'f [(&'f str, &'f str)];

/// A request for `echo`, with fields put in its place.
fn request(peer: &Peer, id: &str, fields: Fields<'_>) -> String {
    let mut document = vec![
        ("method", r#""echo""#.to_owned()),
        ("namespace", r#""faults""#.to_owned()),
        ("version", r#""1.0""#.to_owned()),
        ("args", json!({"id": id}).to_string()),
        ("_msg_id", json!(id).to_string()),
        ("_reply_q", json!(peer.address).to_string()),
        ("_timeout", "null".to_owned()),
        ("_unique_id", json!(format!("u-{id}")).to_string()),
    ];
    for (key, value) in fields {
        match document.iter_mut().find(|(known, _)| known == key) {
            Some((_, there)) => *there = (*value).to_owned(),
            None => document.push((key, (*value).to_owned())),
        }
    }
    // An empty value leaves the field out.
    let fields = document.iter().filter(|(_, value)| !value.is_empty());
    let mut text = String::from("{");
    for (at, (key, value)) in fields.enumerate() {
        write!(text, "{}\"{key}\":{value}", if at == 0 { "" } else { "," }).unwrap();
    }
    text + "}"
}

/// A body that nobody can read is dropped, and one that can be answered is answered with an error: nothing of it
/// stops the server, or comes again and again.
#[tokio::test]
async fn a_broken_request_costs_its_sender_an_error_and_nobody_else_anything() {
    use Due::{Failure as Fails, Nothing, Result as Succeeds};
    let _turn = together().await;
    let vhost = shared("broken").await;
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    let mut peer = Peer::new(&open(&vhost.url())).await;

    let bare: [(&str, Vec<u8>); 16] = [
        ("empty", Vec::new()),
        ("not JSON", b"not JSON".to_vec()),
        ("not text", b"\xff\xfe\x00\x80".to_vec()),
        ("NUL", b"\0".to_vec()),
        ("a number", b"1".to_vec()),
        ("a list", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        (
            "cut short",
            envelope(&request(&peer, "cut", &[])).as_bytes()[..99].to_vec(),
        ),
        (
            "twice",
            envelope(&request(&peer, "twice", &[])).repeat(2).into_bytes(),
        ),
        (
            "a byte order mark",
            format!("\u{feff}{}", envelope(&request(&peer, "bom", &[]))).into_bytes(),
        ),
        (
            "an unknown version of the envelope",
            br#"{"oslo.version":"3.0","oslo.message":"{}"}"#.to_vec(),
        ),
        (
            "a message that is no string",
            br#"{"oslo.version":"2.0","oslo.message":{}}"#.to_vec(),
        ),
        ("a message that is no JSON", envelope("{").into_bytes()),
        ("a message that is a list", envelope("[]").into_bytes()),
        ("lists in lists", "[".repeat(10_000).into_bytes()),
        ("objects in objects", r#"{"a":"#.repeat(10_000).into_bytes()),
    ];
    for (what, body) in bare {
        peer.send(body).await;
        still_serves(&mut peer, what).await;
    }

    let deep = format!(r#"{{"id":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let cases: [(&str, Fields<'_>, Due); 26] = [
        ("no method", &[("method", "")], Fails("TypeError")),
        (
            "a method that is a number",
            &[("method", "7")],
            Fails("TypeError"),
        ),
        (
            "an unknown method",
            &[("method", r#""no_such""#)],
            Fails("NoSuchMethod"),
        ),
        (
            "a private method",
            &[("method", r#""__class__""#)],
            Fails("NoSuchMethod"),
        ),
        ("an empty method", &[("method", r#""""#)], Fails("NoSuchMethod")),
        (
            "an unknown namespace",
            &[("namespace", r#""no_such""#)],
            Fails("UnsupportedVersion"),
        ),
        (
            "a namespace that is a number",
            &[("namespace", "7")],
            Fails("UnsupportedVersion"),
        ),
        (
            "a later version",
            &[("version", r#""1.1""#)],
            Fails("UnsupportedVersion"),
        ),
        (
            "no version at all",
            &[("version", "null")],
            Fails("UnsupportedVersion"),
        ),
        (
            "a version that is a word",
            &[("version", r#""word""#)],
            Fails("ValueError"),
        ),
        (
            "a version of one part",
            &[("version", r#""1""#)],
            Fails("IndexError"),
        ),
        ("no arguments", &[("args", "")], Fails("TypeError")),
        (
            "arguments that are null",
            &[("args", "null")],
            Fails("AttributeError"),
        ),
        (
            "arguments in a list",
            &[("args", r#"["x"]"#)],
            Fails("AttributeError"),
        ),
        (
            "arguments that are a text",
            &[("args", r#""x""#)],
            Fails("AttributeError"),
        ),
        (
            "an argument of another type",
            &[("args", r#"{"id":7}"#)],
            Fails("TypeError"),
        ),
        (
            "an argument too many",
            &[("args", r#"{"id":"x","more":1}"#)],
            Fails("TypeError"),
        ),
        (
            "a number beyond all numbers",
            &[("args", r#"{"id":1e400}"#)],
            Fails("TypeError"),
        ),
        (
            "an integer beyond all integers",
            &[
                ("method", r#""toil""#),
                ("args", r#"{"id":"x","millis":123456789012345678901234567890}"#),
            ],
            Fails("TypeError"),
        ),
        (
            "a negative size",
            &[("method", r#""large""#), ("args", r#"{"id":"x","bytes":-1}"#)],
            Fails("TypeError"),
        ),
        ("arguments as deep as a stack", &[("args", &deep)], Nothing),
        (
            "a method given twice",
            &[("method", r#""no_such","method":"echo""#)],
            Succeeds,
        ),
        ("a text with NUL", &[("args", r#"{"id":"nul\u0000"}"#)], Succeeds),
        (
            "half a character",
            &[("args", r#"{"id":"half \ud800 of it"}"#)],
            Succeeds,
        ),
        (
            "unknown fields",
            &[("_who", r#"{"a":[1]}"#), ("_context_self", "1")],
            Succeeds,
        ),
        (
            "a limit of silence that is none",
            &[("_timeout", r#""soon""#)],
            Succeeds,
        ),
    ];
    for (at, (what, fields, due)) in cases.iter().enumerate() {
        let id = format!("case-{at}");
        peer.send(envelope(&request(&peer, &id, fields))).await;
        match due {
            Nothing => {}
            Succeeds => {
                let reply = peer.reply().await;
                assert_eq!(
                    (&reply["_msg_id"], &reply["failure"]),
                    (&json!(id), &Value::Null),
                    "{what}"
                );
            }
            Fails(class) => assert_eq!(peer.failure().await.class, *class, "{what}"),
        }
        still_serves(&mut peer, what).await;
    }
    // Every body of the first list but the empty one, which means nothing, and what is too deep.
    assert_eq!(service.server.unreadable(), 15 + 1);
    vhost.wait_queues(settled).await.unwrap();
}

/// Nothing waits in a queue, and nothing goes round and round.
fn settled(queues: &[Queue]) -> bool {
    queues.iter().all(|queue| queue.messages == 0)
}

/// A server that is alive answers the next request, and nothing else came before.
async fn still_serves(peer: &mut Peer, after: &str) {
    let id = uuid::Uuid::new_v4().simple().to_string();
    peer.send(envelope(&request(peer, &id, &[]))).await;
    let reply = peer.reply().await;
    assert_eq!(reply["_msg_id"], id, "after {after}: {reply}");
    assert_eq!(reply["result"], id, "after {after}: {reply}");
}

/// A body of nothing but blanks, as large as a broker takes, is dropped like any other.
#[tokio::test]
async fn a_huge_body_of_nothing_is_dropped() {
    let _turn = together().await;
    let vhost = shared("blanks").await;
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    let mut peer = Peer::new(&open(&vhost.url())).await;
    peer.send(vec![b' '; 100 << 20]).await;
    still_serves(&mut peer, "100 MiB of blanks").await;
    assert_eq!(service.server.unreadable(), 1);
    vhost.wait_queues(settled).await.unwrap();
}

/// Whatever reply queue a request names: the server publishes to reply queues alone, so that nobody can use it to
/// write to the queue of another service.
#[tokio::test]
async fn a_reply_goes_to_a_reply_queue_and_to_no_other() {
    let _turn = together().await;
    let vhost = shared("address").await;
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url()), "here", &oracle).await;
    let mut peer = Peer::new(&open(&vhost.url())).await;
    let to = Listen {
        exchange: "openstack".into(),
        topic: "victim".into(),
        server: "there".into(),
        prefetch: 10,
    };
    let victim_bus = open(&vhost.url());
    let mut victim = victim_bus.transport().listen(to).await.unwrap();

    let long = json!(format!("reply_{}", "x".repeat(294))).to_string();
    let addresses = [
        ("missing", ""),
        ("null", "null"),
        ("a number", "7"),
        ("an object", r#"{"queue":"victim"}"#),
        ("empty", r#""""#),
        ("too long", &long),
        ("direct reply-to", r#""amq.rabbitmq.reply-to.g1h2AA""#),
        ("the queue of another service", r#""victim""#),
        ("the queue of a server of it", r#""victim.there""#),
        ("its own queue", r#""work""#),
    ];
    for (at, (what, address)) in addresses.iter().enumerate() {
        let id = format!("address-{at}");
        peer.send(envelope(&request(&peer, &id, &[("_reply_q", address)])))
            .await;
        // Who is not answered is still served, as with a cast.
        eventually(what, async || oracle.executions(&id) == 1).await;
    }
    for (what, msg_id) in [
        ("missing", ""),
        ("null", "null"),
        ("empty", r#""""#),
        ("a number", "7"),
    ] {
        let id = format!("no-msg-id-{what}");
        peer.send(envelope(&request(&peer, &id, &[("_msg_id", msg_id)])))
            .await;
        eventually(what, async || oracle.executions(&id) == 1).await;
    }
    still_serves(&mut peer, "all of them").await;
    assert!(peer.nothing_arrived());
    // A reply to an address that does not exist would be tried for a minute.
    let idle = async || service.server.at_work() == 0;
    eventually("nothing is tried", idle).await;
    within("the victim's silence", victim.control.stop()).await;
    assert!(
        victim.deliveries.try_recv().is_err(),
        "a reply came to another service"
    );
    vhost.wait_queues(settled).await.unwrap();
}
