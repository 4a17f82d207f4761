//! Instances by filters: some match exactly, in the database; the others are regular expressions for columns.

use conductor_api::havana::{NovaError, Row as Sent};
use regex::Regex;
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::super::errors::{not_implemented, unexpected};
use super::{Caller, Havana, Joins, ever, rows};
use crate::python::is_true;
use crate::store::{Condition, Order, Query, Row, Value};

/// The filters that match exactly a column.
const EXACT: [&str; 8] = [
    "project_id",
    "user_id",
    "image_ref",
    "vm_state",
    "instance_type_id",
    "uuid",
    "host",
    "task_state",
];

/// The filters that match exactly keys and values of another table.
const METADATA: [(&str, &str); 2] = [
    ("metadata", "instance_metadata"),
    ("system_metadata", "instance_system_metadata"),
];

const SOFT_DELETED: &str = "soft-delete";

impl Havana {
    pub(super) async fn filtered_instances(
        &self,
        ctx: &Context,
        mut filters: Sent,
        sort_key: &str,
        sort_dir: &str,
        columns: Option<Vec<String>>,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::known(ctx)?;
        let joins = Joins::of_many(columns)?;
        let order = match sort_dir {
            "asc" => Order::Ascending,
            "desc" => Order::Descending,
            other => return Err(unexpected(NovaError::KeyError(other.to_owned()))),
        };
        if filters.remove("filter").is_some_and(|filter| !filter.is_null()) {
            return Err(not_implemented(
                "instance_get_all_by_filters: filters by the tags of EC2",
            ));
        }
        let mut query = caller.own(chosen(&mut filters)?);
        for key in EXACT {
            if let Some(value) = filters.remove(key) {
                query = exact(query, key, &value)?;
            }
        }
        for (key, table) in METADATA {
            if let Some(value) = filters.remove(key) {
                query = self.with_metadata(query, table, &value).await?;
            }
        }
        for key in [sort_key, "created_at", "id"] {
            query = query.order_by(key, order);
        }
        let mut found = self.store.select(&query).await?;
        for (column, expression) in expressions(&filters)? {
            let fits = |row: &Row| row.find(column).is_none_or(|value| matches(value, &expression));
            found.retain(fits);
        }
        self.joined(&found, &joins, &caller).await
    }

    /// Of these instances, those with every key and value that is asked for.
    async fn with_metadata(&self, mut query: Query, table: &str, wanted: &Json) -> Result<Query, NovaError> {
        let maps: Vec<&Sent> = match wanted {
            Json::Object(map) => vec![map],
            Json::Array(maps) => maps.iter().filter_map(Json::as_object).collect(),
            _ => Vec::new(),
        };
        for (key, value) in maps.into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let rows = Query::of(table).eq("key", key).eq("value", value);
            let rows = self.store.select(&rows).await?;
            query = query.is_in("uuid", rows.iter().filter_map(|row| row.text("instance_uuid")));
        }
        Ok(query)
    }
}

/// The instances that the filters about time and deletion choose, which are taken out. Without one about deletion,
/// deleted instances are among them.
fn chosen(filters: &mut Sent) -> Result<Query, NovaError> {
    let mut query = ever("instances");
    if let Some(since) = filters.remove("changes-since") {
        query = query.ge("updated_at", rows::time_argument("changes-since", &since)?);
    }
    let is_soft_deleted = || Condition::eq("vm_state", SOFT_DELETED);
    if let Some(deleted) = filters.remove("deleted") {
        let soft = filters.remove("soft_deleted").map(|value| is_true(&value));
        query = match (is_true(&deleted), soft) {
            (true, None | Some(true)) => query.any_of([Condition::ne("deleted", 0_i64), is_soft_deleted()]),
            (true, Some(false)) => query.ne("deleted", 0_i64),
            (false, Some(true)) => query.eq("deleted", 0_i64),
            // Comparing with no state at all would hold for none.
            (false, None | Some(false)) => query.eq("deleted", 0_i64).any_of([
                Condition::ne("vm_state", SOFT_DELETED),
                Condition::is_null("vm_state"),
            ]),
        };
    }
    if let Some(cleaned) = filters.remove("cleaned") {
        query = query.eq("cleaned", i64::from(is_true(&cleaned)));
    }
    Ok(query)
}

fn exact(query: Query, column: &str, value: &Json) -> Result<Query, NovaError> {
    Ok(match value {
        Json::Array(values) => {
            let values: Result<Vec<Value>, _> = values.iter().map(|value| scalar(column, value)).collect();
            query.is_in(column, values?)
        }
        value => query.eq(column, scalar(column, value)?),
    })
}

fn scalar(column: &str, value: &Json) -> Result<Value, NovaError> {
    let is_number = column == "instance_type_id";
    let number = || value.as_i64().or_else(|| value.as_str()?.parse().ok());
    match value {
        Json::Null => Ok(Value::Null),
        Json::String(text) if !is_number => Ok(text.into()),
        Json::Number(number) if !is_number => Ok(number.to_string().into()),
        Json::String(_) | Json::Number(_) if number().is_some() => Ok(number().into()),
        odd => {
            let text = format!("filter '{column}' cannot be {odd}");
            Err(unexpected(NovaError::ValueError(text)))
        }
    }
}

/// What is left of the filters: an expression for each. Names that are no column match everything, as in Nova.
fn expressions(filters: &Sent) -> Result<Vec<(&str, Regex)>, NovaError> {
    let expression = |(column, value): (_, &Json)| {
        let text = python_text(value);
        let expression = Regex::new(&text).map_err(|error| {
            let text = format!("filter '{column}' is no regular expression: {error}");
            unexpected(NovaError::ValueError(text))
        })?;
        Ok((column, expression))
    };
    filters
        .iter()
        .map(|(column, value)| expression((column.as_str(), value)))
        .collect()
}

fn matches(value: &Value, expression: &Regex) -> bool {
    match rows::json(value) {
        Json::Null => false,
        Json::String(text) => expression.is_match(&text),
        // Databases write truth as a number.
        Json::Bool(truth) => expression.is_match(if truth { "1" } else { "0" }),
        other => expression.is_match(&other.to_string()),
    }
}

/// A value as `str()` writes it.
fn python_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}
