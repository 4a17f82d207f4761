//! What is done as a whole or not at all.

use std::sync::Arc;

use super::engine::{MySqlEngine, PostgresEngine, SqliteEngine};
use super::error::StoreError;
use super::pool::{Answer, Lease, Work};
use super::query::Query;
use super::row::Row;
use super::schema::{Schema, Table};
use super::{Backend, Store, number, rows, sql, stored};

/// Operations that take effect together, at [`commit`](Self::commit). Dropped before, or failed, it has no effect; it
/// has failed as soon as the database refused one of them.
pub(crate) struct Transaction {
    schema: Arc<Schema>,
    dialect: sql::Dialect,
    /// None when it has failed: the database forgets what a connection began that is gone.
    lease: Option<AnyLease>,
}

enum AnyLease {
    Sqlite(Lease<SqliteEngine>),
    Postgres(Lease<PostgresEngine>),
    MySql(Lease<MySqlEngine>),
}

/// Does the same with a connection to whichever database it is.
macro_rules! with_lease {
    ($any:expr, $lease:ident => $body:expr) => {
        match $any {
            AnyLease::Sqlite($lease) => $body,
            AnyLease::Postgres($lease) => $body,
            AnyLease::MySql($lease) => $body,
        }
    };
}

impl Transaction {
    pub(super) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let mut lease = match &store.backend {
            Backend::Sqlite(pool) => AnyLease::Sqlite(pool.lease(pool.deadline()).await?),
            Backend::Postgres(pool) => AnyLease::Postgres(pool.lease(pool.deadline()).await?),
            Backend::MySql(pool) => AnyLease::MySql(pool.lease(pool.deadline()).await?),
        };
        let dialect = store.dialect();
        with_lease!(&mut lease, lease => {
            let deadline = lease.deadline();
            lease.script(dialect.begin(), deadline).await?;
        });
        Ok(Self {
            schema: Arc::clone(&store.schema),
            dialect,
            lease: Some(lease),
        })
    }

    /// The tables and columns that this database has.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The rows, with all their columns.
    pub(crate) async fn select(&mut self, query: &Query) -> Result<Vec<Row>, StoreError> {
        let schema = Arc::clone(&self.schema);
        let table = table(&schema, query.table())?;
        let work = Work::Rows(sql::select(self.dialect, table, query)?);
        Ok(rows(table, self.perform(&work, table).await?))
    }

    /// The first of the rows.
    pub(crate) async fn first(&mut self, query: &Query) -> Result<Option<Row>, StoreError> {
        let first = query.clone().limit(1);
        Ok(self.select(&first).await?.into_iter().next())
    }

    /// How many rows there are.
    pub(crate) async fn count(&mut self, query: &Query) -> Result<u64, StoreError> {
        let schema = Arc::clone(&self.schema);
        let table = table(&schema, query.table())?;
        let work = Work::Rows(sql::count(self.dialect, table, query)?);
        Ok(number(self.perform(&work, table).await?))
    }

    /// Inserts a row; the row as it was stored.
    pub(crate) async fn insert(&mut self, name: &str, row: &Row) -> Result<Row, StoreError> {
        let schema = Arc::clone(&self.schema);
        let table = table(&schema, name)?;
        let work = Work::Insert(sql::insert(self.dialect, table, row)?);
        stored(table, self.perform(&work, table).await?)
    }

    /// Changes rows; how many there were.
    pub(crate) async fn update(&mut self, query: &Query, changes: &Row) -> Result<u64, StoreError> {
        let schema = Arc::clone(&self.schema);
        let table = table(&schema, query.table())?;
        let work = Work::Run(sql::update(self.dialect, table, query, changes)?);
        Ok(self.perform(&work, table).await?.changed)
    }

    /// Marks rows as deleted; how many there were.
    pub(crate) async fn soft_delete(&mut self, query: &Query) -> Result<u64, StoreError> {
        let schema = Arc::clone(&self.schema);
        let table = table(&schema, query.table())?;
        let work = Work::Run(sql::soft_delete(self.dialect, table, query)?);
        Ok(self.perform(&work, table).await?.changed)
    }

    /// Removes rows for good; how many there were.
    pub(crate) async fn delete(&mut self, query: &Query) -> Result<u64, StoreError> {
        let schema = Arc::clone(&self.schema);
        let table = table(&schema, query.table())?;
        let work = Work::Run(sql::delete(self.dialect, table, query)?);
        Ok(self.perform(&work, table).await?.changed)
    }

    /// Lets all of it take effect.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.end("COMMIT").await
    }

    /// Lets none of it take effect; the same as to drop it, but the connection stays.
    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, how: &str) -> Result<(), StoreError> {
        let lease = self.lease.take().ok_or(StoreError::Ended)?;
        with_lease!(lease, lease => {
            let mut lease = lease;
            let deadline = lease.deadline();
            lease.script(how, deadline).await?;
            lease.release();
        });
        Ok(())
    }

    async fn perform(&mut self, work: &Work, table: &Table) -> Result<Answer, StoreError> {
        // It comes back when all went well.
        let mut lease = self.lease.take().ok_or(StoreError::Ended)?;
        let answer = with_lease!(&mut lease, lease => {
            let deadline = lease.deadline();
            lease.perform(work, Some(table), deadline).await?
        });
        self.lease = Some(lease);
        Ok(answer)
    }
}

fn table<'a>(schema: &'a Schema, name: &str) -> Result<&'a Table, StoreError> {
    schema
        .table(name)
        .ok_or_else(|| StoreError::NoSuchTable(name.to_owned()))
}
