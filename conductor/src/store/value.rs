//! What a column may hold, whichever database keeps it.

use jiff::civil::{DateTime, date};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// A value of a column.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A moment, in UTC. Databases keep microseconds at most; MySQL keeps seconds.
    Time(DateTime),
}

impl Value {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The name of what it is, for errors.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "a text",
            Self::Time(_) => "a time",
        }
    }
}

/// This moment, as databases keep it: in UTC, with microseconds.
pub(crate) fn now() -> DateTime {
    let now = Timestamp::now();
    let whole = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    Offset::UTC.to_datetime(whole)
}

/// The moment that lies so many seconds back, however many a peer says. It is one that all databases know.
pub(crate) fn seconds_ago(seconds: i64) -> DateTime {
    let moment = now().saturating_sub(SignedDuration::from_secs(seconds));
    moment.max(date(1000, 1, 1).at(0, 0, 0, 0))
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Bool,
    i64 => Int,
    i32 => Int,
    u32 => Int,
    u16 => Int,
    f64 => Float,
    String => Text,
    &str => Text,
    &String => Text,
    DateTime => Time,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
