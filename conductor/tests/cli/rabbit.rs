//! The same commands over RabbitMQ, and against services in Python.

use std::time::{Duration, Instant};

use rpc_runtime::testing::Broker;
use rpc_runtime::transport::{Message, Route};
use rpc_runtime::wire::{Id, ReplyTo, RequestWriter};
use rpc_runtime::{Bus, Context, Settings};
use rpc_tests::program::{Ran, Running, Signal};
use rpc_tests::python::Python;
use serde_json::json;

use crate::program::{Ended as _, Home};

/// A conductor at a URL that the environment tells.
async fn serve(home: &Home, url: &str, arguments: &[&str]) -> Running {
    let mut command = home.command(arguments);
    let mut serving = Running::new(command.env("CONDUCTOR_TRANSPORT_URL", url));
    let line = serving.line().await;
    assert!(
        !line.contains("guest:guest") && line.contains("guest:***"),
        "{line}"
    );
    serving
}

/// A command with the URL from the environment.
async fn run(home: &Home, url: &str, arguments: &[&str]) -> Ran {
    let mut command = home.command(arguments);
    Ran::new(command.env("CONDUCTOR_TRANSPORT_URL", url)).await
}

#[tokio::test]
async fn several_conductors_share_a_broker() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("conductors").await.unwrap();
    let home = Home::new();
    run(&home, &vhost.url(), &["ping"])
        .await
        .failed(3, &["no server", "topic 'conductor'"]);

    let one = serve(&home, &vhost.url(), &["serve", "--host", "one"]).await;
    let two = serve(&home, &vhost.url(), &["serve", "--host", "two"]).await;
    for server in ["one", "two"] {
        let ping = run(&home, &vhost.url(), &["ping", "--server", server]).await;
        assert_eq!(ping.code, Some(0), "{ping:?}");
    }
    let port = [
        "call",
        "baseapi.get_backdoor_port",
        "--version",
        "1.1",
        "--server",
        "two",
    ];
    assert_eq!(run(&home, &vhost.url(), &port).await.answer(), json!(null));

    one.signal(Signal::TERM);
    assert_eq!(one.ended().await.code(), Some(0));
    // The work goes on with the other.
    assert_eq!(run(&home, &vhost.url(), &["ping"]).await.code, Some(0));
    drop(two);
}

/// Sends a ping whose answer nobody will take: the server tries for a minute, as the caller might come back.
async fn keep_busy(home: &Home, url: &str) {
    let mut ping = RequestWriter::new("ping", Some("baseapi"), None);
    ping.arg("arg", &1).unwrap();
    let nobody = ReplyTo {
        msg_id: Id::new(),
        reply_q: "reply_of_nobody",
        monitor: None,
    };
    let body = ping.finish(&Context::new(), Id::new(), Some(nobody)).unwrap();
    let to = Route::Topic {
        exchange: "openstack".into(),
        topic: "conductor".into(),
        server: None,
    };
    let message = Message {
        body: body.into(),
        ..Message::default()
    };
    let bus = Bus::open(&url.parse().unwrap(), Settings::default()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    bus.transport().send(to, message, deadline.into()).await.unwrap();
    bus.close().await;
    // Messages are taken in order: when a later one is answered, this one is in work.
    assert_eq!(run(home, url, &["ping"]).await.code, Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("second_signal").await.unwrap();
    let (home, url) = (Home::new(), vhost.url());
    let serving = serve(&home, &url, &["serve"]).await;
    keep_busy(&home, &url).await;
    let start = Instant::now();
    serving.signal(Signal::TERM);
    // It finishes what it has, and takes nothing more.
    while run(&home, &url, &["ping", "--timeout", "1"]).await.code == Some(0) {
        assert!(start.elapsed() < Duration::from_secs(20), "it goes on");
    }
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await.code(), Some(143));
    assert!(start.elapsed() < Duration::from_secs(50), "it waited");
}

#[tokio::test]
async fn a_service_in_python_is_called_by_names() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("python_service").await.unwrap();
    let python = Python::server(&json!({
        "url": vhost.url(), "topic": "compute", "server": "node-3", "exchange": "nova",
        "endpoints": [{"namespace": "base", "version": "1.5"}],
    }))
    .await;
    let home = Home::new();
    let call = async |words: &[&str]| {
        let target = [
            "call",
            "--topic",
            "compute",
            "--exchange",
            "nova",
            "--timeout",
            "20",
        ];
        run(&home, &vhost.url(), &[&target, words].concat()).await
    };

    assert_eq!(call(&["base.add", "a=20", "b=22"]).await.answer(), json!(42));
    // Larger than any integer of Rust: it comes back as it went.
    let huge = "123456789012345678901234567890";
    let echo = call(&["base.echo", &format!("value={huge}"), "--server", "node-3"]).await;
    assert_eq!((echo.code, echo.out.trim()), (Some(0), huge), "{echo:?}");
    let text = call(&["base.echo", "value=größe ☃", "--version", "1.5"]).await;
    assert_eq!(text.answer(), json!("größe ☃"));

    call(&["base.echo", "value=1", "--version", "1.6"])
        .await
        .failed(1, &["UnsupportedVersion", "--version"]);
    call(&["base.nothing_such"]).await.failed(1, &["NoSuchMethod"]);
    call(&["base.echo", "wrong=1"])
        .await
        .failed(1, &["TypeError", "JSON"]);
    call(&["base.echo", "value=1", "--server", "node-4"])
        .await
        .failed(3, &["node-4"]);
    python.stop().await;
}

#[tokio::test]
async fn worker_processes_share_the_topic() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("workers").await.unwrap();
    let home = Home::new();
    let serving = serve(&home, &vhost.url(), &["serve", "--host", "one", "--workers", "2"]).await;
    for target in [&["ping"][..], &["ping", "--server", "one"]] {
        let ping = run(&home, &vhost.url(), target).await;
        assert_eq!(ping.code, Some(0), "{ping:?}");
    }
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await.code(), Some(0));
}

#[tokio::test]
async fn why_a_broker_does_not_let_one_in() {
    let broker = Broker::shared().await.unwrap();
    let home = Home::new();
    let address = broker.address();
    let wrong = format!("rabbit://guest:hunter2@{address}/");
    let ran = run(&home, &wrong, &["-vv", "ping"]).await;
    ran.failed(5, &["refuses the user name or password"]);
    // Neither the password nor the frame with its bytes.
    assert!(
        !ran.err.contains("hunter2") && !ran.err.contains("104, 117, 110"),
        "{ran:?}"
    );
    let ran = run(&home, &wrong, &["serve"]).await;
    ran.failed(5, &["refuses the user name or password"]);
    run(&home, &broker.url("nowhere"), &["ping"])
        .await
        .failed(5, &["virtual host", "nowhere"]);
    // Nobody listens on the discard port of the loopback's last address.
    run(&home, "rabbit://127.255.255.254:9/", &["ping", "--timeout", "2"])
        .await
        .failed(5, &["127.255.255.254:9"]);
}
