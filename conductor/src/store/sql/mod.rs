//! SQL out of data: queries and rows become statements whose values are all bound. Names in it are those of the
//! schema, never those that someone sent; it opens no connection.

mod conditions;
mod create;
mod dialect;
mod statements;
mod values;

pub(super) use create::create;
pub(super) use dialect::Dialect;
pub(super) use statements::{Insertion, count, delete, insert, select, soft_delete, update};
pub(super) use values::{Form, Parameter};

/// A statement, what is bound to it, and how its answer is read.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) parameters: Vec<Parameter>,
    /// How each column of the answer is read; none if there is no answer.
    pub(super) forms: Vec<Form>,
}

/// A statement without values that answers one column.
pub(super) fn plain(text: String, form: Form) -> Statement {
    Statement {
        text,
        parameters: Vec::new(),
        forms: vec![form],
    }
}

/// A statement that is being written.
struct Writer {
    dialect: Dialect,
    text: String,
    parameters: Vec<Parameter>,
}

impl Writer {
    fn new(dialect: Dialect, start: &str) -> Self {
        Self {
            dialect,
            text: start.to_owned(),
            parameters: Vec::new(),
        }
    }

    fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A name of the schema.
    fn name(&mut self, name: &str) -> &mut Self {
        self.dialect.name(&mut self.text, name);
        self
    }

    /// A place that a value is bound to; the value.
    fn bind(&mut self, parameter: Parameter) -> &mut Self {
        self.parameters.push(parameter);
        self.dialect.place(&mut self.text, self.parameters.len());
        self
    }

    /// Parts with something between them.
    fn list<T>(
        &mut self,
        parts: impl IntoIterator<Item = T>,
        between: &str,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                self.push(between);
            }
            write(self, part);
        }
    }

    fn finish(self, forms: Vec<Form>) -> Statement {
        Statement {
            text: self.text,
            parameters: self.parameters,
            forms,
        }
    }
}
