//! PostgreSQL.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgQueryResult};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Postgres};

use super::{Done, Engine, Link, bound, drive, safe, values};
use crate::store::error::StoreError;
use crate::store::schema::Table;
use crate::store::sql::{Dialect, Statement};
use crate::store::value::Value;

/// PostgreSQL, with its address.
pub(in crate::store) struct PostgresEngine {
    options: PgConnectOptions,
    limit: Duration,
}

impl PostgresEngine {
    pub(in crate::store) fn open(url: &str, limit: Duration) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("conductor")
            .disable_statement_logging();
        Ok(Self { options, limit })
    }

    fn done(done: &PgQueryResult) -> Done {
        Done {
            rows: done.rows_affected(),
            counted: None,
        }
    }
}

impl Engine for PostgresEngine {
    type Driver = Postgres;

    const DIALECT: Dialect = Dialect::Postgres;

    const TABLES: &'static str = "SELECT CAST(table_name AS text), CAST(column_name AS text) \
                                  FROM information_schema.columns WHERE table_schema = current_schema()";

    async fn connect(&self) -> Result<Link<Self>, sqlx::Error> {
        let mut link = self.options.connect().await?;
        // A statement that nobody waits for any more ends in the server, too.
        let limit = self.limit.as_millis().max(1);
        let lock = super::patience(self.limit).as_millis().max(1);
        Self::script(
            &mut link,
            format!("SET statement_timeout = {limit}; SET lock_timeout = {lock}"),
        )
        .await?;
        Ok(link)
    }

    drive!();

    fn meaning(error: &dyn DatabaseError, table: Option<&Table>, limit: Duration) -> StoreError {
        let message = error.message().to_owned();
        let name = table.map_or("", Table::name).to_owned();
        let code = error.code().unwrap_or_default();
        match &*code {
            "23505" => duplicate(error, table),
            "23503" => StoreError::Reference {
                table: name,
                problem: detail(error).unwrap_or(message),
            },
            "40001" | "40P01" => StoreError::Conflict(message),
            "55P03" | "53300" => StoreError::Busy(message),
            "57014" => StoreError::Timeout(limit),
            // The server stops, or starts.
            "57P01" | "57P02" | "57P03" => StoreError::Unreachable(message),
            // Who may connect, and to what.
            "28000" | "28P01" | "3D000" => StoreError::Unreachable(message),
            _ => StoreError::Database(message),
        }
    }
}

fn detail(error: &dyn DatabaseError) -> Option<String> {
    error
        .try_downcast_ref::<PgDatabaseError>()?
        .detail()
        .map(str::to_owned)
}

fn duplicate(error: &dyn DatabaseError, table: Option<&Table>) -> StoreError {
    let constraint = error.constraint();
    // The name is another where a table was made by older releases; what it says is in the detail:
    // Key (host, topic, deleted)=(..) already exists.
    let told = || {
        let detail = detail(error)?;
        let (columns, _) = detail.strip_prefix("Key (")?.split_once(")=")?;
        Some(
            columns
                .split(", ")
                .map(|name| name.trim_matches('"').to_owned())
                .collect(),
        )
    };
    let known = || Some(table?.index(constraint?)?.columns.clone());
    StoreError::Duplicate {
        table: table.map_or("", Table::name).to_owned(),
        constraint: constraint.map(str::to_owned),
        columns: told().or_else(known).unwrap_or_default(),
    }
}
