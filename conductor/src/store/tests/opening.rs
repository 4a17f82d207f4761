//! Whose a database is, and what is said of one that is of no use.

use std::os::unix::fs::PermissionsExt as _;

use tokio::time::timeout;

use crate::store::testing::{LIMIT, Lab, on_every_database};
use crate::store::{OpenError, Origin, Query, Row, Store, StoreError, StoreSettings};

on_every_database!(
    an_empty_one_gets_its_tables_when_wanted,
    one_of_nova_is_left_as_it_is,
    one_of_no_use_is_told_from_others,
    one_that_was_begun_is_completed,
);

async fn opened(lab: &Lab, create: bool) -> Result<Store, OpenError> {
    let settings = StoreSettings {
        create,
        ..StoreSettings::default()
    };
    Store::open(&lab.url, &settings).await
}

async fn refused(lab: &Lab, create: bool) -> OpenError {
    match opened(lab, create).await {
        Err(error) => error,
        Ok(store) => panic!("{store:?}"),
    }
}

async fn an_empty_one_gets_its_tables_when_wanted(lab: Lab) {
    assert!(matches!(refused(&lab, false).await, OpenError::Empty));
    let store = opened(&lab, true).await.unwrap();
    assert_eq!(store.origin(), &Origin::Conductor(1));
    assert!(store.absent().is_empty());
    assert_eq!(opened(&lab, false).await.unwrap().origin(), &Origin::Conductor(1));

    lab.script("UPDATE conductor_schema SET version = 2").await;
    assert!(matches!(refused(&lab, true).await, OpenError::Newer { found: 2 }));
}

/// As much of Nova's tables as it takes to be taken for one: some columns are unknown, others lacking.
const OF_NOVA: &str = "
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
    INSERT INTO alembic_version VALUES ('abc');
    CREATE TABLE instances (id INTEGER, uuid VARCHAR(36), vm_state VARCHAR(255), task_state VARCHAR(255),
        deleted INTEGER, invented INTEGER);
    CREATE TABLE compute_nodes (id INTEGER, hypervisor_hostname VARCHAR(255), vcpus INTEGER, deleted INTEGER);
    CREATE TABLE invented (id INTEGER);";

const SERVICES: &str = "
    CREATE TABLE services (id INTEGER NOT NULL PRIMARY KEY, host VARCHAR(255), binary_ VARCHAR(255),
        topic VARCHAR(255), deleted INTEGER DEFAULT 0);";

/// `binary` is a word of the language in MySQL.
async fn make(lab: &Lab, tables: &str) {
    let quote = if lab.url.to_string().starts_with("mysql") {
        '`'
    } else {
        '"'
    };
    lab.script(&tables.replace("binary_", &format!("{quote}binary{quote}")))
        .await;
}

async fn one_of_nova_is_left_as_it_is(lab: Lab) {
    make(&lab, OF_NOVA).await;
    make(&lab, SERVICES).await;
    let store = opened(&lab, true).await.unwrap();
    assert_eq!(store.origin(), &Origin::Nova(Some("abc".to_owned())));
    let absent = store.absent();
    assert!(absent.contains(&"migrations".to_owned()) && absent.contains(&"services.disabled".to_owned()));
    assert!(store.schema().table("migrations").is_none());

    // It works with what there is.
    let row = Row::new()
        .with("id", 7)
        .with("host", "a")
        .with("binary", "b")
        .with("topic", "t");
    let stored = store.insert("services", &row).await.unwrap();
    assert_eq!(
        (stored.len(), stored.int("id"), stored.int("deleted")),
        (5, Some(7), Some(0))
    );
    let changes = Row::new().with("topic", "u");
    assert_eq!(store.update(&Query::of("services"), &changes).await.unwrap(), 1);
    let lacking = store
        .update(&Query::of("services").eq("disabled", true), &changes)
        .await;
    assert!(
        matches!(lacking, Err(StoreError::NoSuchColumn { .. })),
        "{lacking:?}"
    );
    let lacking = store.select(&Query::of("migrations")).await;
    assert!(matches!(lacking, Err(StoreError::NoSuchTable(_))), "{lacking:?}");
}

async fn one_of_no_use_is_told_from_others(lab: Lab) {
    lab.script("CREATE TABLE orders (id INTEGER)").await;
    match refused(&lab, true).await {
        OpenError::Foreign { examples } => assert_eq!(examples, ["orders"]),
        other => panic!("{other:?}"),
    }
    lab.script("DROP TABLE orders").await;
    make(&lab, OF_NOVA).await;
    let incomplete = refused(&lab, true).await;
    assert!(
        matches!(&incomplete, OpenError::Incomplete { missing } if missing == &["services"]),
        "{incomplete:?}"
    );
    lab.script("CREATE TABLE services (id INTEGER, host VARCHAR(9), topic VARCHAR(9), deleted INTEGER)")
        .await;
    let told = refused(&lab, true).await.to_string();
    assert!(
        told.contains("lacks services.binary;") && told.contains("nova-manage db sync"),
        "{told}"
    );

    lab.script("DROP TABLE services; DROP TABLE instances; DROP TABLE compute_nodes")
        .await;
    lab.script("CREATE TABLE cell_mappings (id INTEGER)").await;
    assert!(matches!(refused(&lab, true).await, OpenError::ApiDatabase));
}

async fn one_that_was_begun_is_completed(lab: Lab) {
    lab.script(
        "CREATE TABLE conductor_schema (version INTEGER NOT NULL); INSERT INTO conductor_schema VALUES (0)",
    )
    .await;
    assert!(matches!(refused(&lab, false).await, OpenError::Begun));
    let store = opened(&lab, true).await.unwrap();
    assert!(store.absent().is_empty());
    assert_eq!(store.origin(), &Origin::Conductor(1));
}

#[tokio::test]
async fn a_file_is_its_users_alone() {
    let lab = Lab::sqlite();
    timeout(LIMIT, lab.open()).await.unwrap();
    let crate::store::DatabaseUrl::Sqlite(path) = &lab.url else {
        panic!()
    };
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}
