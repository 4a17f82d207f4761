//! Migrations: moves of instances between hosts, and which of them are under way.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::{Map, Value as Json};

use super::arguments::Passed;
use super::class::Class;
use super::exception::{MARKER_NOT_FOUND, MIGRATION_NOT_FOUND, no_such_method, object_action};
use super::finders::{self, condition};
use super::paging::Sorting;
use super::records;
use super::request::{Request, list_with};
use crate::store::{Condition, Order, Query, ReadDeleted, seconds_ago};

/// States in which a migration has ended well.
const ENDED: [&str; 6] = [
    "confirmed",
    "reverted",
    "failed",
    "completed",
    "cancelled",
    "done",
];
/// States of a live migration that is under way.
const RUNNING: [&str; 4] = ["queued", "preparing", "running", "post-migrating"];

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let all = Query::of("migrations").deleted(request.read_deleted());
    let query = match (class.name, passed.method) {
        ("MigrationList", "get_unconfirmed_by_dest_compute") => {
            let mut arguments = passed.bind(&["confirm_window", "dest_compute", "use_slave?"])?;
            let window: i64 = arguments.take("confirm_window")?;
            let host: String = arguments.take("dest_compute")?;
            all.deleted(ReadDeleted::Yes)
                .le("updated_at", seconds_ago(window))
                .eq("status", "finished")
                .eq("dest_compute", host)
        }
        ("MigrationList", "get_in_progress_by_host_and_node") => {
            let place = place(passed)?;
            all.with(place)
                .not_in("status", ENDED.into_iter().chain(["error"]))
        }
        ("MigrationList", "get_in_progress_and_error") => {
            let place = place(passed)?;
            all.with(place).not_in("status", ENDED)
        }
        ("MigrationList", "get_in_progress_by_instance") => {
            let mut arguments = passed.bind(&["instance_uuid", "migration_type?"])?;
            let instance: String = arguments.take("instance_uuid")?;
            let kind: Option<String> = arguments.take("migration_type")?;
            let query = all.eq("instance_uuid", instance).is_in("status", RUNNING);
            match kind {
                Some(kind) => query.eq("migration_type", kind),
                None => query,
            }
        }
        ("MigrationList", "get_by_filters") => match by_filters(request, class, all, passed).await? {
            Some(query) => query,
            None => return Ok(list_with(class, Vec::new()).into()),
        },
        _ => return finders::find(request, class, passed).await,
    };
    Ok(request.list(class, query).await?.into())
}

/// That a host and node are where a migration comes from, or goes to.
fn place(passed: Passed<'_>) -> Result<Condition, Failure> {
    let mut arguments = passed.bind(&["host", "node"])?;
    let host: String = arguments.take("host")?;
    let node: String = arguments.take("node")?;
    let end = |compute, column| {
        Condition::all_of([
            Condition::eq(compute, host.as_str()),
            Condition::eq(column, node.as_str()),
        ])
    };
    Ok(Condition::any_of([
        end("source_compute", "source_node"),
        end("dest_compute", "dest_node"),
    ]))
}

/// The query of some filters; `None` if nothing is asked for.
async fn by_filters(
    request: &Request<'_>,
    list: &'static Class,
    all: Query,
    passed: Passed<'_>,
) -> Result<Option<Query>, Failure> {
    let mut arguments = passed.bind(&["filters", "sort_keys?", "sort_dirs?", "limit?", "marker?"])?;
    let filters: Map<String, Json> = arguments.take("filters")?;
    let keys: Option<Vec<String>> = arguments.take("sort_keys")?;
    let directions: Option<Vec<String>> = arguments.take("sort_dirs")?;
    let limit: Option<u64> = arguments.take("limit")?;
    let marker: Option<String> = arguments.take("marker")?;
    if limit == Some(0) {
        return Ok(None);
    }
    let class = list.items().unwrap_or(list);
    let query = filtered(class, all, &filters)?;
    let marker = match marker {
        Some(uuid) => {
            let query = Query::of("migrations").deleted(ReadDeleted::Yes);
            let row = request.store.first(&query.eq("uuid", uuid.as_str())).await?;
            Some(row.ok_or_else(|| MARKER_NOT_FOUND.with([("marker", uuid.into())]))?)
        }
        None => None,
    };
    if limit.is_none() && marker.is_none() && keys.is_none() && directions.is_none() {
        return Ok(Some(query.order_by("id", Order::Ascending)));
    }
    let sorting = Sorting::new(
        class,
        keys.unwrap_or_default(),
        &directions.unwrap_or_default(),
        Order::Descending,
    )?;
    Ok(Some(sorting.page(query, marker.as_ref(), limit)))
}

fn filtered(class: &Class, query: Query, filters: &Map<String, Json>) -> Result<Query, Failure> {
    let mut query = finders::changed_within(query, filters)?;
    for (name, value) in filters {
        let either = |source, dest| {
            Ok::<_, Failure>(Condition::any_of([
                condition(class, source, value)?,
                condition(class, dest, value)?,
            ]))
        };
        query = match name.as_str() {
            "uuid" | "status" | "migration_type" | "hidden" | "instance_uuid" | "user_id" | "project_id" => {
                query.with(condition(class, name, value)?)
            }
            "host" => query.with(either("source_compute", "dest_compute")?),
            // The host of either end says more than that of one.
            "source_compute" if filters.contains_key("host") => query,
            "source_compute" => query.with(condition(class, name, value)?),
            "node" => query.with(either("source_node", "dest_node")?),
            _ => query,
        };
    }
    Ok(query)
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    migration: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "create" => {
            passed.bind(&[])?;
            create(request, class, migration).await?;
        }
        "save" => {
            passed.bind(&[])?;
            let missing = |id| MIGRATION_NOT_FOUND.with([("migration_id", id)]);
            records::save(request, class, migration, missing).await?;
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

async fn create(request: &Request<'_>, class: &Class, migration: &mut NovaObject) -> Result<(), Failure> {
    if migration.is_set("id") {
        return Err(object_action("create", "already created"));
    }
    // Who moves the instance, which need not be who owns it.
    for field in ["user_id", "project_id"] {
        if !migration.is_set(field) {
            migration.set(field, request.ctx.get(field).cloned().unwrap_or_default());
        }
    }
    if !migration.is_changed("migration_type") {
        let reason = "cannot create a Migration object without a migration_type set";
        return Err(object_action("create", reason));
    }
    if migration.is_changed("dest_node") && !migration.is_changed("dest_compute_id") {
        let reason = "cannot create a Migration object with a dest_node but no dest_compute_id";
        return Err(object_action("create", reason));
    }
    records::create(request, class, migration).await
}
