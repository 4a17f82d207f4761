//! Databases that are slow, locked or gone: typed errors in time, no pile-up, and recovery without help.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rpc_runtime::testing::Relay;
use rpc_tests::databases::{DatabaseServer, Kind};
use sqlx::Connection as _;
use tokio::time::timeout;

use crate::store::sql::Dialect;
use crate::store::testing::{LIMIT, Lab, on_every_database};
use crate::store::{DatabaseUrl, OpenError, Query, Row, Store, StoreError, StoreSettings};

on_every_database!(
    a_full_house_is_told_in_time,
    what_another_holds_is_told_in_time,
    one_of_two_that_block_each_other_gives_way,
);

/// What a deadline may be missed by.
const SLACK: Duration = Duration::from_millis(500);

/// Short, so that tests need not wait long; whole seconds, as MySQL counts.
fn hasty() -> StoreSettings {
    StoreSettings {
        timeout: Duration::from_secs(2),
        connections: 4,
        ..StoreSettings::default()
    }
}

fn service(host: &str) -> Row {
    let row = Row::new().with("host", host).with("binary", "b");
    row.with("topic", host)
}

fn by_host(host: &str) -> Query {
    Query::of("services").eq("host", host)
}

fn one_more() -> Row {
    Row::new().with("report_count", 1)
}

/// What the store answers, within its time.
async fn in_time<T>(answer: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let answer = timeout(LIMIT, answer).await.unwrap();
    let took = start.elapsed();
    assert!(took < hasty().timeout + SLACK, "it took {took:?}");
    answer
}

async fn a_full_house_is_told_in_time(lab: Lab) {
    lab.open().await;
    let settings = StoreSettings {
        connections: 1,
        ..hasty()
    };
    let store = lab.open_with(&settings).await;
    let transaction = store.begin().await.unwrap();
    match in_time(store.count(&Query::of("services"))).await {
        Err(StoreError::Busy(problem)) => assert_eq!(problem, "all 1 connections are in use"),
        other => panic!("{other:?}"),
    }
    drop(transaction);
    in_time(store.count(&Query::of("services"))).await.unwrap();
}

async fn what_another_holds_is_told_in_time(lab: Lab) {
    let store = lab.open().await;
    store.insert("services", &service("a")).await.unwrap();
    let hasty = lab.open_with(&hasty()).await;
    let mut holder = store.begin().await.unwrap();
    holder.update(&by_host("a"), &one_more()).await.unwrap();

    let refused = in_time(hasty.update(&by_host("a"), &one_more())).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    // Who only reads does not wait.
    in_time(hasty.first(&by_host("a"))).await.unwrap();
    holder.commit().await.unwrap();
    assert_eq!(
        in_time(hasty.update(&by_host("a"), &one_more())).await.unwrap(),
        1
    );
}

async fn one_of_two_that_block_each_other_gives_way(lab: Lab) {
    // SQLite has one that writes at a time, so they cannot.
    if matches!(lab.url, DatabaseUrl::Sqlite(_)) {
        return;
    }
    let store = lab.open().await;
    for host in ["a", "b"] {
        store.insert("services", &service(host)).await.unwrap();
    }
    let (mut first, mut second) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    first.update(&by_host("a"), &one_more()).await.unwrap();
    second.update(&by_host("b"), &one_more()).await.unwrap();
    let (to_b, to_a) = (by_host("b"), by_host("a"));
    let more = one_more();
    let crossed = tokio::join!(first.update(&to_b, &more), second.update(&to_a, &more));
    let lost = match crossed {
        (Ok(1), Err(lost)) => {
            first.commit().await.unwrap();
            lost
        }
        (Err(lost), Ok(1)) => {
            second.commit().await.unwrap();
            lost
        }
        both => panic!("{both:?}"),
    };
    assert!(matches!(lost, StoreError::Conflict(_)), "{lost:?}");
}

