//! Names that are odd.

use std::sync::Arc;

use rpc_runtime::server::StartError;
use rpc_runtime::testing::Oracle;
use rpc_runtime::testing::oracle::Promise;
use rpc_runtime::transport::TransportError;
use rpc_runtime::{CallError, Context, Failure, SendError, Server, UntypedClient};
use rpc_tests::work::{WorkApi, Worker};
use serde_json::Value;

use crate::kit::{Caller, DEADLINE, kept, open, serve, serve_with, shared, together, within};

/// A name that a broker cannot carry, or would take for a pattern, is refused when it is used, by client and
/// server alike; every other works from end to end.
#[tokio::test]
async fn odd_names_work_or_are_refused_in_words() {
    let _turn = together().await;
    let vhost = shared("names").await;
    let bus = open(&vhost.url());
    let (long, longest) = ("n".repeat(300), "n".repeat(100));
    let good = [
        "a.b",
        "a/b",
        "a b",
        " ",
        "größe",
        "東京",
        "🦀",
        "a#b",
        "*a",
        "a'b\"c\\",
        "%2F",
        "{}",
        "\u{1}\u{7f}",
        "_",
        "null",
        "reply_x",
        &longest,
    ];
    for name in good {
        let oracle = Arc::new(Oracle::in_memory());
        let service = serve_with(&bus, name, &oracle, |builder| builder.topic(name)).await;
        let caller = Caller::new(&bus, "caller", &oracle);
        caller.to(|client| client.topic(name)).echo().await.unwrap();
        caller
            .to(|client| client.topic(name).on(name))
            .echo()
            .await
            .unwrap();
        let _ = within("a stop", service.server.stop()).await;
        assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).replied, 2);
    }
    let bad = ["", "*", "#", "a.*", "#.a", "a.#.b", "\n", "a\r", "amq.x", &long];
    for name in bad {
        let oracle = Arc::new(Oracle::in_memory());
        let caller = Caller::new(&bus, "caller", &oracle);
        let mut errors = vec![caller.to(|client| client.topic(name)).echo().await.unwrap_err()];
        if name != "amq.x" {
            errors.push(caller.to(|client| client.on(name)).echo().await.unwrap_err());
        }
        for error in errors {
            assert!(
                matches!(&error, CallError::Send(SendError::InvalidTarget(text)) if !text.is_empty()),
                "{name:?}: {error:?}"
            );
        }
        let worker = Worker::new("here", &oracle);
        let start = Server::builder(&bus)
            .topic(name)
            .server("here")
            .serve::<WorkApi, _>(worker)
            .start();
        let error = within("a refusal", start).await.unwrap_err();
        assert!(
            matches!(&error, StartError::Transport(TransportError::InvalidTarget(_))),
            "{name:?}: {error:?}"
        );
        assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).executed, 0);
    }

    // Methods and namespaces travel in the body, which carries any text: the server does not know them, and says so.
    let oracle = Arc::new(Oracle::in_memory());
    let _service = serve(&bus, "here", &oracle).await;
    let client = UntypedClient::new(&bus, "work")
        .namespace("faults")
        .timeout(DEADLINE);
    for name in good.into_iter().chain(bad) {
        let method = client.call::<Value, Failure>(name, &Context::new(), &[]);
        let CallError::Api(failure) = method.await.unwrap_err() else {
            panic!("a failure")
        };
        assert_eq!(failure.class, "NoSuchMethod", "{name:?}");
        let client = client.namespace(name);
        let call = client.call::<Value, Failure>("echo", &Context::new(), &[("id", &"x")]);
        let CallError::Api(failure) = call.await.unwrap_err() else {
            panic!("a failure")
        };
        assert_eq!(failure.class, "UnsupportedVersion", "{name:?}");
    }
}
