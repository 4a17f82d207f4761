//! Databases of a test's own, and rows to put there, for the tests of whoever uses the store.

use std::path::PathBuf;
use std::time::Duration;

use rpc_tests::databases::{DatabaseServer, Kind};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use uuid::Uuid;

use super::{DatabaseUrl, Row, Store, StoreSettings};

/// What a test may take: more than any needs, on any machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A database for one test, empty at first.
pub(crate) struct Lab {
    pub(crate) url: DatabaseUrl,
    /// What goes when this is dropped; databases of servers go with their server.
    directory: Option<PathBuf>,
}

impl Lab {
    /// One in a file.
    pub(crate) fn sqlite() -> Self {
        let directory = std::env::temp_dir().join(format!("conductor-store-{}", Uuid::new_v4()));
        Self {
            url: DatabaseUrl::Sqlite(directory.join("conductor.sqlite")),
            directory: Some(directory),
        }
    }

    /// One of the shared PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        Self::on(DatabaseServer::shared(Kind::Postgres), Kind::Postgres).await
    }

    /// One of the shared MariaDB.
    pub(crate) async fn mariadb() -> Self {
        Self::on(DatabaseServer::shared(Kind::MariaDb), Kind::MariaDb).await
    }

    /// One of a server.
    pub(crate) async fn on(server: &DatabaseServer, kind: Kind) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        script(kind, &server.own(), format!("CREATE DATABASE {name}")).await;
        Self {
            url: server.url(&name).parse().unwrap(),
            directory: None,
        }
    }

    /// Opens it; a second time as well.
    pub(crate) async fn open(&self) -> Store {
        self.open_with(&StoreSettings::default()).await
    }

    pub(crate) async fn open_with(&self, settings: &StoreSettings) -> Store {
        Store::open(&self.url, settings).await.unwrap()
    }

    /// Runs statements on a connection of their own.
    pub(crate) async fn script(&self, text: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                let options = sqlx::sqlite::SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true);
                let mut connection = options.connect().await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
                    .execute(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
            }
            DatabaseUrl::Postgres(url) => script(Kind::Postgres, url.expose(), text.to_owned()).await,
            DatabaseUrl::MySql(url) => script(Kind::MariaDb, url.expose(), text.to_owned()).await,
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

/// A compute service.
pub(crate) fn compute_service(host: &str) -> Row {
    Row::new()
        .with("host", host)
        .with("binary", "nova-compute")
        .with("topic", "compute")
}

/// A compute node, with no more than the table wants.
pub(crate) fn compute_node(host: &str) -> Row {
    let numbers = [
        "vcpus",
        "memory_mb",
        "local_gb",
        "vcpus_used",
        "memory_mb_used",
        "local_gb_used",
        "hypervisor_version",
    ];
    let node: Row = numbers.into_iter().map(|name| (name, 1)).collect();
    node.with("host", host)
        .with("hypervisor_hostname", host)
        .with("hypervisor_type", "QEMU")
        .with("cpu_info", "")
}

async fn script(kind: Kind, url: &str, text: String) {
    let text = AssertSqlSafe(text);
    match kind {
        Kind::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Kind::MariaDb => {
            let mut connection = sqlx::MySqlConnection::connect(url).await.unwrap();
            sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// Makes a test of each function for each database, within the time that a test may take.
macro_rules! on_every_database {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() {
                let lab = crate::store::testing::Lab::sqlite();
                tokio::time::timeout(crate::store::testing::LIMIT, super::$test(lab)).await.unwrap();
            })*
        }
        mod postgres {
            $(#[tokio::test] async fn $test() {
                let lab = crate::store::testing::Lab::postgres().await;
                tokio::time::timeout(crate::store::testing::LIMIT, super::$test(lab)).await.unwrap();
            })*
        }
        mod mariadb {
            $(#[tokio::test] async fn $test() {
                let lab = crate::store::testing::Lab::mariadb().await;
                tokio::time::timeout(crate::store::testing::LIMIT, super::$test(lab)).await.unwrap();
            })*
        }
    };
}
pub(crate) use on_every_database;
