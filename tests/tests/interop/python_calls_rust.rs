//! A Python client must not notice whether Python or Rust serves: the same steps, towards both, answered alike.

use rpc_runtime::Server;

use super::*;

/// A client, and what it calls.
struct Both {
    bench: Bench,
    client: Python,
    _python: Vec<Python>,
    rust: Vec<Server>,
}

impl Both {
    async fn new(name: &str) -> Self {
        Self::with(name, &["one"], json!({})).await
    }

    async fn with(name: &str, servers: &[&str], client_options: Value) -> Self {
        let bench = Bench::new(name).await;
        let bus = bench.bus().await;
        let (mut python, mut rust) = (Vec::new(), Vec::new());
        for server in servers {
            rust.push(peer::serve(&bus, RUST, server).await);
            python.push(bench.python_server(server, json!({})).await);
        }
        let client = bench.python_client(client_options);
        Self {
            bench,
            client,
            _python: python,
            rust,
        }
    }

    /// What the client gets from Python, and from Rust.
    async fn answers(&mut self, step: &Value) -> (Value, Value) {
        let python = take(&mut self.client, PYTHON, step).await;
        let rust = take(&mut self.client, RUST, step).await;
        (python, rust)
    }

    /// The result that the client gets from both alike.
    async fn result(&mut self, step: Value) -> Value {
        let (python, rust) = self.answers(&step).await;
        assert_eq!(rust, python, "{step}");
        let result = python.get("result");
        result.unwrap_or_else(|| panic!("{step}: {python}")).clone()
    }

    /// The exception that the client gets from both alike.
    async fn error(&mut self, step: Value) -> Value {
        let (python, rust) = self.answers(&step).await;
        assert_eq!(rust, python, "{step}");
        let error = python.get("error");
        error.unwrap_or_else(|| panic!("{step}: {python}")).clone()
    }

    async fn stop(self) {
        self.client.stop().await;
        for server in self._python {
            server.stop().await;
        }
        for server in self.rust {
            assert_eq!(server.stop().await.abandoned, 0);
        }
        drop(self.bench);
    }
}

fn call(method: &str, args: Value) -> Value {
    json!({"method": method, "args": args})
}

#[tokio::test]
async fn values_come_back_as_they_went() {
    let mut both = Both::new("values").await;
    for value in [
        json!(null),
        json!(true),
        json!(-7),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.1),
        json!(1e300),
        json!(""),
        json!("q\"b\\s\u{0}\u{7f}\n\t/"),
        json!("Grüße, 世界 ☃ 🦀 \u{2028} \u{feff}"),
        json!([]),
        json!({}),
        json!({"a": [1, {"b": [null, "c"]}], "ключ": "значение", "": 0}),
    ] {
        let answer = both.result(call("echo", json!({"value": value}))).await;
        assert_eq!(answer, value);
    }
    assert_eq!(both.result(call("add", json!({"a": 2, "b": 3}))).await, 5);
    assert_eq!(both.result(call("add", json!({"a": 2}))).await, 3);
    assert_eq!(both.result(call("nothing", json!({}))).await, json!(null));
    both.stop().await;
}

#[tokio::test]
async fn big_payloads() {
    let mut both = Both::new("big").await;
    for size in [64 * 1024, 4 * 1024 * 1024] {
        let answer = both.result(call("big", json!({"size": size}))).await;
        assert_eq!(answer.as_str().unwrap().len(), size);
        // Characters that each level of JSON writes longer.
        let value = json!("é\"\\".repeat(size / 4));
        let answer = both.result(call("echo", json!({"value": value}))).await;
        assert!(answer == value);
    }
    both.stop().await;
}

#[tokio::test]
async fn contexts() {
    let mut both = Both::new("contexts").await;
    let mut step = call("context", json!({}));
    step["ctxt"] = json!({
        "request_id": "req-1", "user_id": "ü", "is_admin": false, "roles": ["member", "reader"],
        "nested": {"a": [1, null]}, "client_timeout": 5,
    });
    let seen = both.result(step.clone()).await;
    assert_eq!(seen["roles"], json!(["member", "reader"]));
    assert_eq!(seen["client_timeout"], json!(null));
    step["prepare"]["call_monitor_timeout"] = json!(30);
    assert_eq!(both.result(step).await["client_timeout"], 30);
    assert_eq!(
        both.result(call("context", json!({}))).await,
        json!({"client_timeout": null})
    );
    both.stop().await;
}

#[tokio::test]
async fn namespaces_and_versions() {
    let mut both = Both::new("versions").await;
    for (namespace, version, answer) in [
        (json!(null), json!(null), Some("one/None/1.5")),
        (json!(null), json!("1.0"), Some("one/None/1.5")),
        (json!(null), json!("1.5"), Some("one/None/1.5")),
        (json!(null), json!("1.6"), None),
        (json!(null), json!("2.0"), None),
        (json!("admin"), json!("2.3"), Some("one/admin/2.3")),
        (json!("admin"), json!("2.0.7"), Some("one/admin/2.3")),
        (json!("admin"), json!("2.10"), None),
        (json!("admin"), json!(null), None),
        (json!("Admin"), json!("2.0"), None),
        (json!("nowhere"), json!("1.0"), None),
    ] {
        let mut step = call("whoami", json!({}));
        step["prepare"] = json!({"namespace": namespace, "version": version});
        match answer {
            Some(answer) => assert_eq!(both.result(step).await, answer),
            None => {
                let error = both.error(step).await;
                assert_eq!(error["class"], "RemoteError");
                assert_eq!(error["exc_type"], "UnsupportedVersion");
            }
        }
    }
    both.stop().await;
}

