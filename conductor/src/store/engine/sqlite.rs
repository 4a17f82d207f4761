//! SQLite: a file, opened by this process itself.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteQueryResult, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Sqlite};
use tokio::time::{Instant, sleep};

use super::{Done, Engine, Link, bound, drive, safe, values};
use crate::store::error::StoreError;
use crate::store::schema::Table;
use crate::store::sql::{Dialect, Statement};
use crate::store::value::Value;

/// SQLite, with its file.
pub(in crate::store) struct SqliteEngine {
    options: SqliteConnectOptions,
    patience: Duration,
}

impl SqliteEngine {
    /// Makes the file if there is none: only its user may read it, for a database holds secrets.
    pub(in crate::store) fn open(path: &Path, limit: Duration) -> Result<Self, (PathBuf, io::Error)> {
        if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(|error| (directory.to_owned(), error))?;
        }
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err((path.to_owned(), error));
            }
            _ => {}
        }
        let patience = super::patience(limit);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            // Readers then do not wait for the one that writes.
            .journal_mode(SqliteJournalMode::Wal)
            // With that journal, a loss of power may cost the last transactions, never the file.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(patience)
            .disable_statement_logging();
        Ok(Self { options, patience })
    }

    fn done(done: &SqliteQueryResult) -> Done {
        Done {
            rows: done.rows_affected(),
            counted: Some(done.last_insert_rowid()),
        }
    }
}

impl Engine for SqliteEngine {
    type Driver = Sqlite;

    const DIALECT: Dialect = Dialect::Sqlite;

    const TABLES: &'static str = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c \
                                  WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";

    async fn connect(&self) -> Result<Link<Self>, sqlx::Error> {
        const PAUSE: Duration = Duration::from_millis(10);
        let end = Instant::now() + self.patience;
        loop {
            match self.options.connect().await {
                // Of several who change the journal of a new file, SQLite lets one wait, and refuses the others.
                Err(sqlx::Error::Database(error))
                    if primary(&*error) == Some(BUSY) && Instant::now() < end =>
                {
                    sleep(PAUSE).await;
                }
                connected => return connected,
            }
        }
    }

    drive!();

    fn meaning(error: &dyn DatabaseError, table: Option<&Table>, _: Duration) -> StoreError {
        let message = error.message();
        let name = table.map_or("", Table::name).to_owned();
        match (error.kind(), primary(error)) {
            (ErrorKind::UniqueViolation, _) => duplicate(message, table),
            (ErrorKind::ForeignKeyViolation, _) => StoreError::Reference {
                table: name,
                problem:
                    "a row that is referred to is not there, or one that is referred to was to be removed"
                        .to_owned(),
            },
            (_, Some(BUSY | LOCKED)) => StoreError::Busy(message.to_owned()),
            (_, Some(CANTOPEN | IOERR | NOTADB | READONLY | FULL)) => {
                StoreError::Unreachable(message.to_owned())
            }
            _ => StoreError::Database(message.to_owned()),
        }
    }
}

const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READONLY: u32 = 8;
const IOERR: u32 = 10;
const FULL: u32 = 13;
const CANTOPEN: u32 = 14;
const NOTADB: u32 = 26;

/// The result code without what extends it.
fn primary(error: &dyn DatabaseError) -> Option<u32> {
    error.code()?.parse::<u32>().ok().map(|code| code & 0xff)
}

/// `UNIQUE constraint failed: services.host, services.topic, services.deleted`.
fn duplicate(message: &str, table: Option<&Table>) -> StoreError {
    let columns: Vec<String> = message
        .rsplit(": ")
        .next()
        .unwrap_or_default()
        .split(", ")
        .map(|column| column.rsplit('.').next().unwrap_or(column).to_owned())
        .collect();
    StoreError::Duplicate {
        table: table.map_or("", Table::name).to_owned(),
        constraint: table
            .and_then(|table| table.unique_over(&columns))
            .map(|index| index.name.clone()),
        columns,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::try_join_all;

    use super::*;
    use crate::store::DatabaseUrl;
    use crate::store::testing::{LIMIT, Lab};

    /// They all change its journal.
    #[tokio::test]
    async fn a_new_file_is_opened_by_many_at_once() {
        for _ in 0..100 {
            let lab = Lab::sqlite();
            let DatabaseUrl::Sqlite(path) = &lab.url else {
                panic!("no file");
            };
            let engines: Vec<_> = (0..8).map(|_| SqliteEngine::open(path, LIMIT).unwrap()).collect();
            try_join_all(engines.iter().map(Engine::connect)).await.unwrap();
        }
    }
}
