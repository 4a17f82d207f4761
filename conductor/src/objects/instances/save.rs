//! Saving an instance: only if it is in the state that the caller takes it to be in.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::{Map, Value as Json};

use super::super::changes::mark_loaded;
use super::super::class::{Class, Kind};
use super::super::exception::{
    INSTANCE_UPDATE_CONFLICT, UNEXPECTED_DELETING_TASK_STATE, UNEXPECTED_TASK_STATE,
};
use super::super::primitive;
use super::super::request::Request;
use super::{attributes, metadata, not_found, parts, row_of, save_info_cache, uuid_of, visible};
use crate::store::{Condition, Query, Row, Value};

/// States that the instance may be in: one, or a list; null if any will do.
pub(super) struct Expected {
    pub(super) vm_state: Json,
    pub(super) task_state: Json,
}

/// What is kept in tables of its own, and read again after a save.
const JOINED: [&str; 7] = [
    "metadata",
    "system_metadata",
    "info_cache",
    "security_groups",
    "tags",
    "services",
    "fault",
];

/// Saves what is marked as changed, each part where it is kept.
pub(super) async fn save(
    request: &Request<'_>,
    class: &'static Class,
    instance: &mut NovaObject,
    expected: Expected,
) -> Result<(), Failure> {
    let uuid = uuid_of(instance)?;
    let row_fields = row_fields(class, instance);
    if row_fields.contains(&"node") && !row_fields.contains(&"compute_id") {
        let node = instance.text("node").unwrap_or_default();
        let text = format!("Instance.node is being updated ('{node}') but compute_id is not");
        return Err(Failure::new("nova.exception", "ObjectActionError", text));
    }
    let in_row = !row_fields.is_empty();
    let mut row = primitive::row(class, instance, row_fields)?;
    // A flag that the database keeps as a number.
    if let Value::Bool(truth) = *row.get("cleaned") {
        row.set("cleaned", i64::from(truth));
    }
    let extra = parts::changed(instance, false);
    let noted = ["metadata", "system_metadata"]
        .iter()
        .any(|field| instance.is_changed(field));
    save_info_cache(request, instance).await?;
    if !extra.is_empty() {
        // There is nothing to write for an instance that is not there.
        row_of(request, &uuid).await?;
        parts::write(request, &uuid, extra).await?;
        parts::mark_saved(instance);
    }
    if !in_row && !noted {
        return Ok(());
    }
    write(request, &uuid, row, instance, &expected).await?;
    reload(request, &uuid, instance).await
}

/// The changed fields that are columns of the instance's row.
fn row_fields<'a>(class: &'static Class, instance: &'a NovaObject) -> Vec<&'a str> {
    let changes = instance.changes.iter().flatten().map(String::as_str);
    let in_row = changes.filter(|name| {
        let apart = ["id", "metadata", "system_metadata"].contains(name);
        let field = class.field(name).filter(|_| !apart);
        field.is_some_and(|field| !matches!(field.kind, Kind::Object(_)))
    });
    in_row.collect()
}

async fn write(
    request: &Request<'_>,
    uuid: &str,
    row: Row,
    instance: &NovaObject,
    expected: &Expected,
) -> Result<(), Failure> {
    let own = visible(request).eq("uuid", uuid);
    let as_expected = expected
        .all()
        .fold(own.clone(), |query: Query, (column, states)| {
            query.any_of(states.iter().map(|state| Condition::eq(column, state.as_str())))
        });
    let mut transaction = request.store.begin().await?;
    if transaction.update(&as_expected, &row).await? == 0 {
        let row = transaction.first(&own).await?.ok_or_else(|| not_found(uuid))?;
        return Err(conflict(uuid, &row, expected));
    }
    metadata::write(&mut transaction, uuid, instance).await?;
    Ok(transaction.commit().await?)
}

impl Expected {
    /// Columns, and the states that they may have. A state may be none.
    fn all(&self) -> impl Iterator<Item = (&'static str, Vec<Json>)> {
        let states = |value: &Json| match value {
            Json::Null => None,
            Json::Array(states) => Some(states.clone()),
            state => Some(vec![state.clone()]),
        };
        let columns = [("task_state", &self.task_state), ("vm_state", &self.vm_state)];
        let all = columns.map(|(column, value)| states(value).map(|states| (column, states)));
        all.into_iter().flatten()
    }
}

/// Why the instance is not as it was expected to be.
fn conflict(uuid: &str, row: &Row, expected: &Expected) -> Failure {
    let (mut wanted, mut actual) = (Map::new(), Map::new());
    for (column, states) in expected.all() {
        let state: Json = row.text(column).into();
        if !states.contains(&state) {
            wanted.insert(column.to_owned(), states.into());
            actual.insert(column.to_owned(), state);
        }
    }
    let exception = match actual.get("task_state") {
        Some(state) if state == "deleting" => &UNEXPECTED_DELETING_TASK_STATE,
        Some(_) => &UNEXPECTED_TASK_STATE,
        None => &INSTANCE_UPDATE_CONFLICT,
    };
    exception.with([
        ("instance_uuid", uuid.into()),
        ("expected", wanted.into()),
        ("actual", actual.into()),
    ])
}

/// Reads the row again, and what is kept in tables of its own. Then nothing of the instance itself is left to save.
async fn reload(request: &Request<'_>, uuid: &str, instance: &mut NovaObject) -> Result<(), Failure> {
    let joined = JOINED
        .iter()
        .filter(|name| **name == "system_metadata" || instance.is_set(name));
    let joined: Vec<String> = joined.map(|name| (*name).to_owned()).collect();
    let row = row_of(request, uuid).await?;
    let mut read = attributes::object(request, row, &joined).await?;
    instance.data.append(&mut read.data);
    mark_loaded(instance);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conflict_says_what_was_expected_and_what_is() {
        let row = Row::new()
            .with("task_state", "deleting")
            .with("vm_state", "active");
        let expected = |task_state: Json, vm_state: Json| Expected { vm_state, task_state };
        let failure = conflict("u", &row, &expected(json!(["scheduling", null]), Json::Null));
        assert_eq!(failure.class, "UnexpectedDeletingTaskStateError");
        assert_eq!(
            failure.kwargs["expected"],
            json!({"task_state": ["scheduling", null]})
        );
        assert_eq!(failure.kwargs["actual"], json!({"task_state": "deleting"}));

        let failure = conflict("u", &Row::new(), &expected(json!("spawning"), Json::Null));
        assert_eq!(failure.class, "UnexpectedTaskStateError");
        assert_eq!(failure.kwargs["actual"], json!({"task_state": null}));

        let failure = conflict("u", &row, &expected(json!("deleting"), json!("stopped")));
        assert_eq!(failure.class, "InstanceUpdateConflict");
    }
}
