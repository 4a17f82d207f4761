//! Rows of the database as they travel, and back. Which column is of which kind, the schema says.

use conductor_api::havana::{NovaError, Row as Sent};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value as Json;
use tracing::debug;

use super::errors::{missing, unexpected};
use crate::store::{Kind, Row, Store, StoreError, Value};

/// A row as it travels: every column, times as texts.
pub(super) fn sent(row: &Row) -> Sent {
    row.iter()
        .map(|(column, value)| (column.to_owned(), json(value)))
        .collect()
}

/// Rows as they travel.
pub(super) fn all_sent(rows: &[Row]) -> Vec<Sent> {
    rows.iter().map(sent).collect()
}

pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Time(time) => text_of_time(*time).into(),
    }
}

fn text_of_time(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

/// The columns that `values` say, for a table. What the table has no column for is left out, as Nova's models do.
pub(super) fn columns(store: &Store, table: &str, values: &Sent) -> Result<Row, NovaError> {
    let table = store
        .schema()
        .table(table)
        .ok_or_else(|| StoreError::NoSuchTable(table.to_owned()))?;
    let mut row = Row::new();
    for (name, value) in values {
        match table.column(name) {
            Some(column) => row.set(name, value_of(name, value, column.kind())?),
            None => debug!(table = table.name(), column = name, "no such column; left out"),
        }
    }
    Ok(row)
}

/// The same for a row that is new. Today's Nova names some rows by a UUID, which Havana does not know of.
pub(super) fn new_row(store: &Store, table: &str, values: &Sent) -> Result<Row, NovaError> {
    let mut row = columns(store, table, values)?;
    let named = store.schema().table(table).is_some_and(|table| table.has("uuid"));
    if named && row.get("uuid").is_null() {
        row.set("uuid", uuid::Uuid::new_v4().to_string());
    }
    Ok(row)
}

/// What a peer means by a value of a column.
fn value_of(column: &str, value: &Json, kind: &Kind) -> Result<Value, NovaError> {
    let odd = || {
        let text = format!("column '{column}' cannot be {value}");
        unexpected(NovaError::ValueError(text))
    };
    Ok(match (kind, value) {
        (_, Json::Null) => Value::Null,
        (Kind::Boolean, Json::Bool(truth)) => (*truth).into(),
        (Kind::Boolean, Json::Number(number)) => (number.as_f64() != Some(0.0)).into(),
        (Kind::Integer | Kind::BigInteger, Json::Bool(truth)) => i64::from(*truth).into(),
        (Kind::Integer | Kind::BigInteger, Json::Number(number)) => number
            .as_i64()
            .or_else(|| whole(number.as_f64()?))
            .ok_or_else(odd)?
            .into(),
        (Kind::Integer | Kind::BigInteger, Json::String(text)) => {
            text.trim().parse::<i64>().map_err(|_| odd())?.into()
        }
        (Kind::Float, Json::Number(number)) => number.as_f64().ok_or_else(odd)?.into(),
        (Kind::Time, Json::String(text)) => time(text).ok_or_else(odd)?.into(),
        (Kind::Boolean | Kind::Integer | Kind::BigInteger | Kind::Float | Kind::Time, _) => return Err(odd()),
        // Texts: what is structured is kept as JSON.
        (_, Json::String(text)) => text.into(),
        (_, other) => other.to_string().into(),
    })
}

fn whole(number: f64) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole and within the limits"
    )]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// A time without a zone, which is UTC, or one with a zone.
pub(super) fn time(text: &str) -> Option<DateTime> {
    match text.parse::<Timestamp>() {
        Ok(moment) => Some(Offset::UTC.to_datetime(moment)),
        Err(_) => text.parse().ok(),
    }
}

/// An argument that is a time.
pub(super) fn time_argument(name: &str, value: &Json) -> Result<DateTime, NovaError> {
    value.as_str().and_then(time).ok_or_else(|| {
        let text = format!("'{name}' is no time: {value}");
        unexpected(NovaError::ValueError(text))
    })
}

/// What a column of another table's row refers to, in a row that a caller sends.
pub(super) fn id(row: &Sent, key: &str) -> Result<i64, NovaError> {
    let value = field(row, key).ok_or_else(|| missing(key))?;
    value
        .as_i64()
        .or_else(|| value.as_str()?.parse().ok())
        .ok_or_else(|| {
            let text = format!("'{key}' is no number: {value}");
            unexpected(NovaError::ValueError(text))
        })
}

/// A text of a row that a caller sends.
pub(super) fn text<'a>(row: &'a Sent, key: &str) -> Result<&'a str, NovaError> {
    field(row, key).and_then(Json::as_str).ok_or_else(|| missing(key))
}

/// A text of a row that a caller sends, which may be null.
pub(super) fn optional_text<'a>(row: &'a Sent, key: &str) -> Option<&'a str> {
    field(row, key).and_then(Json::as_str)
}

/// A value of a row that a caller sends: of a plain row, or of an object.
pub(super) fn field<'a>(row: &'a Sent, key: &str) -> Option<&'a Json> {
    match row.get("nova_object.data") {
        Some(data) => data.get(key),
        None => row.get(key),
    }
}
