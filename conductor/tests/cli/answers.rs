//! `conductor call`: what is sent, and what is made of the answer.

use std::process::Stdio;

use rpc_tests::program::Ran;
use serde_json::{Value, json};

use crate::peer;
use crate::program::{Ended as _, Home};

#[tokio::test]
async fn arguments_namespace_version_and_context_arrive_as_given() {
    let home = Home::new();
    let (_server, _) = peer::serve(&home).await;
    let words = [
        "call",
        "--topic",
        "peer",
        "compute.task.move",
        "--version",
        "1.4",
        "to=node 3",
        "n=3",
        "text=\"3\"",
    ];
    let seen = home.run(&words).await.answer();
    assert_eq!(seen["method"], "move");
    assert_eq!(seen["namespace"], "compute.task");
    assert_eq!(seen["version"], "1.4");
    assert_eq!(seen["args"], json!({"to": "node 3", "n": 3, "text": "3"}));
    assert_eq!(seen["context"]["is_admin"], true);
    assert!(seen["context"]["request_id"].is_string());

    let context = home.file(
        "context.json",
        "{\n \"user_id\": \"u\",\n \"roles\": [\"a\",\n \"b\"]\n}",
    );
    let arguments = "{\n \"deep\": {\n  \"tab\": \"\\t\",\n  \"list\": [1,\n 2]\n }\n}";
    let words = [
        "call",
        "--topic",
        "peer",
        "move",
        "--json",
        "-",
        "--context",
        &context,
    ];
    let seen = Ran::with_input(&mut home.command(&words), arguments)
        .await
        .answer();
    assert_eq!(seen["namespace"], Value::Null);
    assert_eq!(seen["args"], json!({"deep": {"tab": "\t", "list": [1, 2]}}));
    assert_eq!(seen["context"]["user_id"], "u");
    assert_eq!(seen["context"]["roles"], json!(["a", "b"]));
    assert_eq!(seen["context"].get("is_admin"), None);
}

#[tokio::test]
async fn a_timing_goes_to_the_standard_error() {
    let home = Home::new();
    let (_server, _) = peer::serve(&home).await;
    let ran = home.run(&["call", "--topic", "peer", "move"]).await;
    assert!(
        ran.err.starts_with("answered in ") && ran.out.starts_with('{'),
        "{ran:?}"
    );
    assert_eq!(ran.out.lines().count(), 1);
}

#[tokio::test]
async fn casts_and_fan_outs_do_not_wait() {
    let home = Home::new();
    let (_server, mut seen) = peer::serve(&home).await;
    for (how, method) in [("--cast", "one"), ("--fanout", "two")] {
        let ran = home.run(&["call", "--topic", "peer", method, how]).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
        assert_eq!(seen.recv().await.unwrap()["method"], method);
    }
}

#[tokio::test]
async fn every_class_of_error_has_its_code() {
    let home = Home::new();
    let (_server, _) = peer::serve(&home).await;
    let call = async |words: &[&str]| home.run(&[&["call", "--topic", "peer"], words].concat()).await;
    call(&["lost"]).await.failed(
        1,
        &["nova.exception.InstanceNotFound: Instance 7 could not be found."],
    );
    call(&["move", "--server", "elsewhere"])
        .await
        .failed(3, &["'elsewhere'"]);
    let late = call(&["silent", "--timeout", "50ms"]).await;
    late.failed(4, &["no answer from topic 'peer' in ", "no answer after"]);
    assert!(!late.err.contains("answered in"), "{late:?}");
    let elsewhere = ["--transport-url", "unix:///nonexistent/socket", "move"];
    call(&elsewhere).await.failed(5, &["/nonexistent/socket"]);
}

#[tokio::test]
async fn a_reader_that_has_gone_is_no_error() {
    let home = Home::new();
    let (_server, _) = peer::serve(&home).await;
    let mut child = home
        .command(&["call", "--topic", "peer", "big"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(Ran::of(child).await.code, Some(0));

    let mut child = home.command(&["--help"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(Ran::of(child).await.code, Some(0));
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_is_an_error() {
    let home = Home::new();
    let (_server, _) = peer::serve(&home).await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let child = home
        .command(&["call", "--topic", "peer", "move"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Ran::of(child).await.failed(7, &["the answer cannot be written"]);
}
