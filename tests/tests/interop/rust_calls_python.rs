//! A Rust client must not notice whether Python or Rust serves, and must see what a Python client sees.

use std::time::Duration;

use rpc_runtime::{CallError, Context, Failure, SendError, Server, UntypedClient, Version};

use super::peer::{AdminClient, PeerClient, PeerError};
use super::*;

/// Clients of the same API, served by Python and by Rust.
struct Both {
    bench: Bench,
    bus: Bus,
    python: Vec<Python>,
    rust: Vec<Server>,
}

impl Both {
    async fn new(name: &str) -> Self {
        Self::with(name, &["one"], json!({})).await
    }

    async fn with(name: &str, servers: &[&str], server_options: Value) -> Self {
        let bench = Bench::new(name).await;
        let bus = bench.bus().await;
        let (mut python, mut rust) = (Vec::new(), Vec::new());
        for server in servers {
            rust.push(peer::serve(&bus, RUST, server).await);
            python.push(bench.python_server(server, server_options.clone()).await);
        }
        Self {
            bench,
            bus,
            python,
            rust,
        }
    }

    /// A client of each.
    fn clients(&self) -> [PeerClient; 2] {
        [PYTHON, RUST].map(|topic| PeerClient::new(&self.bus).topic(topic))
    }

    async fn stop(self) {
        for server in self.python {
            server.stop().await;
        }
        for server in self.rust {
            assert_eq!(server.stop().await.abandoned, 0);
        }
        self.bus.close().await;
        drop(self.bench);
    }
}

