//! Compute nodes: what a hypervisor has, and what of it is in use.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{
    COMPUTE_HOST_NOT_FOUND, DUPLICATE_RECORD, MARKER_NOT_FOUND, SERVICE_NOT_FOUND, no_such_method,
    object_action,
};
use super::request::{Request, list_with};
use super::{primitive, records};
use crate::store::{Order, Query, ReadDeleted, Row, StoreError, Value, literally, now};

/// What a node's ratios are until it tells them: Nova's initial ones.
const INITIAL_RATIOS: [(&str, f64); 3] = [
    ("cpu_allocation_ratio", 4.0),
    ("ram_allocation_ratio", 1.0),
    ("disk_allocation_ratio", 1.0),
];

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    if class.items().is_some() {
        list_method(request, class, passed).await
    } else {
        node_method(request, class, passed).await
    }
}

async fn node_method(request: &Request<'_>, class: &Class, passed: Passed<'_>) -> Result<Json, Failure> {
    let all = nodes(request);
    // What the error names, and where to look.
    let (named, query) = match passed.method {
        "get_by_id" => {
            let id: i64 = passed.bind(&["compute_id"])?.take("compute_id")?;
            (Json::from(id), all.eq("id", id))
        }
        "get_by_uuid" => {
            let uuid: String = passed.bind(&["compute_uuid"])?.take("compute_uuid")?;
            let query = all.eq("uuid", uuid.as_str());
            (uuid.into(), query)
        }
        "get_by_service_id" => {
            let id: i64 = passed.bind(&["service_id"])?.take("service_id")?;
            let node = first(request, class, all.eq("service_id", id)).await?;
            let missing = || SERVICE_NOT_FOUND.with([("service_id", id.into())]);
            return node.map(Json::from).ok_or_else(missing);
        }
        "get_by_host_and_nodename" => {
            let mut arguments = passed.bind(&["host", "nodename"])?;
            let host: String = arguments.take("host")?;
            let name: String = arguments.take("nodename")?;
            let query = all.eq("host", host.as_str()).eq("hypervisor_hostname", name);
            (host.into(), query)
        }
        "get_by_nodename" => {
            let name: String = passed
                .bind(&["hypervisor_hostname"])?
                .take("hypervisor_hostname")?;
            let query = all.eq("hypervisor_hostname", name.as_str());
            (name.into(), query)
        }
        "get_first_node_by_host_for_old_compat" => {
            let host: String = passed.bind(&["host", "use_slave?"])?.take("host")?;
            let query = all.eq("host", host.as_str());
            (host.into(), query)
        }
        method => return Err(no_such_method(class.name, method)),
    };
    let node = first(request, class, query).await?;
    let missing = || COMPUTE_HOST_NOT_FOUND.with([("host", named)]);
    node.map(Json::from).ok_or_else(missing)
}

async fn list_method(request: &Request<'_>, class: &Class, passed: Passed<'_>) -> Result<Json, Failure> {
    let all = nodes(request);
    let query = match passed.method {
        "get_all" => {
            passed.bind(&[])?;
            all
        }
        "get_all_by_host" => {
            let host: String = passed.bind(&["host", "use_slave?"])?.take("host")?;
            let nodes = list(request, class, all.eq("host", host.as_str())).await?;
            if nodes.is_empty() {
                return Err(COMPUTE_HOST_NOT_FOUND.with([("host", host.into())]));
            }
            return Ok(list_with(class, nodes).into());
        }
        "get_all_by_uuids" => {
            let uuids: Vec<String> = passed.bind(&["compute_uuids"])?.take("compute_uuids")?;
            all.is_in("uuid", uuids)
        }
        "get_by_hypervisor" => {
            let part: String = passed.bind(&["hypervisor_match"])?.take("hypervisor_match")?;
            all.like("hypervisor_hostname", format!("%{}%", literally(&part)))
        }
        "_get_by_service" | "get_by_service" => {
            let id: i64 = passed.bind(&["service_id", "use_slave?"])?.take("service_id")?;
            all.eq("service_id", id)
        }
        "get_by_pagination" => {
            let mut arguments = passed.bind(&["limit?", "marker?"])?;
            let limit: Option<u64> = arguments.take("limit")?;
            let marker: Option<i64> = arguments.take("marker")?;
            page(request, all, limit, marker).await?
        }
        method => return Err(no_such_method(class.name, method)),
    };
    Ok(list_with(class, list(request, class, query).await?).into())
}

fn nodes(request: &Request<'_>) -> Query {
    Query::of("compute_nodes")
        .deleted(request.read_deleted())
        .order_by("id", Order::Ascending)
}

/// At most `limit` nodes that come after the node `marker`.
async fn page(
    request: &Request<'_>,
    all: Query,
    limit: Option<u64>,
    marker: Option<i64>,
) -> Result<Query, Failure> {
    let mut query = all.clone();
    if let Some(marker) = marker {
        if request.store.first(&all.eq("id", marker)).await?.is_none() {
            return Err(MARKER_NOT_FOUND.with([("marker", marker.into())]));
        }
        query = query.gt("id", marker);
    }
    Ok(match limit {
        Some(limit) => query.limit(limit),
        None => query,
    })
}

