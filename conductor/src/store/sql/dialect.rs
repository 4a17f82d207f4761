//! What databases write differently. The database converts: whatever the type of a column, what travels is a boolean,
//! an integer, a float or a text.

use super::Writer;
use super::values::{Form, Parameter};
use crate::store::schema::{Column, Kind};

/// The SQL of a database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) enum Dialect {
    Sqlite,
    Postgres,
    /// MariaDB's as well.
    MySql,
}

impl Dialect {
    /// Writes a name, so that it may be a word of the language: `binary` and `key` are columns.
    pub(super) fn name(self, text: &mut String, name: &str) {
        let quote = if self == Self::MySql { '`' } else { '"' };
        text.push(quote);
        text.push_str(name);
        text.push(quote);
    }

    /// Writes the place that the value of a number is bound to.
    pub(super) fn place(self, text: &mut String, number: usize) {
        match self {
            Self::Postgres => {
                text.push('$');
                text.push_str(&number.to_string());
            }
            Self::Sqlite | Self::MySql => text.push('?'),
        }
    }

    /// Whether a statement that writes can answer what it wrote. MariaDB can, MySQL cannot.
    pub(super) fn returns(self) -> bool {
        self != Self::MySql
    }

    /// How a transaction starts. SQLite's is one that may write from the start: one that reads first fails when
    /// another has written in between, without waiting.
    pub(in crate::store) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres | Self::MySql => "BEGIN",
        }
    }

    /// Lets one alone make the tables, and ends that. Where it can be, the making is a transaction; where it cannot,
    /// [`is_alone`](Self::is_alone) tells whether it came to that.
    pub(in crate::store) fn alone(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("BEGIN IMMEDIATE", "COMMIT"),
            Self::Postgres => ("BEGIN; SELECT pg_advisory_xact_lock(7214906)", "COMMIT"),
            Self::MySql => (
                // Its locks are those of all databases. It is waited for as for any lock.
                "SET @alone = CONCAT('conductor_schema.', LEFT(DATABASE(), 40)); \
                 DO GET_LOCK(@alone, @@innodb_lock_wait_timeout)",
                "DO RELEASE_LOCK(@alone)",
            ),
        }
    }

    /// What answers 1 to whoever makes the tables alone, where waiting for it in vain is no error.
    pub(in crate::store) fn is_alone(self) -> Option<&'static str> {
        match self {
            Self::Sqlite | Self::Postgres => None,
            Self::MySql => Some("SELECT CAST(IS_USED_LOCK(@alone) = CONNECTION_ID() AS SIGNED)"),
        }
    }

    /// The type that an integer of 64 bits is read from.
    pub(in crate::store) fn integer(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => "bigint",
            Self::MySql => "SIGNED",
        }
    }

    /// How a column is read.
    pub(super) fn form(self, kind: &Kind) -> Form {
        match kind {
            Kind::Boolean => Form::Bool,
            Kind::Integer | Kind::BigInteger => Form::Int,
            // MySQL's have single precision: 0.1 as a double would be 0.10000000149.
            Kind::Float if self == Self::MySql => Form::FloatText,
            Kind::Float => Form::Float,
            Kind::Time => Form::Time,
            Kind::Text(_) | Kind::MediumText | Kind::Enum { .. } | Kind::Inet | Kind::Cidr => Form::Text,
        }
    }
}

impl Writer {
    /// A column, as it is read.
    pub(super) fn read(&mut self, column: &Column) {
        let (before, after) = match (self.dialect, &column.kind) {
            (Dialect::Sqlite, _) => ("", ""),
            (Dialect::Postgres, Kind::Integer) => ("CAST(", " AS bigint)"),
            (Dialect::Postgres, Kind::Float) => ("CAST(", " AS double precision)"),
            (Dialect::Postgres, Kind::Time | Kind::Enum { .. } | Kind::Cidr) => ("CAST(", " AS text)"),
            (Dialect::Postgres, Kind::Inet) => ("host(", ")"),
            (Dialect::Postgres, _) => ("", ""),
            (Dialect::MySql, Kind::Float | Kind::Time) => ("CAST(", " AS CHAR)"),
            (Dialect::MySql, _) => ("", ""),
        };
        self.push(before).name(&column.name).push(after);
    }

    /// A column, as it is compared.
    pub(super) fn compared(&mut self, column: &Column) {
        match (self.dialect, &column.kind) {
            // As texts: what is no address and none of the values is different, and not a mistake.
            (Dialect::Postgres, Kind::Enum { .. } | Kind::Inet | Kind::Cidr) => self.read(column),
            _ => {
                self.name(&column.name);
            }
        }
    }

    /// A value that a column is compared with.
    pub(super) fn operand(&mut self, column: &Column, parameter: Parameter) {
        match (self.dialect, &column.kind) {
            (Dialect::Postgres, Kind::Time) => self.cast(parameter, "timestamp"),
            (Dialect::MySql, Kind::Time) => self.cast(parameter, "DATETIME(6)"),
            _ => {
                self.bind(parameter);
            }
        }
    }

    /// A value that a column gets.
    pub(super) fn written(&mut self, column: &Column, parameter: Parameter) {
        match (self.dialect, &column.kind) {
            (Dialect::Postgres, Kind::Time) => self.cast(parameter, "timestamp"),
            (Dialect::Postgres, Kind::Inet | Kind::Cidr) => self.cast(parameter, "inet"),
            (Dialect::Postgres, Kind::Enum { name, .. }) => self.cast(parameter, &format!("\"{name}\"")),
            _ => {
                self.bind(parameter);
            }
        }
    }

    fn cast(&mut self, parameter: Parameter, to: &str) {
        self.push("CAST(").bind(parameter).push(" AS ").push(to).push(")");
    }
}
