//! Values on their way to a column and back: checked against what the column takes, and in the forms that travel.

use std::net::Ipv6Addr;

use jiff::civil::DateTime;

use crate::store::error::StoreError;
use crate::store::schema::{Column, Filling, Kind, Table};
use crate::store::value::{Value, now};

/// A value in the form in which it travels. A null has the type of what it stands for.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::store) enum Parameter {
    Bool(Option<bool>),
    Int(Option<i64>),
    Float(Option<f64>),
    Text(Option<String>),
}

/// The form in which a value arrives, and what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) enum Form {
    Bool,
    Int,
    Float,
    Text,
    /// A text that becomes a time.
    Time,
    /// A text that becomes a float.
    FloatText,
}

/// The value as a column of that kind is compared with it.
pub(super) fn operand(table: &Table, column: &Column, value: &Value) -> Result<Parameter, StoreError> {
    Ok(match (&column.kind, value) {
        (Kind::Boolean, Value::Null) => Parameter::Bool(None),
        (Kind::Boolean, Value::Bool(truth)) => Parameter::Bool(Some(*truth)),
        (Kind::Boolean, Value::Int(number @ (0 | 1))) => Parameter::Bool(Some(*number == 1)),
        (Kind::Integer | Kind::BigInteger, Value::Null) => Parameter::Int(None),
        (Kind::Integer | Kind::BigInteger, Value::Int(number)) => Parameter::Int(Some(*number)),
        (Kind::Integer | Kind::BigInteger, Value::Bool(truth)) => Parameter::Int(Some((*truth).into())),
        (Kind::Float, Value::Null) => Parameter::Float(None),
        (Kind::Float, Value::Float(number)) => Parameter::Float(Some(*number)),
        // A count that travelled without a fraction.
        #[expect(clippy::cast_precision_loss, reason = "a column of floats keeps no more")]
        (Kind::Float, Value::Int(number)) => Parameter::Float(Some(*number as f64)),
        (Kind::Boolean | Kind::Integer | Kind::BigInteger | Kind::Float, _) => {
            return Err(mismatch(table, column, value));
        }
        (_, Value::Null) => Parameter::Text(None),
        (Kind::Time, Value::Time(time)) => Parameter::Text(Some(written_time(*time))),
        (Kind::Inet, Value::Text(address)) => Parameter::Text(Some(shortest(address))),
        (Kind::Text(_) | Kind::MediumText | Kind::Enum { .. } | Kind::Cidr, Value::Text(text)) => {
            Parameter::Text(Some(text.clone()))
        }
        (Kind::Time | Kind::Text(_) | Kind::MediumText | Kind::Enum { .. } | Kind::Inet | Kind::Cidr, _) => {
            return Err(mismatch(table, column, value));
        }
    })
}

/// The value as a column of that kind keeps it. SQLite would keep anything; the others refuse what this does.
pub(super) fn written(table: &Table, column: &Column, value: &Value) -> Result<Parameter, StoreError> {
    let invalid = |problem: String| Err(StoreError::invalid(table, column, problem));
    match (&column.kind, value) {
        (_, Value::Null) if !column.nullable => return invalid("it cannot be null".to_owned()),
        (Kind::Integer, Value::Int(number)) if i32::try_from(*number).is_err() => {
            return invalid(format!("{number} is beyond 32 bits"));
        }
        (Kind::Float, Value::Float(number)) if !number.is_finite() => {
            return invalid(format!("{number} is no number"));
        }
        (Kind::Text(Some(length)), Value::Text(text)) if !fits(text, *length) => {
            let found = text.chars().count();
            return invalid(format!("a text of {found} characters is longer than {length}"));
        }
        (Kind::Enum { values, .. }, Value::Text(text)) if !values.contains(text) => {
            return invalid(format!("{text:?} is none of {}", values.join(", ")));
        }
        // PostgreSQL cannot keep it, and MySQL's clients end there.
        (_, Value::Text(text)) if text.contains('\0') => {
            return invalid("a text cannot have the character U+0000".to_owned());
        }
        _ => {}
    }
    operand(table, column, value)
}

/// What a column gets when nothing is said, if there is anything.
pub(super) fn filling(column: &Column, moment: DateTime) -> Option<Value> {
    column.default.as_ref().map(|filling| match filling {
        Filling::Now => Value::Time(moment),
        Filling::Integer(number) => Value::Int(*number),
        Filling::Boolean(truth) => Value::Bool(*truth),
        Filling::Text(text) => Value::Text(text.clone()),
    })
}

/// This moment, as the column of a time gets it.
pub(super) fn this_moment() -> Parameter {
    Parameter::Text(Some(written_time(now())))
}

/// The time as all databases read it, and as Nova writes it into SQLite, which compares it as a text.
fn written_time(time: DateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

fn fits(text: &str, length: u32) -> bool {
    let length = length as usize;
    // There are no more characters than bytes.
    text.len() <= length || text.chars().count() <= length
}

/// An IPv6 address in its shortest form, as Nova keeps it.
fn shortest(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

fn mismatch(table: &Table, column: &Column, value: &Value) -> StoreError {
    let takes = match column.kind {
        Kind::Boolean => "a boolean",
        Kind::Integer | Kind::BigInteger => "an integer",
        Kind::Float => "a float",
        Kind::Time => "a time",
        Kind::Text(_) | Kind::MediumText | Kind::Enum { .. } | Kind::Inet | Kind::Cidr => "a text",
    };
    StoreError::invalid(table, column, format!("it takes {takes}, not {}", value.kind()))
}
