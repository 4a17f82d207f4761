//! A row of a table, or a part of one: values under the names of their columns, in order.

use std::sync::Arc;

use jiff::civil::DateTime;

use super::value::Value;

/// Values under the names of columns.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Row(Vec<(Arc<str>, Value)>);

impl Row {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The value of a column; null if the row has no such column.
    pub(crate) fn get(&self, column: &str) -> &Value {
        self.find(column).unwrap_or(&Value::Null)
    }

    /// The value of a column, if the row has it.
    pub(crate) fn find(&self, column: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| **name == *column)
            .map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, column: &str) -> bool {
        self.find(column).is_some()
    }

    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        match self.get(column) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn int(&self, column: &str) -> Option<i64> {
        match self.get(column) {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn float(&self, column: &str) -> Option<f64> {
        match self.get(column) {
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn bool(&self, column: &str) -> Option<bool> {
        match self.get(column) {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    pub(crate) fn time(&self, column: &str) -> Option<DateTime> {
        match self.get(column) {
            Value::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// Puts a value under a name, in place of the one that stands there.
    pub(crate) fn set(&mut self, column: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(name, _)| **name == *column) {
            Some((_, old)) => *old = value,
            None => self.0.push((column.into(), value)),
        }
    }

    /// [`set`](Self::set), for rows that are written down in one go.
    pub(crate) fn with(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.set(column, value);
        self
    }

    pub(crate) fn remove(&mut self, column: &str) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| **name == *column)?;
        Some(self.0.remove(at).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row that a database answered: its names are those of a table, and distinct.
    pub(super) fn of_columns(columns: impl Iterator<Item = (Arc<str>, Value)>) -> Self {
        Self(columns.collect())
    }
}

impl<N: AsRef<str>, V: Into<Value>> FromIterator<(N, V)> for Row {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(columns: I) -> Self {
        columns
            .into_iter()
            .fold(Self::new(), |row, (name, value)| row.with(name.as_ref(), value))
    }
}

impl IntoIterator for Row {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_order_and_one_value_a_name() {
        let mut row: Row = [("host", "a"), ("topic", "t"), ("host", "b")]
            .into_iter()
            .collect();
        row.set("disabled", true);
        row.set("topic", None::<&str>);
        let names: Vec<_> = row.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["host", "topic", "disabled"]);
        assert_eq!(row.text("host"), Some("b"));
        assert!(row.contains("topic") && row.get("topic").is_null());
        assert!(!row.contains("binary") && row.get("binary").is_null());
        assert_eq!(row.remove("host"), Some(Value::from("b")));
        assert_eq!(row.len(), 2);
    }
}
