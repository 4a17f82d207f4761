//! `conductor db` and `conductor service`: on a database of their own, as an operator uses them.

use std::os::unix::fs::PermissionsExt as _;

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
