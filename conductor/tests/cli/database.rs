//! `conductor db` and `conductor service`: on a database of their own, as an operator uses them.

use std::os::unix::fs::PermissionsExt as _;

use rpc_tests::program::Ran;
use serde_json::json;

use crate::program::{Ended as _, Home};

#[tokio::test]
async fn tables_are_made_once_and_only_when_wanted() {
    let home = Home::new();
    let file = home.path("conductor/conductor.sqlite");
    home.run(&["db", "version"])
        .await
        .failed(8, &["no such file", "conductor db sync"]);
    assert!(!file.exists());

    let made = home.run(&["db", "sync", "-o", "json"]).await.answer();
    assert_eq!(made["made_by"], "conductor");
    assert_eq!(made["version"], 1);
    assert_eq!(made["database"], format!("sqlite://{}", file.display()));
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "a database holds secrets");
    let journal = home.path("conductor/conductor.sqlite-wal");
    assert!(!journal.exists(), "the file is whole by itself");

    assert_eq!(home.run(&["db", "sync", "-o", "json"]).await.answer(), made);
    assert_eq!(home.run(&["db", "version", "-o", "json"]).await.answer(), made);
    let checked = home.run(&["db", "check", "-o", "json"]).await.answer();
    assert_eq!(
        (&checked["services"], &checked["absent"]),
        (&json!(0), &json!([]))
    );
    let table = home.run(&["db", "version"]).await;
    assert!(
        table.out.contains("made by") && table.out.contains("conductor"),
        "{table:?}"
    );
}

#[tokio::test]
async fn a_database_that_is_none_of_ours_is_refused() {
    let home = Home::new();
    let url = format!(
        "sqlite://{}",
        home.file("text", "not a database, but long enough to be read as one")
    );
    home.run(&["db", "check", "--database", &url])
        .await
        .failed(8, &[&url, "not a database"]);
    home.run(&["service", "list", "--database", "oracle://u:hunter2@h/n"])
        .await
        .failed(2, &["--database", "'oracle' is no database"]);
    // Nobody listens on port 1 of the loopback.
    let gone = home
        .run(&[
            "db",
            "check",
            "--database",
            "postgresql://u:hunter2@127.0.0.1:1/n",
        ])
        .await;
    gone.failed(8, &["postgresql://u:***@127.0.0.1:1/n", "cannot be reached"]);
    assert!(!gone.err.contains("hunter2"), "{gone:?}");
}

#[tokio::test]
async fn a_service_is_shown_disabled_and_deleted() {
    let home = Home::new();
    let (serving, _) = home.serve(&["serve", "--host", "node-7"]).await;
    let list = async || home.run(&["service", "list", "-o", "json"]).await.answer();
    let listed = list().await;
    let row = &listed[0];
    assert_eq!(
        (
            &row["Binary"],
            &row["Host"],
            &row["Zone"],
            &row["Status"],
            &row["State"]
        ),
        (
            &json!("nova-conductor"),
            &json!("node-7"),
            &json!("internal"),
            &json!("enabled"),
            &json!("up")
        ),
    );
    let id = row["ID"].as_str().unwrap();

    let disabled = home
        .run(&[
            "service",
            "disable",
            "node-7",
            "nova-conductor",
            "--reason",
            "too loud",
        ])
        .await;
    assert_eq!(disabled.out.trim(), "nova-conductor on node-7 is disabled");
    let shown = home.run(&["service", "show", id, "-o", "json"]).await.answer();
    assert_eq!(
        (&shown["Status"], &shown["Disabled Reason"]),
        (&json!("disabled"), &json!("too loud"))
    );
    assert!(
        shown["Updated At"].as_str().unwrap().len() == "2013-10-17T12:00:00.000000".len(),
        "{shown}"
    );
    home.run(&["service", "enable", "node-7"]).await;
    let shown = home
        .run(&["service", "show", "node-7", "-o", "json"])
        .await
        .answer();
    assert_eq!(
        (&shown["Status"], &shown["Disabled Reason"]),
        (&json!("enabled"), &json!(null))
    );

    let mut strict = home.command(&["service", "list", "-o", "json"]);
    strict.env("CONDUCTOR__SERVICE__REPORT_INTERVAL", "0");
    let down = Ran::new(strict.env("CONDUCTOR__SERVICE__SERVICE_DOWN_TIME", "0")).await;
    assert_eq!(down.answer()[0]["State"], "down");
    drop(serving);
    home.run(&["service", "delete", id]).await;
    assert_eq!(list().await, json!([]));
}

#[tokio::test]
async fn there_are_no_services_at_first() {
    let home = Home::new();
    home.run(&["db", "sync"]).await;
    let list = home.run(&["service", "list"]).await;
    assert_eq!(
        list.out.split_whitespace().collect::<Vec<_>>().join(" "),
        "ID Binary Host Zone Status State Updated At"
    );
    assert_eq!(
        home.run(&["service", "list", "-o", "json"]).await.answer(),
        json!([])
    );
    let missing = home
        .run(&["service", "disable", "node-1", "nova-compute", "--reason", "r"])
        .await;
    missing.failed(2, &["no service 'node-1 nova-compute'", "conductor service list"]);
}
