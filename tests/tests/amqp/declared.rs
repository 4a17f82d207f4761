//! What is declared, against the recordings of oslo.messaging; and what happens when it exists otherwise.

use std::collections::BTreeSet;

use lapin::ExchangeKind;
use lapin::options::QueueDeclareOptions;
use lapin::types::AMQPValue;
use rpc_runtime::testing::Vhost;
use rpc_runtime::transport::{Listen, Rejected, Route, TransportError};
use rpc_tests::conformance::{Collector, message, route, soon};
use serde_json::{Map, Value};

use crate::operator::{Operator, durable};
use crate::{next_body, open, to, vhost, within};

/// One line for each entity: what the broker has, or what a recording says.
type Entities = BTreeSet<String>;

fn hidden(name: &str) -> String {
    for prefix in ["lab_fanout_", "reply_"] {
        if name.starts_with(prefix) {
            return format!("{prefix}<uuid-hex>");
        }
    }
    name.to_owned()
}

fn exchange(name: &str, kind: &str, durable: bool, auto_delete: bool) -> String {
    format!(
        "exchange {} {kind} durable={durable} auto_delete={auto_delete}",
        hidden(name)
    )
}

fn queue(name: &str, durable: bool, auto_delete: bool, arguments: &Map<String, Value>) -> String {
    let name = hidden(name);
    let arguments: std::collections::BTreeMap<_, _> = arguments.iter().collect();
    format!("queue {name} durable={durable} auto_delete={auto_delete} {arguments:?}")
}

fn binding(exchange: &str, queue: &str, key: &str) -> String {
    format!("binding {} {} {}", hidden(exchange), hidden(queue), hidden(key))
}

async fn found(vhost: &Vhost<'_>) -> Entities {
    let exchanges = vhost.exchanges().await.expect("the broker answers");
    let exchanges = exchanges
        .iter()
        .filter(|exchange| !exchange.name.is_empty() && !exchange.name.starts_with("amq."))
        .map(|found| exchange(&found.name, &found.kind, found.durable, found.auto_delete));
    let queues = vhost.queues().await.expect("the broker answers");
    let queues = queues
        .iter()
        .map(|found| queue(&found.name, found.durable, found.auto_delete, &found.arguments));
    let bindings = vhost.bindings().await.expect("the broker answers");
    let bindings = bindings
        .iter()
        .map(|found| binding(&found.exchange, &found.queue, &found.routing_key));
    exchanges.chain(queues).chain(bindings).collect()
}

fn recorded(state: &Value) -> Entities {
    let list = |kind: &str| state[kind].as_array().expect("a list").iter();
    let text = |entity: &Value, key: &str| entity[key].as_str().expect("a text").to_owned();
    let flag = |entity: &Value, key: &str| entity[key].as_bool().expect("a flag");
    let exchanges = list("exchanges").map(|entity| {
        exchange(
            &text(entity, "name"),
            &text(entity, "type"),
            flag(entity, "durable"),
            flag(entity, "auto_delete"),
        )
    });
    let queues = list("queues").map(|entity| {
        assert!(!flag(entity, "exclusive"));
        queue(
            &text(entity, "name"),
            flag(entity, "durable"),
            flag(entity, "auto_delete"),
            entity["arguments"].as_object().expect("arguments"),
        )
    });
    let bindings = list("bindings").map(|entity| {
        binding(
            &text(entity, "source"),
            &text(entity, "destination"),
            &text(entity, "routing_key"),
        )
    });
    exchanges.chain(queues).chain(bindings).collect()
}

