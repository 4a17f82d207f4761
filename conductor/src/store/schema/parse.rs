//! Reads the files of tables: one line a column, an index or a reference.
//!
//! ```text
//! table services                                  (or extend, which adds to a table that is there)
//!   id        integer    key
//!   host      text(255)  null
//!   disabled  boolean    null default false
//!   unique uniq_services0host0topic0deleted(host topic deleted)
//!   index services_host_idx(host)                 (or unique index)
//!   refers host hosts(name)
//! ```

use std::collections::BTreeMap;

use super::{Column, Filling, Index, Kind, Reference, Table, Uniqueness};

/// What is wrong with the description of the tables.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaError {
    #[error("{file}, line {line}: {problem}")]
    Line {
        file: &'static str,
        line: usize,
        problem: String,
    },
    #[error("table {table} refers to a table that is not described, or to one that refers back to it")]
    Order { table: String },
}

/// Adds what a file describes.
pub(super) fn read(
    file: &'static str,
    text: &str,
    tables: &mut BTreeMap<String, Table>,
) -> Result<(), SchemaError> {
    let mut current: Option<String> = None;
    for (at, line) in text.lines().enumerate() {
        let failed = |problem: String| SchemaError::Line {
            file,
            line: at + 1,
            problem,
        };
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            let table = current.as_ref().and_then(|name| tables.get_mut(name));
            let table = table.ok_or_else(|| failed("belongs to no table".to_owned()))?;
            read_member(words, table).map_err(failed)?;
        } else {
            current = Some(read_table(words, tables).map_err(failed)?);
        }
    }
    Ok(())
}

/// `table NAME` or `extend NAME`; the name.
fn read_table(words: &str, tables: &mut BTreeMap<String, Table>) -> Result<String, String> {
    let there = |tables: &BTreeMap<String, Table>, name: &str| tables.contains_key(name);
    match words.split_once(' ') {
        Some(("table", name)) if there(tables, name) => Err(format!("table {name} is described already")),
        Some(("table", name)) => {
            let table = Table {
                name: name.to_owned(),
                columns: Vec::new(),
                indexes: Vec::new(),
                references: Vec::new(),
            };
            tables.insert(name.to_owned(), table);
            Ok(name.to_owned())
        }
        Some(("extend", name)) if there(tables, name) => Ok(name.to_owned()),
        Some(("extend", name)) => Err(format!("there is no table {name} to extend")),
        _ => Err("'table NAME' or 'extend NAME' is expected".to_owned()),
    }
}

fn read_member(words: &str, table: &mut Table) -> Result<(), String> {
    if let Some(rest) = words.strip_prefix("unique index ") {
        table.indexes.push(read_index(rest, Uniqueness::Index)?);
    } else if let Some(rest) = words.strip_prefix("unique ") {
        table.indexes.push(read_index(rest, Uniqueness::Constraint)?);
    } else if let Some(rest) = words.strip_prefix("index ") {
        table.indexes.push(read_index(rest, Uniqueness::None)?);
    } else if let Some(rest) = words.strip_prefix("refers ") {
        table.references.push(read_reference(rest)?);
    } else {
        let column = read_column(words)?;
        if table.has(&column.name) {
            return Err(format!("column {} is described already", column.name));
        }
        table.columns.push(column);
    }
    Ok(())
}

/// `NAME(COLUMN ...)`; of a column written as `host/100` MySQL takes the first characters.
fn read_index(words: &str, uniqueness: Uniqueness) -> Result<Index, String> {
    let (name, columns) = bracketed(words)?;
    let mut index = Index {
        name: name.to_owned(),
        columns: Vec::new(),
        prefixes: Vec::new(),
        uniqueness,
    };
    for column in columns.split_whitespace() {
        let (column, prefix) = match column.split_once('/') {
            Some((column, prefix)) => (column, Some(read_length(prefix)?)),
            None => (column, None),
        };
        index.columns.push(column.to_owned());
        index.prefixes.push(prefix);
    }
    Ok(index)
}

fn read_length(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is no length"))
}

/// `COLUMN TABLE(COLUMN)`.
fn read_reference(words: &str) -> Result<Reference, String> {
    let (column, target) = words
        .split_once(' ')
        .ok_or("'COLUMN TABLE(COLUMN)' is expected")?;
    let (table, to) = bracketed(target)?;
    Ok(Reference {
        column: column.to_owned(),
        table: table.to_owned(),
        to: to.to_owned(),
    })
}