/// What a failed call with a declared error failed with.
fn declared<T: std::fmt::Debug>(outcome: Result<T, CallError<PeerError>>) -> PeerError {
    match outcome {
        Err(CallError::Api(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// The failure without its traceback, which differs.
fn undeclared(error: PeerError) -> Failure {
    match error {
        PeerError::Other(failure) => Failure {
            traceback: Vec::new(),
            ..failure
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn values_come_back_as_they_went() {
    let both = Both::new("values").await;
    let ctx = Context::new();
    for client in both.clients() {
        for value in [
            json!(null),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(0.1),
            json!(1e300),
            json!("q\"b\\s\u{0}\u{7f}\n\t/"),
            json!("Grüße, 世界 ☃ 🦀 \u{2028} \u{feff}"),
            json!({"a": [1, {"b": [null, "c"]}], "ключ": "значение", "": 0}),
        ] {
            assert_eq!(client.call().echo(&ctx, &value).await.unwrap(), value);
        }
        assert_eq!(client.call().add(&ctx, 2, 3).await.unwrap(), 5);
        client.call().nothing(&ctx).await.unwrap();
    }
    both.stop().await;
}

#[tokio::test]
async fn big_payloads() {
    let both = Both::new("big").await;
    let ctx = Context::new();
    for client in both.clients() {
        for size in [64 * 1024, 4 * 1024 * 1024] {
            assert_eq!(client.call().big(&ctx, size).await.unwrap().len(), size);
            let value = json!("é\"\\".repeat(size / 4));
            assert!(client.call().echo(&ctx, &value).await.unwrap() == value);
        }
    }
    both.stop().await;
}

#[tokio::test]
async fn a_context_is_seen_as_a_python_clients_is() {
    let both = Both::new("contexts").await;
    let ctx = Context::default()
        .with("request_id", "req-1")
        .with("user_id", "ü")
        .with("nested", json!({"a": [1, null]}));
    let mut client = both.bench.python_client(json!({}));
    let step = json!({
        "method": "context", "ctxt": {"request_id": "req-1", "user_id": "ü", "nested": {"a": [1, null]}},
    });
    let expected = take(&mut client, PYTHON, &step).await;
    for client in both.clients() {
        let seen = client.call().context(&ctx).await.unwrap();
        assert_eq!(json!(seen), expected["result"]);
    }
    client.stop().await;
    both.stop().await;
}

#[tokio::test]
async fn namespaces_and_versions() {
    let both = Both::new("versions").await;
    let ctx = Context::new();
    let mut python = both.bench.python_client(json!({}));
    for topic in [PYTHON, RUST] {
        let peer = PeerClient::new(&both.bus).topic(topic);
        assert_eq!(peer.call().whoami(&ctx).await.unwrap(), "one/None/1.5");
        let admin = AdminClient::new(&both.bus).topic(topic);
        assert_eq!(admin.call().whoami(&ctx).await.unwrap(), "one/admin/2.3");

        let any = UntypedClient::new(&both.bus, topic);
        for (namespace, version) in [
            (None, Version::new(1, 6)),
            (None, Version::new(2, 0)),
            (Some("admin"), Version::new(2, 10)),
            (Some("nowhere"), Version::new(1, 0)),
        ] {
            let mut client = any.version(version);
            if let Some(namespace) = namespace {
                client = client.namespace(namespace);
            }
            let error = client.call::<String, PeerError>("whoami", &ctx, &[]).await;
            let failure = undeclared(declared(error));
            // What the Python client gets of Python's server.
            let step = json!({"method": "whoami",
                "prepare": {"namespace": namespace, "version": version.to_string()}});
            let expected = &take(&mut python, PYTHON, &step).await["error"];
            assert_eq!(failure.module, "oslo_messaging.rpc.dispatcher");
            assert_eq!(failure.class, expected["exc_type"]);
            assert_eq!(failure.message, expected["value"]);
        }
    }
    python.stop().await;
    both.stop().await;
}

#[tokio::test]
async fn requests_that_do_not_fit() {
    let both = Both::new("misfits").await;
    let ctx = Context::new();
    for topic in [PYTHON, RUST] {
        let client = UntypedClient::new(&both.bus, topic);
        for method in ["no_such_method", "_private"] {
            let error = client
                .call::<Value, Failure>(method, &ctx, &[])
                .await
                .unwrap_err();
            let CallError::Api(failure) = error else {
                panic!("{error:?}");
            };
            let text = format!("Endpoint does not support RPC method {method}");
            assert_eq!((failure.class.as_str(), failure.message), ("NoSuchMethod", text));
        }
        for args in [
            &[] as &[(&str, &dyn rpc_runtime::wire::Argument)],
            &[("a", &1), ("c", &3)],
            &[("a", &"one"), ("b", &2)],
        ] {
            let error = client
                .call::<Value, Failure>("add", &ctx, args)
                .await
                .unwrap_err();
            let CallError::Api(failure) = error else {
                panic!("{error:?}");
            };
            assert_eq!(
                (failure.module.as_str(), failure.class.as_str()),
                ("builtins", "TypeError")
            );
        }
    }
    both.stop().await;
}

#[tokio::test]
async fn exceptions_become_variants() {
    let both = Both::new("exceptions").await;
    let ctx = Context::new();
    let not_found = || PeerError::InstanceNotFound {
        instance_id: "i-42".to_owned(),
    };
    for client in both.clients() {
        for (kind, variant) in [
            ("value", PeerError::Value("bad value".to_owned())),
            ("key", PeerError::Key("missing".to_owned())),
            ("unicode", PeerError::Runtime("désolé ☃".to_owned())),
            ("empty", PeerError::Value(String::new())),
            ("not_found", not_found()),
            ("conflict", PeerError::Conflict("already there".to_owned())),
        ] {
            assert_eq!(declared(client.call().fail(&ctx, kind).await), variant);
        }
        assert_eq!(declared(client.call().fail_expected(&ctx).await), not_found());
    }
    // Not a variant, because the arguments do not fit: nothing of it is lost, and it is the same from both.
    let [python, rust] = both.clients();
    let python = undeclared(declared(python.call().fail(&ctx, "several").await));
    assert_eq!(
        undeclared(declared(rust.call().fail(&ctx, "several").await)),
        python
    );
    assert_eq!(python.args, [json!(2), json!(["three"])]);
    both.stop().await;
}

#[tokio::test]
async fn an_error_that_is_no_variant_stays_remote() {
    let both = Both::new("unknown").await;
    let ctx = Context::new();
    for topic in [PYTHON, RUST] {
        let client = UntypedClient::new(&both.bus, topic);
        let call = client.call::<Value, std::convert::Infallible>("fail", &ctx, &[("kind", &"conflict")]);
        let error = call.await.unwrap_err();
        let CallError::Remote(failure) = error else {
            panic!("{error:?}");
        };
        assert_eq!(
            (failure.module.as_str(), failure.class.as_str()),
            ("peer_errors", "Conflict")
        );
        assert_eq!(failure.message, "already there");
    }
    both.stop().await;
}

#[tokio::test]
async fn casts_and_fanouts_arrive() {
    let both = Both::with("casts", &["one", "two"], json!({})).await;
    let ctx = Context::new();
    for client in both.clients() {
        for server in ["one", "two"] {
            let one = client.on(server);
            assert_eq!(
                one.call().whoami(&ctx).await.unwrap(),
                format!("{server}/None/1.5")
            );
            one.cast().note(&ctx, json!(server)).await.unwrap();
            assert_eq!(one.call().notes(&ctx, 1).await.unwrap(), [json!(server)]);
        }
        client.fanout().note(&ctx, json!("all")).await.unwrap();
        for server in ["one", "two"] {
            let notes = client.on(server).call().notes(&ctx, 2).await.unwrap();
            assert_eq!(notes, [json!(server), json!("all")]);
        }
    }
    both.stop().await;
}

#[tokio::test]
async fn a_monitored_call_outlives_the_silence_it_allows() {
    let both = Both::new("monitored").await;
    let ctx = Context::new();
    for client in both.clients() {
        let client = client
            .monitored(Duration::from_secs(2))
            .timeout(Duration::from_secs(30));
        assert_eq!(client.call().slow(&ctx, 4).await.unwrap(), 4);
    }
    both.stop().await;
}

#[tokio::test]
async fn a_call_ends_at_its_time_limit_whatever_the_heartbeats() {
    let both = Both::new("limit").await;
    let ctx = Context::new();
    for client in both.clients() {
        let client = client
            .monitored(Duration::from_secs(2))
            .timeout(Duration::from_secs(3));
        let error = client.call().slow(&ctx, 5).await.unwrap_err();
        assert!(
            matches!(error, CallError::Send(SendError::Timeout { .. })),
            "{error:?}"
        );
        assert_eq!(client.call().add(&ctx, 1, 1).await.unwrap(), 2);
    }
    both.stop().await;
}

#[tokio::test]
async fn compressed_replies() {
    for method in ["gzip", "bzip2"] {
        let both = Both::with(method, &["one"], json!({"kombu_compression": method})).await;
        let ctx = Context::new();
        let value = json!("compress me ☃ ".repeat(1000));
        for client in both.clients() {
            assert!(client.call().echo(&ctx, &value).await.unwrap() == value);
            let conflict = PeerError::Conflict("already there".to_owned());
            assert_eq!(declared(client.call().fail(&ctx, "conflict").await), conflict);
        }
        both.stop().await;
    }
}
