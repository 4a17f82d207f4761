//! MySQL and MariaDB.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlQueryResult};
use sqlx::{AssertSqlSafe, ConnectOptions as _, MySql};

use super::{Done, Engine, Link, bound, drive, safe, values};
use crate::store::error::StoreError;
use crate::store::schema::Table;
use crate::store::sql::{Dialect, Statement};
use crate::store::value::Value;

/// MySQL or MariaDB, with its address.
pub(in crate::store) struct MySqlEngine {
    options: MySqlConnectOptions,
    limit: Duration,
}

impl MySqlEngine {
    pub(in crate::store) fn open(url: &str, limit: Duration) -> Result<Self, sqlx::Error> {
        let options = MySqlConnectOptions::from_str(url)?
            // Both would be set by changing the mode that the line below replaces.
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .disable_statement_logging();
        Ok(Self { options, limit })
    }

    fn done(done: &MySqlQueryResult) -> Done {
        Done {
            rows: done.rows_affected(),
            counted: i64::try_from(done.last_insert_id()).ok().filter(|id| *id > 0),
        }
    }
}

impl Engine for MySqlEngine {
    type Driver = MySql;

    const DIALECT: Dialect = Dialect::MySql;

    const TABLES: &'static str = "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR) \
                                  FROM information_schema.columns WHERE table_schema = DATABASE()";

    async fn connect(&self) -> Result<Link<Self>, sqlx::Error> {
        let mut link = self.options.connect().await?;
        // The mode is that of Nova's own connections: what does not fit is refused, and not cut. A lock is waited for
        // as long as this side waits; MariaDB, which alone reads the comment, ends a statement then, too.
        let (lock, seconds) = (
            super::patience(self.limit).as_secs().max(1),
            self.limit.as_secs().max(1),
        );
        let settings = format!(
            "SET SESSION sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = {lock} \
             /*M!100101 , max_statement_time = {seconds} */"
        );
        Self::script(&mut link, settings).await?;
        Ok(link)
    }

    drive!();

    fn meaning(error: &dyn DatabaseError, table: Option<&Table>, limit: Duration) -> StoreError {
        let message = error.message().to_owned();
        let name = table.map_or("", Table::name).to_owned();
        match number(error) {
            DUPLICATE => duplicate(&message, table),
            1216 | 1217 | 1451 | 1452 => StoreError::Reference {
                table: name,
                problem: message,
            },
            LOCK_TIMEOUT | TOO_MANY_CONNECTIONS | 1203 => StoreError::Busy(message),
            DEADLOCK => StoreError::Conflict(message),
            STATEMENT_TIMEOUT | 1969 => StoreError::Timeout(limit),
            // The server stops; who may connect, and to what.
            1053 | 1044 | 1045 | 1049 | 1130 | 1927 => StoreError::Unreachable(message),
            _ => StoreError::Database(message),
        }
    }
}

const TOO_MANY_CONNECTIONS: u16 = 1040;
const DUPLICATE: u16 = 1062;
const LOCK_TIMEOUT: u16 = 1205;
const DEADLOCK: u16 = 1213;
const STATEMENT_TIMEOUT: u16 = 3024;

fn number(error: &dyn DatabaseError) -> u16 {
    error
        .try_downcast_ref::<MySqlDatabaseError>()
        .map_or(0, MySqlDatabaseError::number)
}

/// `Duplicate entry 'node-1-conductor-0' for key 'uniq_services0host0topic0deleted'`; MySQL 8 writes the table and a
/// dot before the name.
fn duplicate(message: &str, table: Option<&Table>) -> StoreError {
    let constraint = message
        .rsplit_once(" for key '")
        .map(|(_, key)| key.trim_end_matches('\''))
        .map(|key| key.rsplit('.').next().unwrap_or(key).to_owned());
    let columns = constraint
        .as_ref()
        .and_then(|name| table?.index(name))
        .map(|index| index.columns.clone());
    StoreError::Duplicate {
        table: table.map_or("", Table::name).to_owned(),
        constraint,
        columns: columns.unwrap_or_default(),
    }
}
