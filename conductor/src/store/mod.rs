//! The database: rows of Nova's tables, typed and bounded in time, on SQLite, PostgreSQL or MySQL and MariaDB.
//!
//! The tables are data ([`schema`]), and so are questions ([`Query`]) and rows ([`Row`]): managers say what they want
//! in these, and nothing else of a database is known outside. The store knows no manager, no object and no RPC.

mod engine;
mod error;
mod pool;
mod query;
mod row;
mod schema;
mod setup;
mod sql;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod transaction;
mod url;
mod value;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use engine::{MySqlEngine, PostgresEngine, SqliteEngine};
use pool::{Answer, Pool, Work};
use tokio::time::Instant;

pub(crate) use error::StoreError;
pub(crate) use query::{Comparison, Condition, Order, Query, ReadDeleted, literally};
pub(crate) use row::Row;
pub(crate) use schema::{Kind, Schema, Table};
pub(crate) use setup::{OpenError, Origin};
pub(crate) use transaction::Transaction;
pub(crate) use url::DatabaseUrl;
pub(crate) use value::{Value, now, seconds_ago};

/// How the store deals with its database.
#[derive(Clone, Debug)]
pub(crate) struct StoreSettings {
    /// How long one operation may take, whatever the database does.
    pub(crate) timeout: Duration,
    /// How many connections there may be at a time.
    pub(crate) connections: u32,
    /// Whether the tables of an empty database are made.
    pub(crate) create: bool,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connections: 8,
            create: true,
        }
    }
}

/// An open database. A clone is the same one.
#[derive(Clone)]
pub(crate) struct Store {
    backend: Backend,
    schema: Arc<Schema>,
    origin: Arc<Origin>,
    absent: Arc<[String]>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<Pool<SqliteEngine>>),
    Postgres(Arc<Pool<PostgresEngine>>),
    MySql(Arc<Pool<MySqlEngine>>),
}

/// Does the same with whichever database it is.
macro_rules! with_backend {
    ($backend:expr, $pool:ident => $body:expr) => {
        match $backend {
            Backend::Sqlite($pool) => $body,
            Backend::Postgres($pool) => $body,
            Backend::MySql($pool) => $body,
        }
    };
}

impl Backend {
    fn new(url: &DatabaseUrl, settings: &StoreSettings) -> Result<Self, OpenError> {
        let (limit, size) = (settings.timeout, settings.connections.max(1));
        // The driver's own words may quote the address.
        let address = |_| OpenError::Address("it is no URL".to_owned());
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let engine = SqliteEngine::open(path, limit)
                    .map_err(|(path, error)| OpenError::File { path, error })?;
                Self::Sqlite(Pool::new(engine, limit, size))
            }
            DatabaseUrl::Postgres(url) => {
                let engine = PostgresEngine::open(url.expose(), limit).map_err(address)?;
                Self::Postgres(Pool::new(engine, limit, size))
            }
            DatabaseUrl::MySql(url) => {
                let engine = MySqlEngine::open(url.expose(), limit).map_err(address)?;
                Self::MySql(Pool::new(engine, limit, size))
            }
        })
    }
}

impl Store {
    /// Opens a database, and makes the tables of an empty one.
    pub(crate) async fn open(url: &DatabaseUrl, settings: &StoreSettings) -> Result<Self, OpenError> {
        let backend = Backend::new(url, settings)?;
        let prepared = with_backend!(&backend, pool => {
            let mut lease = pool.lease(Instant::now() + settings.timeout).await?;
            let prepared = setup::prepare(&mut lease, settings.create).await?;
            lease.release();
            prepared
        });
        Ok(Self {
            backend,
            schema: Arc::new(prepared.schema),
            origin: Arc::new(prepared.origin),
            absent: prepared.absent.into(),
        })
    }

