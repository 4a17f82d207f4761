//! Which rows of which table: conditions on columns, as data. Nothing in it is SQL.

use super::value::Value;

/// Which rows of a table, and in which order.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Query {
    pub(super) table: String,
    pub(super) conditions: Vec<Condition>,
    pub(super) deleted: ReadDeleted,
    pub(super) order: Vec<(String, Order)>,
    pub(super) limit: Option<u64>,
    pub(super) locked: bool,
}

/// Whether rows are seen that were deleted. Of a table whose rows are not marked when deleted, all are seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum ReadDeleted {
    #[default]
    No,
    Yes,
    Only,
}

/// Which of two values comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// What a row must fulfil. Comparisons with null hold for no row, as in SQL, except that equal to null means to be
/// null, and different from null means not to be.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Condition {
    Compare(String, Comparison, Value),
    In(String, Vec<Value>),
    NotIn(String, Vec<Value>),
    /// A text in which `%` stands for any text and `_` for any character; a backslash takes that from them.
    Like(String, String),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// How a column is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Comparison {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    pub(crate) fn compare(column: &str, how: Comparison, value: impl Into<Value>) -> Self {
        Self::Compare(column.to_owned(), how, value.into())
    }

    pub(crate) fn eq(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Equal, value)
    }

    pub(crate) fn ne(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Different, value)
    }

    pub(crate) fn lt(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Less, value)
    }

    pub(crate) fn le(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::LessOrEqual, value)
    }

    pub(crate) fn gt(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Greater, value)
    }

    pub(crate) fn ge(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::GreaterOrEqual, value)
    }

    pub(crate) fn is_null(column: &str) -> Self {
        Self::eq(column, Value::Null)
    }

    /// One of the values; of none, no row is.
    pub(crate) fn is_in<V: Into<Value>>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::In(column.to_owned(), values.into_iter().map(Into::into).collect())
    }

    pub(crate) fn not_in<V: Into<Value>>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::NotIn(column.to_owned(), values.into_iter().map(Into::into).collect())
    }

    pub(crate) fn like(column: &str, pattern: impl Into<String>) -> Self {
        Self::Like(column.to_owned(), pattern.into())
    }

    pub(crate) fn all_of(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::All(conditions.into_iter().collect())
    }

    pub(crate) fn any_of(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::Any(conditions.into_iter().collect())
    }
}

/// The text as a pattern of [`Condition::like`] that only it fulfils.
pub(crate) fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[expect(
    clippy::wrong_self_convention,
    reason = "they read as the conditions that they add"
)]
impl Query {
    /// All rows of a table that are not deleted.
    pub(crate) fn of(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            conditions: Vec::new(),
            deleted: ReadDeleted::No,
            order: Vec::new(),
            limit: None,
            locked: false,
        }
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// Of these rows, those that fulfil a condition too.
    pub(crate) fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    pub(crate) fn eq(self, column: &str, value: impl Into<Value>) -> Self {
        self.with(Condition::eq(column, value))
    }

    pub(crate) fn ne(self, column: &str, value: impl Into<Value>) -> Self {
        self.with(Condition::ne(column, value))
    }

    pub(crate) fn lt(self, column: &str, value: impl Into<Value>) -> Self {
        self.with(Condition::lt(column, value))
    }

    pub(crate) fn le(self, column: &str, value: impl Into<Value>) -> Self {
        self.with(Condition::le(column, value))
    }

    pub(crate) fn gt(self, column: &str, value: impl Into<Value>) -> Self {
        self.with(Condition::gt(column, value))
    }

    pub(crate) fn ge(self, column: &str, value: impl Into<Value>) -> Self {
        self.with(Condition::ge(column, value))
    }

    pub(crate) fn is_null(self, column: &str) -> Self {
        self.with(Condition::is_null(column))
    }

    pub(crate) fn is_in<V: Into<Value>>(self, column: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.with(Condition::is_in(column, values))
    }

    pub(crate) fn not_in<V: Into<Value>>(self, column: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.with(Condition::not_in(column, values))
    }

    pub(crate) fn like(self, column: &str, pattern: impl Into<String>) -> Self {
        self.with(Condition::like(column, pattern))
    }

    pub(crate) fn any_of(self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.with(Condition::any_of(conditions))
    }

    pub(crate) fn deleted(mut self, deleted: ReadDeleted) -> Self {
        self.deleted = deleted;
        self
    }

    pub(crate) fn order_by(mut self, column: &str, order: Order) -> Self {
        self.order.push((column.to_owned(), order));
        self
    }

    pub(crate) fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Keeps others from changing these rows until the transaction ends that reads them.
    pub(crate) fn locked(mut self) -> Self {
        self.locked = true;
        self
    }
}