async fn first(request: &Request<'_>, class: &Class, query: Query) -> Result<Option<NovaObject>, Failure> {
    match request.store.first(&query).await? {
        Some(row) => node_of(request, class, row).await.map(Some),
        None => Ok(None),
    }
}

async fn list(request: &Request<'_>, class: &Class, query: Query) -> Result<Vec<NovaObject>, Failure> {
    let class = class.items().unwrap_or(class);
    let mut nodes = Vec::new();
    for row in request.store.select(&query).await? {
        nodes.push(node_of(request, class, row).await?);
    }
    Ok(nodes)
}

/// The node that a row holds. Rows that older releases wrote may lack the host, which is then that of the service.
async fn node_of(request: &Request<'_>, class: &Class, mut row: Row) -> Result<NovaObject, Failure> {
    if let (None, Some(service)) = (row.text("host"), row.int("service_id")) {
        let service = Query::of("services").eq("id", service);
        if let Some(service) = request.store.first(&service).await? {
            row.set("host", service.get("host").clone());
        }
    }
    object(class, row)
}

fn object(class: &Class, mut row: Row) -> Result<NovaObject, Failure> {
    for (ratio, initial) in INITIAL_RATIOS {
        if row.float(ratio).is_none_or(|ratio| ratio == 0.0) {
            row.set(ratio, initial);
        }
    }
    if row.get("mapped").is_null() {
        row.set("mapped", 0);
    }
    // Statistics that were never told are not set.
    if row.get("stats").is_null() {
        row.remove("stats");
    }
    primitive::object(class, &row)
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    node: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "create" => {
            passed.bind(&[])?;
            create(request, class, node).await?;
        }
        "save" => {
            passed.bind(&["prune_stats?"])?;
            save(request, class, node).await?;
        }
        "destroy" => {
            passed.bind(&[])?;
            destroy(request, node).await?;
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

async fn create(request: &Request<'_>, class: &Class, node: &mut NovaObject) -> Result<(), Failure> {
    let row = records::new_row(class, node)?;
    let stored = match request.store.insert("compute_nodes", &row).await {
        Ok(stored) => stored,
        Err(StoreError::Duplicate { .. }) => match revive(request, &row).await? {
            Some(stored) => stored,
            None => {
                let name = node.text("hypervisor_hostname").unwrap_or_default();
                let uuid = node.text("uuid").unwrap_or_default();
                let target = format!("compute node {name}:{uuid}");
                return Err(DUPLICATE_RECORD.with([("target", target.into())]));
            }
        },
        Err(error) => return Err(error.into()),
    };
    reload(class, node, stored)
}

/// A node that was deleted comes back under its identifier, as what it is now.
async fn revive(request: &Request<'_>, row: &Row) -> Result<Option<Row>, Failure> {
    let query = Query::of("compute_nodes")
        .deleted(ReadDeleted::Yes)
        .eq("uuid", row.get("uuid").clone());
    let changes = row
        .clone()
        .with("deleted", 0)
        .with("deleted_at", Value::Null)
        .with("updated_at", now());
    match request.store.update(&query, &changes).await {
        Ok(0) => Ok(None),
        Ok(_) => Ok(request.store.first(&query).await?),
        // Its place is taken by another node.
        Err(StoreError::Duplicate { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn save(request: &Request<'_>, class: &Class, node: &mut NovaObject) -> Result<(), Failure> {
    let id: i64 = node
        .require("id")
        .map_err(|error| object_action("save", &error.to_string()))?;
    // The time changes even if nothing else does: schedulers tell by it whether what they know is old.
    let changes = records::changed_row(class, node)?.with("updated_at", now());
    let query = request.query(class)?.eq("id", id);
    let missing = || COMPUTE_HOST_NOT_FOUND.with([("host", id.into())]);
    if request.store.update(&query, &changes).await? == 0 {
        return Err(missing());
    }
    let row = request.store.first(&query).await?.ok_or_else(missing)?;
    reload(class, node, row)
}

fn reload(class: &Class, node: &mut NovaObject, row: Row) -> Result<(), Failure> {
    let mut read = object(class, row)?;
    node.data.append(&mut read.data);
    super::changes::mark_loaded(node);
    Ok(())
}

/// Deletes a node, if it still belongs to the host that wants so: another may have taken it over.
async fn destroy(request: &Request<'_>, node: &NovaObject) -> Result<(), Failure> {
    let id: i64 = node
        .require("id")
        .map_err(|error| object_action("destroy", &error.to_string()))?;
    let query = Query::of("compute_nodes").eq("id", id);
    let owned = match node.text("host") {
        Some(host) if !host.is_empty() => query.clone().eq("host", host),
        _ => query.clone(),
    };
    if request.store.soft_delete(&owned).await? > 0 {
        return Ok(());
    }
    Err(if request.store.first(&query).await?.is_some() {
        object_action("destroy", "host changed")
    } else {
        COMPUTE_HOST_NOT_FOUND.with([("host", id.into())])
    })
}