/// A store whose server is reached by way of a relay, with a service in it.
async fn behind(relay: &Relay, server: &DatabaseServer, kind: Kind) -> Store {
    let lab = Lab::on(server, kind).await;
    lab.open().await.insert("services", &service("a")).await.unwrap();
    let (DatabaseUrl::Postgres(url) | DatabaseUrl::MySql(url)) = &lab.url else {
        panic!("{:?}", lab.url);
    };
    let name = url.expose().rsplit('/').next().unwrap();
    let url = server.url_by(&relay.address().to_string(), name).parse().unwrap();
    Store::open(&url, &hasty()).await.unwrap()
}

async fn stalls(kind: Kind) {
    let server = DatabaseServer::shared(kind);
    let relay = Relay::start(server.address()).await.unwrap();
    let store = behind(&relay, server, kind).await;
    relay.black_hole();
    // Many more than there are connections: none waits longer than one would.
    let query = by_host("a");
    let answers = in_time(join_all((0..20).map(|_| store.first(&query)))).await;
    for answer in answers {
        match answer {
            Err(StoreError::Busy(_) | StoreError::Timeout(_) | StoreError::Unreachable(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    // Who gives up early leaves no connection behind that waits for the rest of its life.
    for _ in 0..8 {
        let given_up = timeout(Duration::from_millis(1), store.first(&query)).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    relay.heal().await.unwrap();
    in_time(store.first(&query)).await.unwrap().unwrap();
}

async fn comes_back(kind: Kind) {
    let server = DatabaseServer::start(kind);
    let lab = Lab::on(&server, kind).await;
    lab.open().await;
    let store = lab.open_with(&hasty()).await;
    store.insert("services", &service("a")).await.unwrap();
    server.stop();
    for _ in 0..3 {
        let gone = in_time(store.update(&by_host("a"), &one_more())).await;
        assert!(matches!(gone, Err(StoreError::Unreachable(_))), "{gone:?}");
    }
    server.start_again();
    assert_eq!(
        in_time(store.update(&by_host("a"), &one_more())).await.unwrap(),
        1
    );
    let row = store.first(&by_host("a")).await.unwrap().unwrap();
    assert_eq!(row.int("report_count"), Some(1));
}

#[tokio::test]
async fn a_postgresql_that_stalls() {
    timeout(LIMIT, stalls(Kind::Postgres)).await.unwrap();
}

#[tokio::test]
async fn a_mariadb_that_stalls() {
    timeout(LIMIT, stalls(Kind::MariaDb)).await.unwrap();
}

#[tokio::test]
async fn a_postgresql_that_goes_and_comes_back() {
    timeout(LIMIT, comes_back(Kind::Postgres)).await.unwrap();
}

#[tokio::test]
async fn a_mariadb_that_goes_and_comes_back() {
    timeout(LIMIT, comes_back(Kind::MariaDb)).await.unwrap();
}

#[tokio::test]
async fn tables_that_another_is_making_are_left_to_it() {
    let lab = Lab::mariadb().await;
    let DatabaseUrl::MySql(url) = &lab.url else {
        panic!()
    };
    let mut other = sqlx::MySqlConnection::connect(url.expose()).await.unwrap();
    let alone = Dialect::MySql.alone();
    sqlx::raw_sql(alone.0).execute(&mut other).await.unwrap();
    match in_time(Store::open(&lab.url, &hasty())).await {
        Err(OpenError::Store(StoreError::Busy(problem))) => assert!(problem.contains("tables"), "{problem}"),
        opened => panic!("{opened:?}"),
    }
    // Nobody else's are.
    Lab::mariadb().await.open_with(&hasty()).await;
    sqlx::raw_sql(alone.1).execute(&mut other).await.unwrap();
    lab.open_with(&hasty()).await;
}

#[tokio::test]
async fn a_file_that_another_program_holds() {
    let lab = Lab::sqlite();
    let store = lab.open_with(&hasty()).await;
    let DatabaseUrl::Sqlite(path) = &lab.url else {
        panic!()
    };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut other = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE")
        .execute(&mut other)
        .await
        .unwrap();
    let refused = in_time(store.insert("services", &service("a"))).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    in_time(store.insert("services", &service("a"))).await.unwrap();
}
