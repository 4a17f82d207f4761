//! Sorting and paging as Nova's lists do it: by several keys, and from a marker on, which is the last row that the
//! caller has.

use rpc_runtime::Failure;

use super::class::Class;
use super::exception::INVALID_SORT_KEY;
use crate::store::{Comparison, Condition, Order, Query, Row};

/// By what a list is sorted; every sort ends with keys that tell any two rows apart.
#[derive(Debug)]
pub(crate) struct Sorting {
    keys: Vec<(String, Order)>,
}

impl Sorting {
    /// The keys with their directions. What is missing is the direction of the first, or `default`; keys that are
    /// no fields of the class are an error.
    pub(crate) fn new(
        class: &Class,
        keys: Vec<String>,
        directions: &[String],
        default: Order,
    ) -> Result<Self, Failure> {
        let order = |text: &String| match text.as_str() {
            "asc" => Ok(Order::Ascending),
            "desc" => Ok(Order::Descending),
            _ => Err(INVALID_SORT_KEY.with([])),
        };
        let default = directions.first().map_or(Ok(default), order)?;
        let mut sorted = Vec::new();
        for (at, key) in keys.into_iter().enumerate() {
            if class.field(&key).is_none() {
                return Err(INVALID_SORT_KEY.with([]));
            }
            sorted.push((key, directions.get(at).map_or(Ok(default), order)?));
        }
        for key in ["created_at", "id"] {
            if !sorted.iter().any(|(name, _)| name == key) {
                sorted.push((key.to_owned(), default));
            }
        }
        Ok(Self { keys: sorted })
    }

    /// The query in this order, from behind the marker on, with at most `limit` rows.
    pub(crate) fn page(&self, query: Query, marker: Option<&Row>, limit: Option<u64>) -> Query {
        let mut query = query;
        if let Some(marker) = marker {
            query = query.any_of(self.behind(marker));
        }
        for (key, order) in &self.keys {
            query = query.order_by(key, *order);
        }
        match limit {
            Some(limit) => query.limit(limit),
            None => query,
        }
    }

    /// A row comes behind another if it is equal to it in the first keys, and comes behind it in the next. Keys that
    /// are null in the marker tell nothing.
    fn behind(&self, marker: &Row) -> Vec<Condition> {
        let keys: Vec<_> = self
            .keys
            .iter()
            .filter(|(key, _)| !marker.get(key).is_null())
            .collect();
        let condition = |at: usize| {
            let (key, order) = keys[at];
            let how = match order {
                Order::Ascending => Comparison::Greater,
                Order::Descending => Comparison::Less,
            };
            let equal = keys[..at]
                .iter()
                .map(|(key, _)| Condition::eq(key, marker.get(key).clone()));
            let next = Condition::compare(key, how, marker.get(key).clone());
            Condition::all_of(equal.chain([next]))
        };
        (0..keys.len()).map(condition).collect()
    }
}
