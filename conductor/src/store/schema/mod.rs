//! The tables, as data: Nova's own, and what only 2013.2 has. It knows no SQL.
//!
//! [`Schema::known`] is what the conductor would make of an empty database. A database that Nova made may lack some
//! of it: [`Schema::present`] is what is left, and what the store works with.

mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use parse::SchemaError;

/// Written by `tests/nova/schema.py`.
const NOVA: (&str, &str) = ("nova.tables", include_str!("nova.tables"));
/// Written by hand.
const HAVANA: (&str, &str) = ("havana.tables", include_str!("havana.tables"));

/// Tables by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    tables: BTreeMap<String, Table>,
    /// In the order in which they can be made: a table comes after those it refers to.
    order: Vec<String>,
}

/// A table: its columns, in order, and what holds between them.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) references: Vec<Reference>,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    pub(super) key: bool,
    pub(super) default: Option<Filling>,
}

/// What a column holds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Kind {
    Boolean,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInteger,
    Float,
    /// UTC.
    Time,
    /// At most so many characters; as many as the database takes, if no length is given.
    Text(Option<u32>),
    /// Longer than `Text(None)` in MySQL.
    MediumText,
    /// One of these texts, and the name of the type in PostgreSQL.
    Enum {
        name: String,
        values: Vec<String>,
    },
    /// A network address, which PostgreSQL has a type for.
    Inet,
    /// A network, likewise.
    Cidr,
}

/// What an inserted row gets that does not say.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Filling {
    /// The moment of the insertion.
    Now,
    Integer(i64),
    Boolean(bool),
    Text(String),
}

/// An index, or a promise that values are unique.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Index {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// How many characters of a column MySQL's takes, if not all.
    pub(super) prefixes: Vec<Option<u32>>,
    pub(super) uniqueness: Uniqueness,
}

/// How the values of an index are kept unique; databases tell a constraint from an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Uniqueness {
    None,
    Constraint,
    Index,
}

/// A column whose values are those of another table's.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Reference {
    pub(super) column: String,
    pub(super) table: String,
    pub(super) to: String,
}

impl Schema {
    /// Every table the conductor knows, with every column.
    pub(crate) fn known() -> Result<Self, SchemaError> {
        let mut schema = Self::default();
        for (file, text) in [NOVA, HAVANA] {
            parse::read(file, text, &mut schema.tables)?;
        }
        schema.order = schema.ordered()?;
        Ok(schema)
    }

    pub(crate) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// All tables, each after those it refers to.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.order.iter().filter_map(|name| self.tables.get(name))
    }

    /// What of it a database has, given the columns of its tables.
    pub(super) fn present(&self, found: &BTreeMap<String, BTreeSet<String>>) -> Self {
        let mut present = self.clone();
        present.tables.retain(|name, table| {
            let columns = found.get(name);
            table
                .columns
                .retain(|column| columns.is_some_and(|columns| columns.contains(&*column.name)));
            !table.columns.is_empty()
        });
        present.order.retain(|name| present.tables.contains_key(name));
        present
    }

    /// What it has and another has not: tables, and columns with their tables.
    pub(super) fn beyond(&self, other: &Self) -> Vec<String> {
        let mut beyond = Vec::new();
        for table in self.tables.values() {
            match other.table(&table.name) {
                None => beyond.push(table.name.clone()),
                Some(there) => {
                    let lacking = table.columns.iter().filter(|column| !there.has(&column.name));
                    beyond.extend(lacking.map(|column| format!("{}.{}", table.name, column.name)));
                }
            }
        }
        beyond
    }

    fn ordered(&self) -> Result<Vec<String>, SchemaError> {
        let mut order: Vec<String> = Vec::with_capacity(self.tables.len());
        while order.len() < self.tables.len() {
            let made = order.len();
            for (name, table) in &self.tables {
                let ready = table
                    .references
                    .iter()
                    .all(|reference| reference.table == *name || order.contains(&reference.table));
                if ready && !order.contains(name) {
                    order.push(name.clone());
                }
            }
            if order.len() == made {
                let stuck = self.tables.keys().find(|name| !order.contains(name));
                return Err(SchemaError::Order {
                    table: stuck.cloned().unwrap_or_default(),
                });
            }
        }
        Ok(order)
    }
}

impl Table {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| *column.name == *name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// The column that the database counts up by itself, if there is one.
    pub(super) fn counted(&self) -> Option<&Column> {
        self.column("id").filter(|id| id.key && id.kind.is_integer())
    }

    /// The index or constraint of that name.
    pub(super) fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// What keeps the values of these columns unique.
    pub(super) fn unique_over(&self, columns: &[String]) -> Option<&Index> {
        let unique = |index: &&Index| index.uniqueness != Uniqueness::None;
        self.indexes
            .iter()
            .filter(unique)
            .find(|index| index.columns == columns)
    }
}

impl Column {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }
}

impl Kind {
    pub(super) fn is_integer(&self) -> bool {
        matches!(self, Self::Integer | Self::BigInteger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_can_be_read() {
        let schema = Schema::known().unwrap();
        let services = schema.table("services").unwrap();
        let id = services.counted().unwrap();
        assert!(id.key && !id.nullable);
        assert_eq!(services.column("host").unwrap().kind, Kind::Text(Some(255)));
        assert_eq!(
            services.column("disabled").unwrap().default,
            Some(Filling::Boolean(false))
        );
        assert_eq!(
            services.index("uniq_services0host0topic0deleted").unwrap(),
            &Index {
                name: "uniq_services0host0topic0deleted".to_owned(),
                columns: ["host", "topic", "deleted"].map(str::to_owned).to_vec(),
                prefixes: vec![None; 3],
                uniqueness: Uniqueness::Constraint,
            }
        );
        assert!(schema.table("tags").unwrap().counted().is_none());
        assert!(
            schema.table("instances").unwrap().has("scheduled_at"),
            "Havana's too"
        );
    }

    #[test]
    fn tables_come_after_those_they_refer_to() {
        let schema = Schema::known().unwrap();
        let mut seen = BTreeSet::new();
        for table in schema.tables() {
            for reference in &table.references {
                assert!(
                    reference.table == table.name || seen.contains(&reference.table),
                    "{} comes before {}",
                    table.name,
                    reference.table
                );
            }
            seen.insert(table.name.clone());
        }
        assert_eq!(seen.len(), schema.tables.len());
    }

    #[test]
    fn what_a_database_lacks_is_absent() {
        let known = Schema::known().unwrap();
        let found = BTreeMap::from([(
            "services".to_owned(),
            BTreeSet::from(["id".to_owned(), "odd".to_owned()]),
        )]);
        let present = known.present(&found);
        assert!(present.table("instances").is_none());
        let services = present.table("services").unwrap();
        assert!(services.has("id") && !services.has("host") && !services.has("odd"));
        assert_eq!(present.tables().count(), 1);
        let absent = known.beyond(&present);
        assert!(absent.contains(&"instances".to_owned()) && absent.contains(&"services.host".to_owned()));
        assert!(!absent.contains(&"services.id".to_owned()));
    }
}
