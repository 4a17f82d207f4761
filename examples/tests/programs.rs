//! Every example, run as a reader runs it.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use rpc_runtime::testing::Broker;
use rpc_tests::program::{Ran, Running, Signal};
use rpc_tests::python::interpreter;
use tokio::process::Command;

/// Runs a program that needs nothing, and checks what it prints.
async fn prints(program: &str, lines: &[&str]) {
    let ran = Ran::new(&mut Command::new(program)).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), lines, "{ran:?}");
}

#[tokio::test]
async fn quickstart() {
    let lines = [
        "5 bolts taken, 7 left",
        "only 7 bolts are there",
        "stopped with 0 requests unfinished",
    ];
    prints(env!("CARGO_BIN_EXE_quickstart"), &lines).await;
}

#[tokio::test]
async fn versions() {
    let lines = [
        "'spring' is nothing later than 1.0",
        "'1.0' is nothing later than 1.0",
        "'auto' is nothing later than 1.0",
        "old server: all of disk for 30d",
        "refused: argument 'full' of 'save' is from version 1.1, this client is pinned to 1.0",
        "an old server cannot forget",
        "UnsupportedVersion",
        "new server: all of disk for 30 days",
        "new server: the changes of disk for 30 days",
        "new server: nothing of disk",
    ];
    prints(env!("CARGO_BIN_EXE_versions"), &lines).await;
}

#[tokio::test]
async fn fanout_cast() {
    let ran = Ran::new(&mut Command::new(env!("CARGO_BIN_EXE_fanout_cast"))).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = |what: &str| ran.out.lines().filter(|line| line.ends_with(what)).count();
    for server in ["north", "south", "west"] {
        assert_eq!(told(&format!("{server} forgets front page")), 1, "{ran:?}");
    }
    assert_eq!(told("warms front page"), 1, "{ran:?}");
    assert_eq!(told("warms sitemap"), 1, "{ran:?}");
    assert_eq!(told("west warms search"), 1, "{ran:?}");
}

/// Both programs at a URL.
async fn two_processes(url: &str) {
    let mut server = Running::new(Command::new(env!("CARGO_BIN_EXE_two_processes_server")).arg(url));
    assert_eq!(server.line().await, "serving; Ctrl-C ends it");
    let client = Ran::new(Command::new(env!("CARGO_BIN_EXE_two_processes_client")).arg(url)).await;
    assert_eq!(client.code, Some(0), "{client:?}");
    assert!(client.out.contains("ada has 4 points"), "{client:?}");
    server.signal(Signal::INT);
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn two_processes_over_a_socket() {
    let name = format!("rpc-examples-{}.sock", std::process::id());
    let socket: PathBuf = std::env::temp_dir().join(name);
    two_processes(&format!("unix://{}", socket.display())).await;
    assert!(!socket.exists());
}

#[tokio::test]
async fn two_processes_over_rabbitmq() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("two_processes").await.unwrap();
    two_processes(&vhost.url()).await;
}

/// The service with so many workers: what it prints until it serves, and who printed what was asked for.
async fn service(url: &str, workers: &str) -> (Vec<String>, Vec<String>) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_service"));
    let mut server = Running::new(server.args(["serve", url, workers]));
    let mut lines = Vec::new();
    while lines.last().is_none_or(|line| line != "serving; Ctrl-C ends it") {
        lines.push(server.line().await);
    }
    let client = Ran::new(Command::new(env!("CARGO_BIN_EXE_service")).args(["ask", url])).await;
    assert_eq!(client.code, Some(0), "{client:?}");
    let mut presses: Vec<String> = client
        .out
        .lines()
        .filter_map(|line| Some(line.split_once(" pages printed by ")?.1.to_owned()))
        .collect();
    assert_eq!(presses.len(), 20, "{client:?}");
    while !lines.iter().any(|line| line.ends_with("is oiled")) {
        lines.push(server.line().await);
    }
    server.signal(Signal::INT);
    assert!(server.ended().await.success());
    presses.sort();
    presses.dedup();
    (lines, presses)
}

#[tokio::test]
async fn service_in_one_process() {
    let name = format!("rpc-examples-service-{}.sock", std::process::id());
    let socket = std::env::temp_dir().join(name);
    let (lines, presses) = service(&format!("unix://{}", socket.display()), "0").await;
    assert!(
        lines[0].starts_with("the press starts as print-shop on "),
        "{lines:?}"
    );
    assert_eq!(presses, ["the press"]);
}

#[tokio::test]
async fn service_with_workers() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("service").await.unwrap();
    let (lines, presses) = service(&vhost.url(), "2").await;
    for press in ["press 1", "press 2"] {
        let starts = lines
            .iter()
            .filter(|line| line.starts_with(&format!("{press} starts")));
        assert_eq!(starts.count(), 1, "{lines:?}");
    }
    assert_eq!(presses, ["press 1", "press 2"]);
}

/// A script of `python_peer`, in an environment with oslo.messaging.
fn python(script: &str, url: &str) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python_peer");
    let mut command = Command::new(interpreter());
    command
        .arg(folder.join(script))
        .arg(url)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

#[tokio::test]
async fn python_calls_rust() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("python_peer").await.unwrap();
    let mut server = Running::new(Command::new(env!("CARGO_BIN_EXE_python_peer_server")).arg(vhost.url()));
    assert_eq!(server.line().await, "serving; Ctrl-C ends it");
    let client = Ran::new(&mut python("client.py", &vhost.url())).await;
    let lines = ["7 bolts left", "6 bolts left", "only 10 bolts are there"];
    assert_eq!(client.out.lines().collect::<Vec<_>>(), lines, "{client:?}");
    for line in [
        "ada reserves 3 of bolt",
        "ada takes 4 of bolt",
        "ada takes 100 of bolt",
    ] {
        assert_eq!(server.line().await, line);
    }
    server.signal(Signal::INT);
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn rust_calls_python() {
    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("python_peer").await.unwrap();
    let mut server = Running::new(&mut python("server.py", &vhost.url()));
    assert_eq!(server.line().await, "serving; Ctrl-C ends it");
    let client = Ran::new(Command::new(env!("CARGO_BIN_EXE_python_peer_client")).arg(vhost.url())).await;
    let lines = ["7 bolts left", "only 10 bolts are there"];
    assert_eq!(client.out.lines().collect::<Vec<_>>(), lines, "{client:?}");
    server.signal(Signal::INT);
    assert!(server.ended().await.success());
}
