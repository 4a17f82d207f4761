//! The databases: one file each says how it is connected to, what its tables are, and what its errors mean. What they
//! have in common is written once, over [`Engine`].

mod mysql;
mod postgres;
mod sqlite;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sqlx::encode::Encode;
use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::{Arguments, AssertSqlSafe, ColumnIndex, Connection, Database, Decode, Type};

use super::error::StoreError;
use super::schema::Table;
use super::sql::{Dialect, Form, Insertion, Parameter, Statement};
use super::value::Value;

pub(super) use mysql::MySqlEngine;
pub(super) use postgres::PostgresEngine;
pub(super) use sqlite::SqliteEngine;

/// The columns of the tables of a database.
pub(super) type Found = BTreeMap<String, BTreeSet<String>>;

/// A database, as the store needs it.
pub(super) trait Engine: Send + Sync + 'static {
    /// Its driver.
    type Driver: Database;

    const DIALECT: Dialect;

    /// A new connection, ready for use.
    fn connect(&self) -> impl Future<Output = Result<Link<Self>, sqlx::Error>> + Send;

    /// Runs a statement that answers rows.
    fn rows(
        link: &mut Link<Self>,
        statement: &Statement,
    ) -> impl Future<Output = Result<Vec<Vec<Value>>, sqlx::Error>> + Send;

    /// Runs a statement that answers none.
    fn run(
        link: &mut Link<Self>,
        statement: &Statement,
    ) -> impl Future<Output = Result<Done, sqlx::Error>> + Send;

    /// Runs statements that are not worth preparing.
    fn script(link: &mut Link<Self>, text: String) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The statement that answers all tables with their columns, as two texts a row.
    const TABLES: &'static str;

    /// What an error of the database means for a table.
    fn meaning(error: &dyn DatabaseError, table: Option<&Table>, limit: Duration) -> StoreError;
}

/// A connection.
pub(super) type Link<E> = <<E as Engine>::Driver as Database>::Connection;

/// What a statement did that answers no rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    /// How many rows it found to change.
    pub(super) rows: u64,
    /// The key that was counted up for an inserted row.
    pub(super) counted: Option<i64>,
}

/// How long the database itself waits for what others hold: a little less than whoever waits for the database, who
/// then hears what it was.
fn patience(limit: Duration) -> Duration {
    limit - limit / 8
}

/// Inserts, and answers what was stored.
pub(super) async fn insert<E: Engine>(
    link: &mut Link<E>,
    insertion: &Insertion,
) -> Result<Vec<Vec<Value>>, sqlx::Error> {
    match insertion {
        Insertion::Answered(statement) => E::rows(link, statement).await,
        Insertion::Read {
            insert,
            read,
            counted,
        } => {
            let done = E::run(link, insert).await?;
            if !counted {
                return E::rows(link, read).await;
            }
            let mut read = read.clone();
            if let Some(key) = read.parameters.first_mut() {
                *key = Parameter::Int(done.counted);
            }
            E::rows(link, &read).await
        }
    }
}

/// All tables of a database, with their columns.
pub(super) async fn found<E: Engine>(link: &mut Link<E>) -> Result<Found, sqlx::Error> {
    let statement = Statement {
        text: E::TABLES.to_owned(),
        parameters: Vec::new(),
        forms: vec![Form::Text, Form::Text],
    };
    let mut found = Found::new();
    for row in E::rows(link, &statement).await? {
        if let [Value::Text(table), Value::Text(column)] = &row[..] {
            found.entry(table.clone()).or_default().insert(column.clone());
        }
    }
    Ok(found)
}

/// Whether a connection still answers.
pub(super) async fn answers<E: Engine>(link: &mut Link<E>) -> bool {
    link.ping().await.is_ok()
}

/// What an error means.
pub(super) fn meaning<E: Engine>(error: &sqlx::Error, table: Option<&Table>, limit: Duration) -> StoreError {
    match error {
        sqlx::Error::Database(error) => E::meaning(&**error, table, limit),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => {
            StoreError::Unreachable(error.to_string())
        }
        other => StoreError::Database(other.to_string()),
    }
}

/// Whether a connection is of no use after an error.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    !matches!(error, sqlx::Error::Database(_))
}

/// What is bound to a statement.
fn bound<D: Database>(statement: &Statement) -> Result<D::Arguments, BoxDynError>
where
    for<'t> Option<bool>: Encode<'t, D> + Type<D>,
    for<'t> Option<i64>: Encode<'t, D> + Type<D>,
    for<'t> Option<f64>: Encode<'t, D> + Type<D>,
    for<'t> Option<String>: Encode<'t, D> + Type<D>,
{
    let mut arguments = D::Arguments::default();
    for parameter in &statement.parameters {
        match parameter {
            Parameter::Bool(value) => arguments.add(*value)?,
            Parameter::Int(value) => arguments.add(*value)?,
            Parameter::Float(value) => arguments.add(*value)?,
            Parameter::Text(value) => arguments.add(value.clone())?,
        }
    }
    Ok(arguments)
}

/// The values of a row.
fn values<R: sqlx::Row>(row: &R, forms: &[Form]) -> Result<Vec<Value>, sqlx::Error>
where
    usize: ColumnIndex<R>,
    for<'r> Option<bool>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<f64>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    let value = |(at, form): (usize, &Form)| {
        Ok(match form {
            Form::Bool => row.try_get::<Option<bool>, _>(at)?.into(),
            Form::Int => row.try_get::<Option<i64>, _>(at)?.into(),
            Form::Float => row.try_get::<Option<f64>, _>(at)?.into(),
            Form::Text => row.try_get::<Option<String>, _>(at)?.into(),
            Form::Time => read_as(row.try_get::<Option<String>, _>(at)?, at, Value::Time)?,
            Form::FloatText => read_as(row.try_get::<Option<String>, _>(at)?, at, Value::Float)?,
        })
    };
    forms.iter().enumerate().map(value).collect()
}

/// A text, as what it is written for.
fn read_as<T>(text: Option<String>, at: usize, value: impl Fn(T) -> Value) -> Result<Value, sqlx::Error>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    match text {
        None => Ok(Value::Null),
        Some(text) => text
            .parse()
            .map(value)
            .map_err(|error| sqlx::Error::ColumnDecode {
                index: at.to_string(),
                source: Box::new(error),
            }),
    }
}

/// What a driver does for [`Engine`]: the same for each, but for the types.
macro_rules! drive {
    () => {
        async fn rows(link: &mut Link<Self>, statement: &Statement) -> Result<Vec<Vec<Value>>, sqlx::Error> {
            let arguments = bound::<Self::Driver>(statement);
            let rows = sqlx::query_with(
                safe(&statement.text),
                arguments.map_err(sqlx::Error::Encode)?,
            )
            .fetch_all(link)
            .await?;
            rows.iter()
                .map(|row| values(row, &statement.forms))
                .collect()
        }

        async fn run(link: &mut Link<Self>, statement: &Statement) -> Result<Done, sqlx::Error> {
            let arguments = bound::<Self::Driver>(statement);
            let done = sqlx::query_with(
                safe(&statement.text),
                arguments.map_err(sqlx::Error::Encode)?,
            )
            .execute(link)
            .await?;
            Ok(Self::done(&done))
        }

        async fn script(link: &mut Link<Self>, text: String) -> Result<(), sqlx::Error> {
            sqlx::raw_sql(AssertSqlSafe(text)).execute(link).await?;
            Ok(())
        }
    };
}
use drive;

/// A statement that the module `sql` wrote: all names in it are those of the schema, and all values are bound.
fn safe(text: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(text.to_owned())
}
