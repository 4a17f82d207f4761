//! The life of a conductor: it says where it is, answers, stops in order, and comes back after a kill.

use std::process::Stdio;
use std::time::Duration;

use rpc_tests::program::{Running, Signal};
use tokio::io::{BufReader, Lines};
use tokio::process::ChildStderr;
use tokio::time::timeout;

use crate::program::{Ended as _, Home, exists};

#[tokio::test]
async fn it_serves_by_default_and_a_ping_is_answered() {
    let home = Home::new();
    let (serving, line) = home.serve(&[]).await;
    assert!(line.contains(&home.url()), "{line}");
    assert!(line.ends_with("ask it with: conductor ping"), "{line}");

    let ping = home.run(&["ping"]).await;
    assert_eq!(ping.code, Some(0), "{ping:?}");
    assert!(ping.out.starts_with("conductor answers in "), "{ping:?}");

    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await.code(), Some(0));
    assert!(!exists(&home.path("conductor.sock")));
    assert!(
        !exists(&home.path("conductor/conductor.sqlite-wal")),
        "the database is one file again"
    );
    home.run(&["ping"])
        .await
        .failed(5, &["cannot connect to", "conductor.sock", "`conductor serve`"]);
}

#[tokio::test]
async fn it_is_in_the_table_of_services() {
    let home = Home::new();
    let (_serving, _) = home.serve(&["serve", "--host", "node-7"]).await;
    let listed = home.run(&["service", "list", "--output", "json"]).await.answer();
    assert_eq!(listed[0]["Binary"], "nova-conductor", "{listed}");
    assert_eq!(listed[0]["Host"], "node-7", "{listed}");
    assert_eq!(listed[0]["State"], "up", "{listed}");

    let refused = home
        .run(&["serve", "--database", "oracle://nova:hunter2@db/nova"])
        .await;
    refused.failed(2, &["--database", "'oracle'"]);
    assert!(!refused.err.contains("hunter2"));
    home.run(&["serve", "--database", "mysql://nova:secret@127.0.0.1:9/nova"])
        .await
        .failed(8, &["mysql://nova:***@127.0.0.1:9/nova"]);
}

#[tokio::test]
async fn it_goes_by_the_name_given() {
    let home = Home::new();
    let (serving, line) = home.serve(&["serve", "--host", "node-7"]).await;
    assert!(line.starts_with("conductor 'node-7' listens at "), "{line}");
    assert_eq!(home.run(&["ping", "--server", "node-7"]).await.code, Some(0));
    home.run(&["ping", "--server", "node-8"])
        .await
        .failed(3, &["no server", "server 'node-8' of topic 'conductor'"]);
    serving.signal(Signal::INT);
    assert_eq!(serving.ended().await.code(), Some(0));
}

#[tokio::test]
async fn it_comes_back_after_a_kill() {
    let home = Home::new();
    let (killed, _) = home.serve(&[]).await;
    killed.signal(Signal::KILL);
    assert_eq!(killed.ended().await.code(), None);
    home.run(&["ping"]).await.failed(5, &[]);

    let (_serving, _) = home.serve(&[]).await;
    assert_eq!(home.run(&["ping"]).await.code, Some(0));
}

#[tokio::test]
async fn only_one_can_have_a_socket() {
    let home = Home::new();
    let (_serving, _) = home.serve(&[]).await;
    home.run(&["serve"])
        .await
        .failed(5, &["another process serves", "rabbit://"]);
    assert_eq!(home.run(&["ping"]).await.code, Some(0));
}

#[tokio::test]
async fn any_socket_will_do_and_the_next_command_names_it() {
    let home = Home::new();
    let url = format!("unix://{}/sockets/own.sock", home.path("").display());
    let (_serving, line) = home
        .serve(&["serve", "--transport-url", &url, "--exchange", "nova"])
        .await;
    let (_, command) = line.split_once("ask it with: conductor ").unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    assert!(
        words.contains(&"--transport-url") && words.contains(&"nova"),
        "{command}"
    );
    assert_eq!(home.run(&words).await.code, Some(0));
    // Topics of other exchanges are other topics.
    home.run(&["ping", "--transport-url", &url])
        .await
        .failed(3, &["'openstack'", "--exchange"]);
}

#[tokio::test]
async fn a_place_that_cannot_be_listened_at_is_an_error() {
    let home = Home::new();
    let file = home.file("conductor.sock", "not a socket");
    home.run(&["serve"])
        .await
        .failed(5, &["conductor.sock", "not a socket"]);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "not a socket");
    home.run(&["serve", "--transport-url", "tcp://192.0.2.1:7000"])
        .await
        .failed(5, &["192.0.2.1:7000"]);
    home.run(&["serve", "--host", "a.#"]).await.failed(2, &["'a.#'"]);
}

#[tokio::test]
async fn worker_processes_need_a_broker() {
    let home = Home::new();
    home.run(&["serve", "--workers", "2"])
        .await
        .failed(2, &["--workers", "conductor.sock", "rabbit://"]);
    home.run(&["serve", "--workers", "0"])
        .await
        .failed(2, &["--workers", "from 1 to"]);
}

#[tokio::test]
async fn what_is_logged_follows_the_settings_on_sighup() {
    let home = Home::new();
    let path = home.file("own.toml", "[log]\nfilter = \"error\"\n");
    let mut command = home.command(&["--config", &path]);
    let mut serving = Running::new(command.stderr(Stdio::piped()));
    serving.line().await;
    let mut logs = serving.errors();
    home.file(
        "own.toml",
        "[log]\nfilter = \"conductor=info,rpc_runtime=info\"\n",
    );
    serving.signal(Signal::HUP);
    logged(&mut logs, "reloaded").await;
    // Settings that are wrong leave all as it is.
    home.file("own.toml", "[log]\nfilter = \"a=b=c\"\n");
    serving.signal(Signal::HUP);
    logged(&mut logs, "the settings stay as they are").await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await.code(), Some(0));
}

/// Waits for a line with this text.
async fn logged(logs: &mut Lines<BufReader<ChildStderr>>, text: &str) {
    let search = async {
        while let Some(line) = logs.next_line().await.unwrap() {
            if line.contains(text) {
                return;
            }
        }
        panic!("the logs end without {text:?}");
    };
    timeout(Duration::from_secs(20), search).await.expect(text);
}
