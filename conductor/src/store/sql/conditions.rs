//! Conditions in SQL.

use super::values::{Parameter, operand};
use super::{Dialect, Writer};
use crate::store::error::StoreError;
use crate::store::query::{Comparison, Condition, Query, ReadDeleted};
use crate::store::schema::{Column, Kind, Table};
use crate::store::value::Value;

impl Writer {
    /// ` WHERE ...` for a query, if it has conditions.
    pub(super) fn conditions(&mut self, table: &Table, query: &Query) -> Result<(), StoreError> {
        let mark = match query.deleted {
            ReadDeleted::Yes => None,
            ReadDeleted::No => table.column("deleted").map(|column| (column, Comparison::Equal)),
            ReadDeleted::Only => table
                .column("deleted")
                .map(|column| (column, Comparison::Different)),
        };
        if mark.is_none() && query.conditions.is_empty() {
            return Ok(());
        }
        self.push(" WHERE ");
        self.joined(table, &query.conditions, " AND ")?;
        if let Some((column, comparison)) = mark {
            if !query.conditions.is_empty() {
                self.push(" AND ");
            }
            self.name(&column.name)
                .push(sign(comparison))
                .bind(not_deleted(column));
        }
        Ok(())
    }

    fn joined(&mut self, table: &Table, conditions: &[Condition], word: &str) -> Result<(), StoreError> {
        for (at, condition) in conditions.iter().enumerate() {
            if at > 0 {
                self.push(word);
            }
            self.condition(table, condition)?;
        }
        Ok(())
    }

    fn condition(&mut self, table: &Table, condition: &Condition) -> Result<(), StoreError> {
        match condition {
            Condition::Compare(name, comparison, Value::Null) => {
                self.compared(StoreError::column(table, name)?);
                match comparison {
                    Comparison::Equal => self.push(" IS NULL"),
                    Comparison::Different => self.push(" IS NOT NULL"),
                    // As SQL has it: unknown, and so no row.
                    _ => self.push(" <> NULL"),
                };
            }
            Condition::Compare(name, comparison, value) => {
                let column = StoreError::column(table, name)?;
                self.compared(column);
                self.push(sign(*comparison));
                self.operand(column, operand(table, column, value)?);
            }
            Condition::In(name, values) => self.membership(table, name, values, false)?,
            Condition::NotIn(name, values) => self.membership(table, name, values, true)?,
            Condition::Like(name, pattern) => {
                let column = StoreError::column(table, name)?;
                let pattern = operand(table, column, &Value::Text(pattern.clone()))?;
                self.compared(column);
                self.push(" LIKE ").bind(pattern);
                // The backslash is the others' own choice.
                if self.dialect == Dialect::Sqlite {
                    self.push(r" ESCAPE '\'");
                }
            }
            Condition::All(conditions) if conditions.is_empty() => {
                self.push("1 = 1");
            }
            Condition::Any(conditions) if conditions.is_empty() => {
                self.push("1 = 0");
            }
            Condition::All(conditions) => self.group(table, conditions, " AND ")?,
            Condition::Any(conditions) => self.group(table, conditions, " OR ")?,
        }
        Ok(())
    }

    fn group(&mut self, table: &Table, conditions: &[Condition], word: &str) -> Result<(), StoreError> {
        self.push("(");
        self.joined(table, conditions, word)?;
        self.push(")");
        Ok(())
    }

    fn membership(
        &mut self,
        table: &Table,
        name: &str,
        values: &[Value],
        not: bool,
    ) -> Result<(), StoreError> {
        let column = StoreError::column(table, name)?;
        if values.is_empty() {
            self.push(if not { "1 = 1" } else { "1 = 0" });
            return Ok(());
        }
        let operands: Vec<Parameter> = values
            .iter()
            .map(|value| operand(table, column, value))
            .collect::<Result<_, _>>()?;
        self.compared(column);
        self.push(if not { " NOT IN (" } else { " IN (" });
        self.list(operands, ", ", |writer, value| writer.operand(column, value));
        self.push(")");
        Ok(())
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " = ",
        Comparison::Different => " <> ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}

/// What a row has in its column `deleted` that is not.
fn not_deleted(column: &Column) -> Parameter {
    match column.kind {
        Kind::Boolean => Parameter::Bool(Some(false)),
        _ => Parameter::Int(Some(0)),
    }
}
