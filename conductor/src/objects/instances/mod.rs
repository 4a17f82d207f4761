//! Instances: servers, with all that belongs to one.
//!
//! An instance is a row of `instances` and much that is kept beside it: [`attributes`] reads what a caller expects of
//! that, [`parts`] what `instance_extra` keeps as JSON. [`lists`] finds many, [`filters`] by any of their properties;
//! [`save`], [`create`] and [`destroy`] write.

mod attributes;
mod create;
mod destroy;
mod ec2;
mod filters;
mod lists;
mod metadata;
mod parts;
mod save;

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{INSTANCE_NOT_FOUND, INVALID_UUID, no_such_method};
use super::info_caches;
use super::request::Request;
use crate::store::{Query, Row};

pub(crate) use lists::faults_method;
pub(crate) use parts::parts_method;

const INSTANCES: &str = "instances";

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let query = visible(request);
    let (query, named, expected) = match (class.name, passed.method) {
        ("Instance", "get_by_uuid") => {
            let mut arguments = passed.bind(&["uuid", "expected_attrs?", "use_slave?"])?;
            let uuid: String = arguments.take("uuid")?;
            let expected: Option<Vec<String>> = arguments.take("expected_attrs")?;
            (query.eq("uuid", uuid.as_str()), Json::from(uuid), expected)
        }
        ("Instance", "get_by_id") => {
            let mut arguments = passed.bind(&["inst_id", "expected_attrs?"])?;
            let id: i64 = arguments.take("inst_id")?;
            let expected: Option<Vec<String>> = arguments.take("expected_attrs")?;
            (query.eq("id", id), Json::from(id), expected)
        }
        ("InstanceList", _) => return lists::method(request, class, passed).await,
        (name, method) => return Err(no_such_method(name, method)),
    };
    let expected = expected.unwrap_or_else(|| vec!["info_cache".to_owned()]);
    let row = request.store.first(&query).await?;
    let row = row.ok_or_else(|| INSTANCE_NOT_FOUND.with([("instance_id", named)]))?;
    Ok(attributes::object(request, row, &expected).await?.into())
}

/// The instance of this identifier, with the attributes that are expected.
pub(crate) async fn by_uuid(
    request: &Request<'_>,
    uuid: &str,
    expected: &[String],
) -> Result<NovaObject, Failure> {
    let row = row_of(request, uuid).await?;
    attributes::object(request, row, expected).await
}

/// The instances that the caller may see: who is no administrator sees those of their project.
fn visible(request: &Request<'_>) -> Query {
    let query = Query::of(INSTANCES).deleted(request.read_deleted());
    if request.ctx.is_admin() {
        return query;
    }
    match request.ctx.project_id() {
        Some(project) => query.eq("project_id", project),
        None => query.eq("user_id", request.ctx.user_id()),
    }
}

async fn row_of(request: &Request<'_>, uuid: &str) -> Result<Row, Failure> {
    let row = request.store.first(&visible(request).eq("uuid", uuid)).await?;
    row.ok_or_else(|| not_found(uuid))
}

fn not_found(uuid: &str) -> Failure {
    INSTANCE_NOT_FOUND.with([("instance_id", uuid.into())])
}

/// The identifier of an instance, if it is one.
fn uuid_of(instance: &NovaObject) -> Result<String, Failure> {
    let value = instance.data.get("uuid").cloned().unwrap_or_default();
    match value.as_str().filter(|text| uuid::Uuid::try_parse(text).is_ok()) {
        Some(uuid) => Ok(uuid.to_owned()),
        None => Err(INVALID_UUID.with([("uuid", value)])),
    }
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    instance: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "create" => {
            passed.bind(&[])?;
            create::create(request, class, instance).await?;
        }
        "save" => {
            let parameters = ["expected_vm_state?", "expected_task_state?", "admin_state_reset?"];
            let mut arguments = passed.bind(&parameters)?;
            let expected = save::Expected {
                vm_state: arguments.value("expected_vm_state"),
                task_state: arguments.value("expected_task_state"),
            };
            save::save(request, class, instance, expected).await?;
        }
        "refresh" => {
            passed.bind(&["use_slave?"])?;
            refresh(request, instance).await?;
        }
        "destroy" => {
            let hard: Option<bool> = passed.bind(&["hard_delete?"])?.take("hard_delete")?;
            destroy::destroy(request, class, instance, hard == Some(true)).await?;
        }
        "drop_migration_context" => {
            passed.bind(&[])?;
            if instance
                .data
                .get("migration_context")
                .is_some_and(|value| !value.is_null())
            {
                let uuid = uuid_of(instance)?;
                let row = Row::new().with("migration_context", None::<&str>);
                parts::write(request, &uuid, row).await?;
                instance.data.insert("migration_context".to_owned(), Json::Null);
            }
        }
        "delete_metadata_key" => {
            let key: String = passed.bind(&["key"])?.take("key")?;
            metadata::delete(request, &uuid_of(instance)?, &key).await?;
            if let Some(Json::Object(metadata)) = instance.data.get_mut("metadata") {
                metadata.remove(&key);
            }
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

/// Reads all again that is set.
async fn refresh(request: &Request<'_>, instance: &mut NovaObject) -> Result<(), Failure> {
    let uuid = uuid_of(instance)?;
    let set = attributes::ALL.iter().filter(|name| instance.is_set(name));
    let expected: Vec<String> = set.map(|name| (*name).to_owned()).collect();
    let mut current = by_uuid(request, &uuid, &expected).await?;
    for (field, value) in &mut instance.data {
        if let Some(current) = current.data.get_mut(field) {
            *value = current.take();
        }
    }
    instance.changes = None;
    super::changes::mark_loaded(instance);
    Ok(())
}

/// Saves what an instance knows of its network.
async fn save_info_cache(request: &Request<'_>, instance: &mut NovaObject) -> Result<(), Failure> {
    let (Ok(mut cache), Some(class)) = (instance.object("info_cache"), Class::named("InstanceInfoCache"))
    else {
        return Ok(());
    };
    info_caches::save(request, class, &mut cache).await?;
    instance.data.insert("info_cache".to_owned(), cache.into());
    Ok(())
}
