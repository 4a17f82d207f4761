//! The statements that make a table, as Nova's own migrations leave it.

use super::{Dialect, Writer};
use crate::store::schema::{Column, Index, Kind, Table, Uniqueness};

/// Makes a table, with all that belongs to it: the statements, in order.
pub(in crate::store) fn create(dialect: Dialect, table: &Table) -> Vec<String> {
    let mut statements = Vec::new();
    if dialect == Dialect::Postgres {
        statements.extend(table.columns.iter().filter_map(create_type));
    }
    statements.push(create_table(dialect, table));
    // MySQL's are part of the table, which takes a third of the time.
    for index in table.indexes.iter().filter(|_| dialect != Dialect::MySql) {
        let mut writer = Writer::new(dialect, "CREATE ");
        match index.uniqueness {
            Uniqueness::Constraint => continue,
            Uniqueness::Index => writer.push("UNIQUE INDEX "),
            Uniqueness::None => writer.push("INDEX "),
        };
        writer
            .name(&index.name)
            .push(" ON ")
            .name(&table.name)
            .indexed(index);
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
    for index in &table.indexes {
        let mysql = dialect == Dialect::MySql;
        match index.uniqueness {
            Uniqueness::Constraint => writer.push(", CONSTRAINT ").name(&index.name).push(" UNIQUE"),
            Uniqueness::Index if mysql => writer.push(", UNIQUE INDEX ").name(&index.name),
            Uniqueness::None if mysql => writer.push(", INDEX ").name(&index.name),
            Uniqueness::Index | Uniqueness::None => continue,
        };
        writer.indexed(index);
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

    /// The columns of an index.
    fn indexed(&mut self, index: &Index) {
        let mysql = self.dialect == Dialect::MySql;
        self.push(" (");
        self.list(
            index.columns.iter().zip(&index.prefixes),
            ", ",
            |writer, (column, prefix)| {
                writer.name(column);
                if let Some(prefix) = prefix.filter(|_| mysql) {
                    writer.push(&format!("({prefix})"));
                }
            },
        );
        self.push(")");
    }
}
