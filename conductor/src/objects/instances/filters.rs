//! Filters of instances: by what is in their row, by whether they are deleted, and by what is noted of them.

use rpc_runtime::Failure;
use serde_json::{Map, Value as Json};

use super::super::class::Class;
use super::super::exception::not_implemented;
use super::super::finders::{changed_within, condition};
use super::super::request::Request;
use super::INSTANCES;
use crate::python::is_true;
use crate::store::{Condition, Query, ReadDeleted, Value};

/// Filters that a column must equal. A list means one of its items.
const EXACT: [&str; 9] = [
    "project_id",
    "user_id",
    "image_ref",
    "vm_state",
    "instance_type_id",
    "uuid",
    "host",
    "task_state",
    "locked",
];
/// An instance that waits to be deleted, and may be brought back until then.
const SOFT_DELETED: &str = "soft-delete";

/// The query of some filters; `None` if nothing can pass them.
pub(super) async fn query(
    request: &Request<'_>,
    class: &Class,
    mut filters: Map<String, Json>,
) -> Result<Option<Query>, Failure> {
    let mut query = Query::of(INSTANCES).deleted(ReadDeleted::Yes);
    query = by_deletion(query, &mut filters);
    query = changed_within(query, &filters)?;
    if let Some(cleaned) = filters.remove("cleaned") {
        query = query.eq("cleaned", i64::from(is_true(&cleaned)));
    }
    if !request.ctx.is_admin() {
        match request.ctx.project_id() {
            Some(project) => filters.insert("project_id".to_owned(), project.into()),
            None => filters.insert("user_id".to_owned(), request.ctx.user_id().into()),
        };
    }
    query = if filters.remove("hidden").is_some_and(|hidden| is_true(&hidden)) {
        query.eq("hidden", true)
    } else {
        query.any_of([Condition::eq("hidden", false), Condition::is_null("hidden")])
    };
    for name in EXACT {
        match filters.remove(name) {
            Some(Json::Array(values)) if values.is_empty() => return Ok(None),
            Some(value) => query = query.with(condition(class, name, &value)?),
            None => {}
        }
    }
    query = by_tags(request, query, &mut filters).await?;
    query = by_notes(request, query, &mut filters).await?;
    // What is left would be a pattern in Nova; what is no field says nothing.
    match filters.keys().find(|name| class.field(name).is_some()) {
        Some(name) => Err(not_implemented(&format!("filter '{name}' as a pattern"))),
        None => Ok(Some(query)),
    }
}

/// Without a filter both are found: what is deleted, and what is not.
fn by_deletion(query: Query, filters: &mut Map<String, Json>) -> Query {
    let Some(deleted) = filters.remove("deleted") else {
        return query;
    };
    let soft = filters.remove("soft_deleted");
    if !is_true(&deleted) {
        let query = query.eq("deleted", 0);
        if soft.is_some_and(|soft| is_true(&soft)) {
            return query;
        }
        return query.any_of([
            Condition::ne("vm_state", SOFT_DELETED),
            Condition::is_null("vm_state"),
        ]);
    }
    let deleted = Condition::ne("deleted", 0);
    if soft.is_none_or(|soft| is_true(&soft)) {
        query.any_of([deleted, Condition::eq("vm_state", SOFT_DELETED)])
    } else {
        query.with(deleted)
    }
}

/// All of some tags, one of them, not all of them, none of them.
async fn by_tags(
    request: &Request<'_>,
    mut query: Query,
    filters: &mut Map<String, Json>,
) -> Result<Query, Failure> {
    for name in ["tags", "tags-any", "not-tags", "not-tags-any"] {
        let Some(Json::Array(tags)) = filters.remove(name) else {
            continue;
        };
        let tags: Vec<&str> = tags.iter().filter_map(Json::as_str).collect();
        let mut tagged: Option<Vec<String>> = None;
        if name.ends_with("any") {
            tagged = Some(resources(request, Query::of("tags").is_in("tag", tags)).await?);
        } else {
            for tag in tags {
                let with_this = resources(request, Query::of("tags").eq("tag", tag)).await?;
                tagged = Some(match tagged {
                    Some(mut both) => {
                        both.retain(|resource| with_this.contains(resource));
                        both
                    }
                    None => with_this,
                });
            }
        }
        let tagged = tagged.unwrap_or_default();
        query = if name.starts_with("not") {
            query.not_in("uuid", tagged)
        } else {
            query.is_in("uuid", tagged)
        };
    }
    Ok(query)
}

async fn resources(request: &Request<'_>, query: Query) -> Result<Vec<String>, Failure> {
    let rows = request.store.select(&query).await?;
    let resources = rows.iter().filter_map(|row| row.text("resource_id"));
    Ok(resources.map(str::to_owned).collect())
}

/// Keys with values, all of which must be noted.
async fn by_notes(
    request: &Request<'_>,
    mut query: Query,
    filters: &mut Map<String, Json>,
) -> Result<Query, Failure> {
    let tables = [
        ("metadata", "instance_metadata"),
        ("system_metadata", "instance_system_metadata"),
    ];
    for (name, table) in tables {
        let maps = match filters.remove(name) {
            Some(Json::Array(maps)) => maps,
            Some(map) => vec![map],
            None => continue,
        };
        let pairs = maps.iter().filter_map(Json::as_object).flatten();
        for (key, value) in pairs {
            let value = value.as_str().map_or(Value::Null, Value::from);
            let noted = Query::of(table).eq("key", key).eq("value", value);
            let rows = request.store.select(&noted).await?;
            query = query.is_in("uuid", rows.iter().filter_map(|row| row.text("instance_uuid")));
        }
    }
    Ok(query)
}