/// Ours is that of today's oslo.messaging, and an exchange by which servers older than 9.2 reply.
fn for_old_servers() -> Entities {
    let reply = "reply_<uuid-hex>";
    [
        exchange(reply, "direct", false, true),
        binding(reply, reply, reply),
    ]
    .into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_declared_is_what_oslo_messaging_declares() {
    let recordings: Value = serde_json::from_str(include_str!("../../vectors/topology.json")).unwrap();
    let variants = recordings["variants"].as_object().unwrap();
    assert!(variants.len() >= 10);
    for (name, recording) in variants {
        let mut scope = "openstack".to_owned();
        let mut query = Vec::new();
        for (option, value) in recording["options"].as_object().unwrap() {
            match value {
                Value::String(value) if option == "control_exchange" => scope.clone_from(value),
                Value::String(value) => query.push(format!("{option}={value}")),
                value => query.push(format!("{option}={value}")),
            }
        }
        let vhost = vhost("declared").await;
        let url = format!("{}?{}", vhost.url(), query.join("&"));
        let (server, client) = (open(&url), open(&url));
        let listen = Listen {
            exchange: scope.as_str().into(),
            ..to("lab", "node1", 10)
        };
        let mut listener = server.listen(listen).await.unwrap();
        let _replies = Collector::open(&*client).await;
        let request = Route::Topic {
            exchange: scope.as_str().into(),
            topic: "lab".into(),
            server: None,
        };
        client.send(request, message("{}"), soon()).await.unwrap();
        assert_eq!(next_body(&mut listener).await, "{}");

        let mut expected = recorded(&recording["after_client_call"]);
        expected.extend(for_old_servers());
        assert_eq!(found(&vhost).await, expected, "{name}");

        listener.control.stop().await;
        let mut expected = recorded(&recording["after_server_stop"]);
        expected.extend(for_old_servers());
        assert_eq!(found(&vhost).await, expected, "{name}, stopped");
        client.close().await;
        server.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_modern_profile_declares_nothing_transient() {
    let vhost = vhost("modern").await;
    let url = format!("{}?profile=modern", vhost.url());
    let (server, client) = (open(&url), open(&url));
    let mut listener = server.listen(to("t", "a", 10)).await.unwrap();
    let mut replies = Collector::open(&*client).await;
    for to in [route("t"), route("t/a"), Route::Fanout { topic: "t".into() }] {
        client.send(to, message("{}"), soon()).await.unwrap();
        assert_eq!(next_body(&mut listener).await, "{}");
    }
    server
        .send(replies.route(), message("reply"), soon())
        .await
        .unwrap();
    assert_eq!(replies.next().await.0, "reply");
    let queues = vhost.queues().await.unwrap();
    assert_eq!(queues.len(), 4);
    for queue in queues {
        assert!(
            queue.durable && queue.arguments["x-queue-type"] == "quorum",
            "{queue:?}"
        );
        let transient = queue.name.starts_with("t_fanout_") || queue.name.starts_with("reply_");
        assert_eq!(queue.arguments.contains_key("x-expires"), transient, "{queue:?}");
    }
    for name in ["openstack", "t_fanout"] {
        let exchanges = vhost.exchanges().await.unwrap();
        let exchange = exchanges.iter().find(|exchange| exchange.name == name).unwrap();
        assert!(exchange.durable, "{name}");
    }
    client.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_exists_in_another_shape_is_used() {
    let vhost = vhost("adopted").await;
    let operator = Operator::of(&vhost).await;
    operator.exchange("openstack", ExchangeKind::Topic, true).await;
    operator.exchange("t_fanout", ExchangeKind::Fanout, true).await;
    operator.queue("t", durable(), &[]).await;
    let ttl = [("x-message-ttl", AMQPValue::LongInt(60_000))];
    operator.queue("t.a", QueueDeclareOptions::default(), &ttl).await;
    let before = found(&vhost).await;

    let (server, client) = (open(&vhost.url()), open(&vhost.url()));
    let mut listener = server.listen(to("t", "a", 10)).await.unwrap();
    for to in [route("t"), route("t/a"), Route::Fanout { topic: "t".into() }] {
        client.send(to, message("{}"), soon()).await.unwrap();
        assert_eq!(next_body(&mut listener).await, "{}");
    }
    assert!(found(&vhost).await.is_superset(&before));
    client.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_used_is_an_error_that_names_it() {
    let vhost = vhost("misfit").await;
    let operator = Operator::of(&vhost).await;
    operator.exchange("other", ExchangeKind::Direct, false).await;
    let stream = [("x-queue-type", AMQPValue::LongString("stream".into()))];
    operator.queue("stream", durable(), &stream).await;
    let exclusive = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    operator.queue("private", exclusive, &[]).await;

    let server = open(&vhost.url());
    let refused = async |listen: Listen| match server.listen(listen).await {
        Err(TransportError::Rejected(Rejected::Denied(text))) => text,
        other => panic!("{other:?}"),
    };
    let text = refused(Listen {
        exchange: "other".into(),
        ..to("t", "a", 1)
    })
    .await;
    for part in ["exchange 'other'", "'topic'", "'direct'"] {
        assert!(text.contains(part), "{text}");
    }
    let text = refused(to("stream", "a", 1)).await;
    for part in ["queue 'stream'", "wanted durable=false", "'stream'"] {
        assert!(text.contains(part), "{text}");
    }
    let text = refused(to("private", "a", 1)).await;
    assert!(
        text.contains("queue 'private'") && text.contains("exclusive"),
        "{text}"
    );
    // The connection is as good as before.
    let mut listener = server.listen(to("t", "a", 1)).await.unwrap();
    server.send(route("t"), message("{}"), soon()).await.unwrap();
    assert_eq!(next_body(&mut listener).await, "{}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_may_not_be_declared_is_not_taken_for_one_of_another_shape() {
    let vhost = vhost("limit").await;
    let limit = async |queues: &str| {
        let command = ["set_vhost_limits", "-p", vhost.name(), queues];
        vhost.broker().ctl(&command).await.unwrap();
    };
    let server = open(&vhost.url());
    limit(r#"{"max-queues":0}"#).await;
    match within("a refusal", server.listen(to("t", "a", 1))).await {
        Err(TransportError::Rejected(Rejected::Denied(text))) => {
            assert!(text.contains("queue 't'") && text.contains("limit"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    limit(r#"{"max-queues":-1}"#).await;
    within("a listener", server.listen(to("t", "a", 1)))
        .await
        .unwrap();
    server.close().await;
}