#[tokio::test]
async fn requests_that_do_not_fit() {
    let mut both = Both::new("misfits").await;
    for method in ["no_such_method", "_private", "__init__", ""] {
        let error = both.error(call(method, json!({}))).await;
        assert_eq!(error["exc_type"], "NoSuchMethod", "{method}");
    }
    // Wrong arguments are a TypeError whose text names what Python calls the method; only its kind can be the same.
    for args in [
        json!({}),
        json!({"b": 1}),
        json!({"a": 1, "b": 2, "c": 3}),
        json!({"a": "one", "b": 2}),
        json!({"a": null}),
    ] {
        let (mut python, mut rust) = both.answers(&call("add", args.clone())).await;
        for answer in [&mut python, &mut rust] {
            let message = answer["error"]["message"].take();
            assert!(message.as_str().is_some_and(|text| !text.is_empty()), "{answer}");
        }
        assert_eq!(rust, python, "{args}");
        assert_eq!(python["error"]["class"], "TypeError", "{args}");
    }
    both.stop().await;
}

#[tokio::test]
async fn exceptions_are_rebuilt() {
    let mut both = Both::new("exceptions").await;
    for (kind, class) in [
        ("value", "ValueError"),
        ("key", "KeyError"),
        ("unicode", "RuntimeError"),
        ("empty", "ValueError"),
        ("several", "ValueError"),
        ("not_found", "InstanceNotFound_Remote"),
        ("conflict", "Conflict_Remote"),
    ] {
        let error = both.error(call("fail", json!({"kind": kind}))).await;
        assert_eq!(error["class"], class);
    }
    let error = both.error(call("fail_expected", json!({}))).await;
    assert_eq!(error["kwargs"]["instance_id"], "i-42");
    // Python sends what cannot be rebuilt; so does Rust, as keywords.
    let error = both.error(call("fail", json!({"kind": "host_down"}))).await;
    assert_eq!(error["class"], "RemoteError");
    assert_eq!(error["exc_type"], "HostDown");
    both.stop().await;
}

#[tokio::test]
async fn exceptions_of_unknown_modules_stay_remote_errors() {
    let mut both = Both::new("unknown").await;
    let stranger = Python::client(&json!({"url": both.bench.vhost.url()}));
    std::mem::replace(&mut both.client, stranger).stop().await;
    for kind in ["not_found", "conflict"] {
        let error = both.error(call("fail", json!({"kind": kind}))).await;
        assert_eq!(error["class"], "RemoteError");
        assert_eq!(error["module"], "oslo_messaging.rpc.client");
    }
    let error = both.error(call("fail", json!({"kind": "value"}))).await;
    assert_eq!(error["class"], "ValueError");
    both.stop().await;
}

#[tokio::test]
async fn casts_and_fanouts_arrive() {
    let mut both = Both::with("casts", &["one", "two"], json!({})).await;
    let on = |server: &str, mut step: Value| {
        step["prepare"]["server"] = json!(server);
        step
    };
    for server in ["one", "two"] {
        let label = both.result(on(server, call("whoami", json!({})))).await;
        assert_eq!(label, format!("{server}/None/1.5"));
        let mut cast = on(server, call("note", json!({"value": server})));
        cast["do"] = json!("cast");
        both.result(cast).await;
        let notes = both.result(on(server, call("notes", json!({"count": 1})))).await;
        assert_eq!(notes, json!([server]));
    }
    let fanout = json!({
        "do": "cast", "method": "note", "args": {"value": "all"}, "prepare": {"fanout": true},
    });
    both.result(fanout).await;
    for server in ["one", "two"] {
        let notes = both.result(on(server, call("notes", json!({"count": 2})))).await;
        assert_eq!(notes, json!([server, "all"]));
    }
    // A cast without a server goes to one of them.
    both.result(json!({"do": "cast", "method": "note", "args": {"value": "some"}}))
        .await;
    for topic in [PYTHON, RUST] {
        let mut somewhere = 0;
        while somewhere == 0 {
            for server in ["one", "two"] {
                let step = on(server, call("notes", json!({"count": 0})));
                let notes = take(&mut both.client, topic, &step).await;
                somewhere += notes["result"].as_array().unwrap().len() - 2;
            }
        }
        assert_eq!(somewhere, 1, "{topic}");
    }
    both.stop().await;
}

#[tokio::test]
async fn a_monitored_call_outlives_the_silence_it_allows() {
    let mut both = Both::new("monitored").await;
    let mut step = call("slow", json!({"seconds": 4}));
    step["prepare"] = json!({"call_monitor_timeout": 2});
    assert_eq!(both.result(step).await, 4);
    both.stop().await;
}

#[tokio::test]
async fn an_unmonitored_call_ends_at_its_time_limit() {
    let mut both = Both::new("limit").await;
    let mut step = call("slow", json!({"seconds": 3}));
    step["prepare"] = json!({"timeout": 1});
    let (python, rust) = both.answers(&step).await;
    for answer in [python, rust] {
        assert_eq!(answer["error"]["class"], "MessagingTimeout");
    }
    // The late replies hurt nobody.
    assert_eq!(both.result(call("add", json!({"a": 1}))).await, 2);
    both.stop().await;
}

#[tokio::test]
async fn compressed_requests() {
    for method in ["gzip", "bzip2"] {
        let options = json!({"kombu_compression": method});
        let mut both = Both::with(method, &["one"], options).await;
        let value = json!("compress me ☃ ".repeat(1000));
        let answer = both.result(call("echo", json!({"value": value}))).await;
        assert!(answer == value);
        let error = both.error(call("fail", json!({"kind": "not_found"}))).await;
        assert_eq!(error["class"], "InstanceNotFound_Remote");
        both.stop().await;
    }
}
