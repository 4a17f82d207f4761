//! The statements of the store: one function each, from data alone.

use std::sync::Arc;

use super::values::{Form, Parameter, filling, this_moment, written};
use super::{Dialect, Statement, Writer};
use crate::store::error::StoreError;
use crate::store::query::{Order, Query};
use crate::store::row::Row;
use crate::store::schema::{Column, Kind, Table};
use crate::store::value::{Value, now};

/// The statements that insert a row and tell what was stored.
#[derive(Debug)]
pub(in crate::store) enum Insertion {
    /// One that answers the row.
    Answered(Statement),
    /// One that inserts, and one that reads. If the database counts the key, the latter's first value is the key.
    Read {
        insert: Statement,
        read: Statement,
        counted: bool,
    },
}

/// Reads rows, all columns in their order.
pub(in crate::store) fn select(
    dialect: Dialect,
    table: &Table,
    query: &Query,
) -> Result<Statement, StoreError> {
    let mut writer = Writer::new(dialect, "SELECT ");
    writer.columns(table);
    writer.push(" FROM ").name(&table.name).conditions(table, query)?;
    writer.order(table, query)?;
    writer.part(query);
    // A transaction of SQLite has the whole database for itself.
    if query.locked && dialect != Dialect::Sqlite {
        writer.push(" FOR UPDATE");
    }
    Ok(writer.finish(forms(dialect, table)))
}

/// Counts rows.
pub(in crate::store) fn count(
    dialect: Dialect,
    table: &Table,
    query: &Query,
) -> Result<Statement, StoreError> {
    whole(table, query, "count")?;
    let mut writer = Writer::new(dialect, "SELECT COUNT(*) FROM ");
    writer.name(&table.name).conditions(table, query)?;
    Ok(writer.finish(vec![Form::Int]))
}

/// Inserts a row, with what its table fills in.
pub(in crate::store) fn insert(dialect: Dialect, table: &Table, row: &Row) -> Result<Insertion, StoreError> {
    for (name, _) in row.iter() {
        StoreError::column(table, name)?;
    }
    let moment = now();
    let mut values: Vec<(&Column, Parameter)> = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        // A counted key that is null is one that is not given.
        let given = row
            .find(&column.name)
            .filter(|value| !(column.key && value.is_null()))
            .cloned();
        match given.or_else(|| filling(column, moment)) {
            Some(value) => values.push((column, written(table, column, &value)?)),
            None if column.nullable || column.key => {}
            None => {
                return Err(StoreError::invalid(
                    table,
                    column,
                    "it has to be given".to_owned(),
                ));
            }
        }
    }
    let mut writer = Writer::new(dialect, "INSERT INTO ");
    writer.name(&table.name).push(" (");
    writer.list(&values, ", ", |writer, (column, _)| {
        writer.name(&column.name);
    });
    writer.push(") VALUES (");
    writer.list(&values, ", ", |writer, (column, value)| {
        writer.written(column, value.clone());
    });
    writer.push(")");
    if dialect.returns() {
        writer.push(" RETURNING ");
        writer.columns(table);
        return Ok(Insertion::Answered(writer.finish(forms(dialect, table))));
    }
    let keys: Vec<&Column> = table.columns.iter().filter(|column| column.key).collect();
    let given = |key: &Column| values.iter().find(|(column, _)| column.name == key.name);
    let counted = table.counted().is_some_and(|id| given(id).is_none());
    let mut read = Writer::new(dialect, "SELECT ");
    read.columns(table);
    read.push(" FROM ").name(&table.name).push(" WHERE ");
    read.list(keys, " AND ", |writer, key| {
        let value = given(key).map_or(Parameter::Int(None), |(_, value)| value.clone());
        writer.name(&key.name).push(" = ").bind(value);
    });
    Ok(Insertion::Read {
        insert: writer.finish(Vec::new()),
        read: read.finish(forms(dialect, table)),
        counted,
    })
}

