//! What may go wrong with the database, in kinds that a manager can tell apart.

use std::time::Duration;

use super::schema::{Column, Table};

/// An operation of the store that failed. Unless it says otherwise, nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("this database has no table {0}")]
    NoSuchTable(String),
    #[error("this database has no column {column} in {table}")]
    NoSuchColumn { table: String, column: String },
    #[error("{table}.{column}: {problem}")]
    Invalid {
        table: String,
        column: String,
        problem: String,
    },
    /// The store does not do that, on any database.
    #[error("not supported: {0}")]
    Unsupported(String),
    #[error("{table} has a row with the same {} already", columns.join(", "))]
    Duplicate {
        table: String,
        /// The name of the constraint, or of the index, where it is known.
        constraint: Option<String>,
        columns: Vec<String>,
    },
    /// The row that is referred to is not there, or the row that is deleted is referred to.
    #[error("{table}: {problem}")]
    Reference { table: String, problem: String },
    /// Others are in the way: they hold what this needs, or all connections are in use.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// Two transactions wanted what the other had, and this one was given up.
    #[error("a transaction was given up for another: {0}")]
    Conflict(String),
    /// No answer in time. Whether the operation was done is not known.
    #[error("the database did not answer within {0:?}")]
    Timeout(Duration),
    /// There is no connection, or it broke. When it broke, it is not known whether the operation was done.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// An operation of this transaction failed before, which ended it.
    #[error("the transaction has failed already")]
    Ended,
    /// What the database says that has no kind of its own.
    #[error("the database answered: {0}")]
    Database(String),
}

impl StoreError {
    pub(super) fn invalid(table: &Table, column: &Column, problem: String) -> Self {
        Self::Invalid {
            table: table.name().to_owned(),
            column: column.name().to_owned(),
            problem,
        }
    }

    /// The column of a table, or what to say when there is none.
    pub(super) fn column<'a>(table: &'a Table, name: &str) -> Result<&'a Column, Self> {
        table.column(name).ok_or_else(|| Self::NoSuchColumn {
            table: table.name().to_owned(),
            column: name.to_owned(),
        })
    }
}
