//! The statements that make a table, as Nova's own migrations leave it.

use super::{Dialect, Writer};
use crate::store::schema::{Column, Kind, Table, Uniqueness};

/// Makes a table, with all that belongs to it: the statements, in order.
pub(in crate::store) fn create(dialect: Dialect, table: &Table) -> Vec<String> {
    let mut statements = Vec::new();
    if dialect == Dialect::Postgres {
        statements.extend(table.columns.iter().filter_map(create_type));
    }
    statements.push(create_table(dialect, table));
    for index in &table.indexes {
        let unique = match index.uniqueness {
            Uniqueness::Constraint => continue,
            Uniqueness::Index => "UNIQUE ",
            Uniqueness::None => "",
        };
        let mut writer = Writer::new(dialect, "CREATE ");
        writer.push(unique).push("INDEX ").name(&index.name);
        writer.push(" ON ").name(&table.name).push(" (");
        writer.list(&index.columns, ", ", |writer, column| {
            writer.indexed(table, column);
        });
        writer.push(")");
        statements.push(writer.text);
    }
    statements
}

fn create_table(dialect: Dialect, table: &Table) -> String {
    let mut writer = Writer::new(dialect, "CREATE TABLE ");
    writer.name(&table.name).push(" (");
    writer.list(&table.columns, ", ", |writer, column| {
        writer.name(&column.name).push(" ");
        writer.column_type(column, table.counted().is_some_and(|id| id.name == column.name));
    });
    writer.push(", PRIMARY KEY (");
    let keys = table.columns.iter().filter(|column| column.key);
    writer.list(keys, ", ", |writer, key| {
        writer.name(&key.name);
    });
    writer.push(")");
    for unique in &table.indexes {
        if unique.uniqueness == Uniqueness::Constraint {
            writer.push(", CONSTRAINT ").name(&unique.name).push(" UNIQUE (");
            writer.list(&unique.columns, ", ", |writer, column| {
                writer.indexed(table, column);
            });
            writer.push(")");
        }
    }
    for reference in &table.references {
        writer
            .push(", FOREIGN KEY (")
            .name(&reference.column)
            .push(") REFERENCES ");
        writer
            .name(&reference.table)
            .push(" (")
            .name(&reference.to)
            .push(")");
    }
    writer.push(")");
    if dialect == Dialect::MySql {
        // Nova's tables: one with another character set could not refer to them.
        writer.push(" ENGINE=InnoDB CHARACTER SET utf8mb3");
    }
    writer.text
}

/// An enumeration is a type of its own in PostgreSQL.
fn create_type(column: &Column) -> Option<String> {
    let Kind::Enum { name, values } = &column.kind else {
        return None;
    };
    let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    Some(format!("CREATE TYPE \"{name}\" AS ENUM ({})", values.join(", ")))
}

impl Writer {
    fn column_type(&mut self, column: &Column, counted: bool) {
        let name = match (&column.kind, self.dialect) {
            (Kind::Integer, Dialect::Postgres) if counted => "serial".to_owned(),
            (Kind::BigInteger, Dialect::Postgres) if counted => "bigserial".to_owned(),
            // What SQLite counts up by itself has this type and no other.
            (Kind::BigInteger, Dialect::Sqlite) if counted => "INTEGER".to_owned(),
            (Kind::Boolean, _) => "BOOLEAN".to_owned(),
            (Kind::Integer, _) => "INTEGER".to_owned(),
            (Kind::BigInteger, _) => "BIGINT".to_owned(),
            (Kind::Float, Dialect::Postgres) => "double precision".to_owned(),
            (Kind::Float, _) => "FLOAT".to_owned(),
            (Kind::Time, Dialect::Postgres) => "timestamp".to_owned(),
            (Kind::Time, _) => "DATETIME".to_owned(),
            (Kind::Text(Some(length)), _) => format!("VARCHAR({length})"),
            (Kind::Text(None), _) => "TEXT".to_owned(),
            (Kind::MediumText, Dialect::MySql) => "MEDIUMTEXT".to_owned(),
            (Kind::MediumText, _) => "TEXT".to_owned(),
            (Kind::Enum { name, .. }, Dialect::Postgres) => format!("\"{name}\""),
            (Kind::Enum { values, .. }, Dialect::MySql) => {
                let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
                format!("ENUM({})", values.join(", "))
            }
            (Kind::Enum { values, .. }, Dialect::Sqlite) => {
                let longest = values.iter().map(String::len).max().unwrap_or_default();
                format!("VARCHAR({longest})")
            }
            (Kind::Inet | Kind::Cidr, Dialect::Postgres) => "inet".to_owned(),
            (Kind::Inet, _) => "VARCHAR(39)".to_owned(),
            (Kind::Cidr, _) => "VARCHAR(43)".to_owned(),
        };
        self.push(&name);
        if !column.nullable {
            self.push(" NOT NULL");
        }
        if counted && self.dialect == Dialect::MySql {
            self.push(" AUTO_INCREMENT");
        }
    }

    /// A column of an index. MySQL takes the start of a text that has no length.
    fn indexed(&mut self, table: &Table, name: &str) {
        self.name(name);
        let long = table
            .column(name)
            .is_some_and(|column| matches!(column.kind, Kind::Text(None) | Kind::MediumText));
        if long && self.dialect == Dialect::MySql {
            self.push("(255)");
        }
    }
}
