//! Two conductors on two hosts, on one broker and one database.

use std::path::Path;
use std::time::Duration;

use conductor_api::BaseClient;
use rpc_runtime::testing::{Broker, Vhost};
use rpc_runtime::{Bus, Context};
use rpc_tests::program::{Running, Signal};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::program::{Ended as _, Home};

const LIMIT: Duration = Duration::from_secs(60);

/// A conductor of the host of this name, which can be looked into.
async fn serve(home: &Home, vhost: &Vhost<'_>, host: &str) -> Running {
    let mut command = home.command(&["serve", "--host", host]);
    command.env("CONDUCTOR_TRANSPORT_URL", vhost.url());
    let mut serving = Running::new(command.env("CONDUCTOR__SERVICE__BACKDOOR", home.path(host)));
    serving.line().await;
    serving
}

/// How many requests a conductor has taken.
async fn taken(backdoor: &Path) -> u64 {
    let ask = async {
        let mut stream = BufReader::new(UnixStream::connect(backdoor).await.unwrap());
        stream.write_all(b"counters\n").await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let counters: Value = serde_json::from_str(&line).unwrap();
        counters["requests_taken"].as_u64().unwrap()
    };
    timeout(LIMIT, ask).await.unwrap()
}

#[tokio::test]
async fn they_share_the_work_and_one_goes_on_alone() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("hosts").await.unwrap();
    let home = Home::new();
    let one = serve(&home, &vhost, "one").await;
    let two = serve(&home, &vhost, "two").await;
    let (at_one, at_two) = (home.path("one"), home.path("two"));

    let services = home.run(&["service", "list", "--output", "json"]).await.answer();
    let hosts: Vec<&Value> = services
        .as_array()
        .unwrap()
        .iter()
        .map(|service| &service["Host"])
        .collect();
    assert_eq!(hosts, [&json!("one"), &json!("two")]);

    let bus = Bus::connect(&vhost.url()).await.unwrap();
    let conductor = BaseClient::new(&bus).topic("conductor").timeout(LIMIT);
    let ctx = Context::admin();

    // The topic is shared.
    for number in 0..20 {
        conductor.call().ping(&ctx, json!(number)).await.unwrap();
    }
    let shared = (taken(&at_one).await, taken(&at_two).await);
    assert_eq!(shared.0 + shared.1, 20);
    assert!(shared.0 > 0 && shared.1 > 0, "{shared:?}");

    // What is for one of them goes to that one.
    conductor.on("one").call().ping(&ctx, json!(null)).await.unwrap();
    assert_eq!(
        (taken(&at_one).await, taken(&at_two).await),
        (shared.0 + 1, shared.1)
    );
    conductor.on("two").call().ping(&ctx, json!(null)).await.unwrap();
    assert_eq!(
        (taken(&at_one).await, taken(&at_two).await),
        (shared.0 + 1, shared.1 + 1)
    );

    // A fan-out goes to both.
    let fanout = [
        "call",
        "baseapi.ping",
        "--fanout",
        "arg=1",
        "--transport-url",
        &vhost.url(),
    ];
    assert_eq!(home.run(&fanout).await.code, Some(0));
    let both = async {
        while (taken(&at_one).await, taken(&at_two).await) != (shared.0 + 2, shared.1 + 2) {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, both).await.expect("a fan-out reaches both");

    // One is killed; the other answers all that is asked.
    one.signal(Signal::KILL);
    assert_eq!(one.ended().await.code(), None);
    for number in 0..10 {
        conductor.call().ping(&ctx, json!(number)).await.unwrap();
    }
    conductor.on("two").call().ping(&ctx, json!(null)).await.unwrap();
    bus.close().await;
    two.signal(Signal::TERM);
    assert_eq!(two.ended().await.code(), Some(0));
}
