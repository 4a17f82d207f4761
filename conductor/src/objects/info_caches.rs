//! What is known of an instance's network, so that not every look asks the network's service.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::changes::mark_loaded;
use super::class::Class;
use super::exception::{INFO_CACHE_NOT_FOUND, INSTANCE_NOT_FOUND, no_such_method};
use super::request::Request;
use super::{primitive, records};
use crate::store::{Query, Row};

const CACHES: &str = "instance_info_caches";

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    cache: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "save" => {
            passed.bind(&["update_cells?"])?;
            save(request, class, cache).await?;
        }
        "refresh" => {
            passed.bind(&[])?;
            refresh(request, class, cache).await?;
        }
        "delete" => {
            passed.bind(&[])?;
            request.store.soft_delete(&cache_of(request, cache)).await?;
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

fn cache_of(request: &Request<'_>, cache: &NovaObject) -> Query {
    Query::of(CACHES)
        .deleted(request.read_deleted())
        .eq("instance_uuid", cache.text("instance_uuid"))
}

/// Saves the network, if it has changed. A cache that somebody has lost is made again.
pub(crate) async fn save(
    request: &Request<'_>,
    class: &Class,
    cache: &mut NovaObject,
) -> Result<(), Failure> {
    if cache.is_changed("network_info") {
        let query = cache_of(request, cache);
        let store = request.store;
        let changes = primitive::row(class, cache, ["network_info"])?;
        let row = match store.first(&query).await? {
            Some(row) if row.int("deleted").is_some_and(|deleted| deleted != 0) => {
                return Err(not_found(cache));
            }
            Some(row) => {
                store.update(&query, &changes).await?;
                store.first(&query).await?.unwrap_or(row)
            }
            None => make(request, cache, changes).await?,
        };
        records::reload(class, cache, &row)?;
    }
    cache.changes = None;
    mark_loaded(cache);
    Ok(())
}

async fn make(request: &Request<'_>, cache: &NovaObject, changes: Row) -> Result<Row, Failure> {
    let instance = cache.text("instance_uuid");
    let owner = Query::of("instances").eq("uuid", instance);
    if request.store.first(&owner).await?.is_none() {
        return Err(INSTANCE_NOT_FOUND.with([("instance_id", instance.into())]));
    }
    let row = changes.with("instance_uuid", instance);
    Ok(request.store.insert(CACHES, &row).await?)
}

async fn refresh(request: &Request<'_>, class: &Class, cache: &mut NovaObject) -> Result<(), Failure> {
    let row = request.store.first(&cache_of(request, cache)).await?;
    let row = row.ok_or_else(|| not_found(cache))?;
    let current = primitive::object(class, &row)?;
    // Fields that are not set stay so.
    for (field, value) in &mut cache.data {
        if let Some(current) = current.data.get(field) {
            value.clone_from(current);
        }
    }
    cache.changes = None;
    Ok(())
}

fn not_found(cache: &NovaObject) -> Failure {
    let instance = cache.text("instance_uuid");
    INFO_CACHE_NOT_FOUND.with([("instance_uuid", instance.into())])
}