fn bracketed(words: &str) -> Result<(&str, &str), String> {
    words
        .strip_suffix(')')
        .and_then(|open| open.split_once('('))
        .ok_or_else(|| format!("'NAME(COLUMN ...)' is expected, not {words:?}"))
}

/// `NAME KIND [key] [null] [default VALUE]`.
fn read_column(words: &str) -> Result<Column, String> {
    let (name, rest) = words.split_once(' ').ok_or("a column has a name and a kind")?;
    let rest = rest.trim_start();
    // A kind may have words in brackets.
    let end = match (rest.find(' '), rest.find('('), rest.find(')')) {
        (Some(space), Some(open), Some(close)) if open < space => close + 1,
        (Some(space), _, _) => space,
        (None, _, _) => rest.len(),
    };
    let (kind, facts) = rest.split_at(end);
    let mut column = Column {
        name: name.into(),
        kind: read_kind(kind)?,
        nullable: false,
        key: false,
        default: None,
    };
    let mut facts = facts.split_whitespace();
    while let Some(fact) = facts.next() {
        match fact {
            "key" => column.key = true,
            "null" => column.nullable = true,
            "default" => {
                let value = facts.next().ok_or("a default has a value")?;
                column.default = Some(read_default(value, &column.kind)?);
            }
            other => return Err(format!("{other:?} says nothing about a column")),
        }
    }
    Ok(column)
}

fn read_kind(text: &str) -> Result<Kind, String> {
    Ok(match text {
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer,
        "bigint" => Kind::BigInteger,
        "float" => Kind::Float,
        "time" => Kind::Time,
        "text" => Kind::Text(None),
        "mediumtext" => Kind::MediumText,
        "inet" => Kind::Inet,
        "cidr" => Kind::Cidr,
        _ => match bracketed(text)? {
            ("text", length) => Kind::Text(Some(read_length(length)?)),
            ("enum", values) => {
                let (name, values) = values
                    .split_once(": ")
                    .ok_or("'enum(NAME: VALUE ...)' is expected")?;
                Kind::Enum {
                    name: name.to_owned(),
                    values: values.split_whitespace().map(str::to_owned).collect(),
                }
            }
            (other, _) => return Err(format!("{other:?} is no kind of column")),
        },
    })
}

fn read_default(text: &str, kind: &Kind) -> Result<Filling, String> {
    let wrong = || format!("{text:?} is no default of such a column");
    Ok(match kind {
        Kind::Time if text == "now" => Filling::Now,
        Kind::Boolean => Filling::Boolean(text.parse().map_err(|_| wrong())?),
        Kind::Integer | Kind::BigInteger => Filling::Integer(text.parse().map_err(|_| wrong())?),
        Kind::Text(_) | Kind::MediumText => Filling::Text(text.to_owned()),
        Kind::Time | Kind::Float | Kind::Enum { .. } | Kind::Inet | Kind::Cidr => return Err(wrong()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        let column = read_column("locked_by  enum(who: owner admin)  null").unwrap();
        assert!(column.nullable);
        let values = ["owner", "admin"].map(str::to_owned).to_vec();
        assert_eq!(
            column.kind,
            Kind::Enum {
                name: "who".to_owned(),
                values
            }
        );
        let column = read_column("count integer default 7").unwrap();
        assert_eq!(
            (column.nullable, column.default),
            (false, Some(Filling::Integer(7)))
        );
        assert_eq!(read_column("a text").unwrap().kind, Kind::Text(None));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, problem) in [
            ("  id integer", "line 1: belongs to no table"),
            ("tables x", "line 1: 'table NAME'"),
            ("extend x", "line 1: there is no table x"),
            ("table x\n  id number", "line 2: 'NAME(COLUMN ...)'"),
            ("table x\n  id text(a)", "line 2: \"a\" is no length"),
            ("table x\n  index i(a/b)", "line 2: \"b\" is no length"),
            (
                "table x\n  id integer unsigned",
                "line 2: \"unsigned\" says nothing",
            ),
            (
                "table x\n  at time default later",
                "line 2: \"later\" is no default",
            ),
            (
                "table x\n  a text\n  a text",
                "line 3: column a is described already",
            ),
            ("table x\n\ntable x", "line 3: table x is described already"),
        ] {
            let error = read("file", text, &mut BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