    /// The tables and columns that this database has.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Who made its tables.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What it lacks of the tables and columns that are known: a database of Nova has what its release had.
    pub(crate) fn absent(&self) -> &[String] {
        &self.absent
    }

    /// The rows, with all their columns.
    pub(crate) async fn select(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        let table = self.table(query.table())?;
        let work = Work::Rows(sql::select(self.dialect(), table, query)?);
        Ok(rows(table, self.perform(&work, table).await?))
    }

    /// The first of the rows.
    pub(crate) async fn first(&self, query: &Query) -> Result<Option<Row>, StoreError> {
        let first = query.clone().limit(1);
        Ok(self.select(&first).await?.into_iter().next())
    }

    /// How many rows there are.
    pub(crate) async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let table = self.table(query.table())?;
        let work = Work::Rows(sql::count(self.dialect(), table, query)?);
        Ok(number(self.perform(&work, table).await?))
    }

    /// Inserts a row; the row as it was stored: with its id, the time, and what the table fills in.
    pub(crate) async fn insert(&self, table: &str, row: &Row) -> Result<Row, StoreError> {
        let table = self.table(table)?;
        let work = Work::Insert(sql::insert(self.dialect(), table, row)?);
        stored(table, self.perform(&work, table).await?)
    }

    /// Changes rows, and notes when, unless the changes say; how many rows there were.
    pub(crate) async fn update(&self, query: &Query, changes: &Row) -> Result<u64, StoreError> {
        let table = self.table(query.table())?;
        let work = Work::Run(sql::update(self.dialect(), table, query, changes)?);
        Ok(self.perform(&work, table).await?.changed)
    }

    /// Marks rows as deleted; how many there were.
    pub(crate) async fn soft_delete(&self, query: &Query) -> Result<u64, StoreError> {
        let table = self.table(query.table())?;
        let work = Work::Run(sql::soft_delete(self.dialect(), table, query)?);
        Ok(self.perform(&work, table).await?.changed)
    }

    /// Removes rows for good; how many there were.
    pub(crate) async fn delete(&self, query: &Query) -> Result<u64, StoreError> {
        let table = self.table(query.table())?;
        let work = Work::Run(sql::delete(self.dialect(), table, query)?);
        Ok(self.perform(&work, table).await?.changed)
    }

    /// Starts what is done as a whole or not at all.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        Transaction::begin(self).await
    }

    /// Ends what connections there are, before the process does.
    pub(crate) async fn close(&self) {
        with_backend!(&self.backend, pool => pool.close().await);
    }

    fn table(&self, name: &str) -> Result<&Table, StoreError> {
        self.schema
            .table(name)
            .ok_or_else(|| StoreError::NoSuchTable(name.to_owned()))
    }

    fn dialect(&self) -> sql::Dialect {
        match self.backend {
            Backend::Sqlite(_) => sql::Dialect::Sqlite,
            Backend::Postgres(_) => sql::Dialect::Postgres,
            Backend::MySql(_) => sql::Dialect::MySql,
        }
    }

    async fn perform(&self, work: &Work, table: &Table) -> Result<Answer, StoreError> {
        with_backend!(&self.backend, pool => pool.perform(work, table).await)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({:?}, {:?})", self.dialect(), self.origin)
    }
}

/// The rows of an answer.
fn rows(table: &Table, answer: Answer) -> Vec<Row> {
    answer.rows.into_iter().map(|values| table.row(values)).collect()
}

/// The row of an answer to an insertion.
fn stored(table: &Table, answer: Answer) -> Result<Row, StoreError> {
    let row = rows(table, answer).into_iter().next();
    row.ok_or_else(|| StoreError::Database(format!("no row of {} came back that was inserted", table.name())))
}

/// The number of an answer to a counting.
fn number(answer: Answer) -> u64 {
    match answer.rows.into_iter().flatten().next() {
        Some(Value::Int(number)) => u64::try_from(number).unwrap_or_default(),
        _ => 0,
    }
}
