//! Objects that are one row of one table: making, saving and deleting them, for every class without rules of its own.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::changes::mark_loaded;
use super::class::Class;
use super::exception::object_action;
use super::primitive;
use super::request::{Request, table};
use crate::store::{Query, Row, StoreError};

/// Makes the row of a new object: of the fields that are marked as changed, and an identifier if it has none.
pub(crate) async fn create(
    request: &Request<'_>,
    class: &Class,
    object: &mut NovaObject,
) -> Result<(), Failure> {
    let row = new_row(class, object)?;
    let row = request.store.insert(table(class)?, &row).await?;
    reload(class, object, &row)
}

/// The row that [`create`] makes, for classes that take what may go wrong for something else.
pub(crate) fn new_row(class: &Class, object: &mut NovaObject) -> Result<Row, Failure> {
    if object.is_set("id") {
        return Err(object_action("create", "already created"));
    }
    if class.field("uuid").is_some() && object.data.get("uuid").is_none_or(Json::is_null) {
        object.set("uuid", uuid::Uuid::new_v4().to_string());
    }
    changed_row(class, object)
}

/// The columns of the fields that are marked as changed.
pub(crate) fn changed_row(class: &Class, object: &NovaObject) -> Result<Row, Failure> {
    let changes = object.changes.iter().flatten().map(String::as_str);
    primitive::row(class, object, changes.filter(|field| *field != "id"))
}

/// Writes the changed fields to the object's row, and reads it again. `missing` is what it means that there is none.
pub(crate) async fn save(
    request: &Request<'_>,
    class: &Class,
    object: &mut NovaObject,
    missing: impl Fn(Json) -> Failure,
) -> Result<(), Failure> {
    let id: i64 = id(object, "save")?;
    let row = changed_row(class, object)?;
    let query = request.query(class)?.eq("id", id);
    let store = request.store;
    if !row.is_empty() && store.update(&query, &row).await? == 0 {
        return Err(missing(id.into()));
    }
    let row = store.first(&query).await?.ok_or_else(|| missing(id.into()))?;
    reload(class, object, &row)
}

/// Marks the object's row as deleted.
pub(crate) async fn destroy(
    request: &Request<'_>,
    class: &Class,
    object: &NovaObject,
) -> Result<u64, Failure> {
    let id: i64 = id(object, "destroy")?;
    let query = Query::of(table(class)?).eq("id", id);
    Ok(request.store.soft_delete(&query).await?)
}

/// Takes the fields of a row over. Then nothing is left to save.
pub(crate) fn reload(class: &Class, object: &mut NovaObject, row: &Row) -> Result<(), Failure> {
    let mut read = primitive::object(class, row)?;
    object.data.append(&mut read.data);
    mark_loaded(object);
    Ok(())
}

fn id(object: &NovaObject, action: &str) -> Result<i64, Failure> {
    object
        .require("id")
        .map_err(|error| object_action(action, &error.to_string()))
}

/// The same error, unless it says that the row is there already: then what that means.
pub(crate) fn duplicate(error: StoreError, means: impl FnOnce() -> Failure) -> Failure {
    match error {
        StoreError::Duplicate { .. } => means(),
        other => other.into(),
    }
}