/// Changes rows. When they were changed is noted too, unless the changes say.
pub(in crate::store) fn update(
    dialect: Dialect,
    table: &Table,
    query: &Query,
    changes: &Row,
) -> Result<Statement, StoreError> {
    whole(table, query, "update")?;
    let mut values: Vec<(&Column, Parameter)> = Vec::with_capacity(changes.len() + 1);
    for (name, value) in changes.iter() {
        let column = StoreError::column(table, name)?;
        values.push((column, written(table, column, value)?));
    }
    if let Some(updated) = table
        .column("updated_at")
        .filter(|_| !changes.contains("updated_at"))
    {
        values.push((updated, this_moment()));
    }
    if values.is_empty() {
        return Err(StoreError::Unsupported(format!(
            "an update of {} without changes",
            table.name
        )));
    }
    let mut writer = Writer::new(dialect, "UPDATE ");
    writer.name(&table.name).push(" SET ");
    writer.list(values, ", ", |writer, (column, value)| {
        writer.name(&column.name).push(" = ").written(column, value);
    });
    writer.conditions(table, query)?;
    Ok(writer.finish(Vec::new()))
}

/// Marks rows as deleted: with their own id, so that a new row may take the place of one, and of one more.
pub(in crate::store) fn soft_delete(
    dialect: Dialect,
    table: &Table,
    query: &Query,
) -> Result<Statement, StoreError> {
    whole(table, query, "delete")?;
    let deleted = StoreError::column(table, "deleted")?;
    let moment = StoreError::column(table, "deleted_at")?;
    let mut writer = Writer::new(dialect, "UPDATE ");
    writer
        .name(&table.name)
        .push(" SET ")
        .name(&deleted.name)
        .push(" = ");
    match deleted.kind {
        Kind::Boolean => writer.bind(Parameter::Bool(Some(true))),
        _ => writer.name(&StoreError::column(table, "id")?.name),
    };
    writer
        .push(", ")
        .name(&moment.name)
        .push(" = ")
        .written(moment, this_moment());
    writer.conditions(table, query)?;
    Ok(writer.finish(Vec::new()))
}

/// Removes rows for good.
pub(in crate::store) fn delete(
    dialect: Dialect,
    table: &Table,
    query: &Query,
) -> Result<Statement, StoreError> {
    whole(table, query, "delete")?;
    let mut writer = Writer::new(dialect, "DELETE FROM ");
    writer.name(&table.name).conditions(table, query)?;
    Ok(writer.finish(Vec::new()))
}

impl Writer {
    fn columns(&mut self, table: &Table) {
        self.list(&table.columns, ", ", Self::read);
    }

    /// Nulls come first in every database, as in two of the three.
    fn order(&mut self, table: &Table, query: &Query) -> Result<(), StoreError> {
        for (at, (name, order)) in query.order.iter().enumerate() {
            self.push(if at == 0 { " ORDER BY " } else { ", " });
            self.name(&StoreError::column(table, name)?.name);
            self.push(match (order, self.dialect) {
                (Order::Ascending, Dialect::Postgres) => " ASC NULLS FIRST",
                (Order::Descending, Dialect::Postgres) => " DESC NULLS LAST",
                (Order::Ascending, _) => " ASC",
                (Order::Descending, _) => " DESC",
            });
        }
        Ok(())
    }

    fn part(&mut self, query: &Query) {
        if let Some(limit) = query.limit {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            self.push(" LIMIT ").bind(Parameter::Int(Some(limit)));
        }
    }
}

fn forms(dialect: Dialect, table: &Table) -> Vec<Form> {
    table
        .columns
        .iter()
        .map(|column| dialect.form(&column.kind))
        .collect()
}

/// Databases do not agree on what a part of the rows is when they are not read.
fn whole(table: &Table, query: &Query, what: &str) -> Result<(), StoreError> {
    if query.limit.is_some() || !query.order.is_empty() {
        let problem = format!("{what} of {} with an order or a limit", table.name);
        return Err(StoreError::Unsupported(problem));
    }
    Ok(())
}

impl Table {
    /// A row of this table, from values in the order of its columns.
    pub(in crate::store) fn row(&self, values: Vec<Value>) -> Row {
        let names = self.columns.iter().map(|column| Arc::clone(&column.name));
        Row::of_columns(names.zip(values))
    }
}
