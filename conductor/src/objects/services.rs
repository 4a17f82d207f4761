//! Services: who is there, since when, and how new the oldest of a kind is. A heartbeat is a save of a service whose
//! report count has grown.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{
    COMPUTE_HOST_NOT_FOUND, HOST_BINARY_NOT_FOUND, SERVICE_BINARY_EXISTS, SERVICE_NOT_FOUND, SERVICE_TOO_OLD,
    SERVICE_TOPIC_EXISTS, object_action,
};
use super::request::{Request, list_of};
use super::{finders, records};
use crate::services;
use crate::store::{Order, Query, ReadDeleted, Row, StoreError, Value, now};

const COMPUTE: &str = "nova-compute";

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let live = Query::of("services");
    match (class.name, passed.method) {
        ("Service", "get_minimum_version") => {
            let binary = passed.bind(&["binary", "use_slave?"])?.take("binary")?;
            minimum_version(request, &[binary]).await.map(Json::from)
        }
        ("Service", "get_minimum_version_multi") => {
            let binaries: Vec<String> = passed.bind(&["binaries", "use_slave?"])?.take("binaries")?;
            minimum_version(request, &binaries).await.map(Json::from)
        }
        ("Service", "get_by_host_and_binary") => {
            let (_, _, service) = by_host_and_binary(request, class, passed).await?;
            Ok(service.map_or(Json::Null, Json::from))
        }
        ("Service", "get_by_args") => {
            let (host, binary, service) = by_host_and_binary(request, class, passed).await?;
            let missing = || HOST_BINARY_NOT_FOUND.with([("host", host.into()), ("binary", binary.into())]);
            service.map(Json::from).ok_or_else(missing)
        }
        ("Service", "get_by_compute_host") => {
            let host: String = passed.bind(&["host", "use_slave?"])?.take("host")?;
            let query = live.eq("host", host.as_str()).eq("binary", COMPUTE);
            let service = request.first(class, query).await?;
            let missing = || COMPUTE_HOST_NOT_FOUND.with([("host", host.into())]);
            service.map(Json::from).ok_or_else(missing)
        }
        ("ServiceList", "get_by_binary") => {
            let mut arguments = passed.bind(&["binary", "include_disabled?"])?;
            let binary: String = arguments.take("binary")?;
            let all: Option<bool> = arguments.take("include_disabled")?;
            let mut query = live.deleted(request.read_deleted()).eq("binary", binary);
            if all != Some(true) {
                query = query.eq("disabled", false);
            }
            Ok(request.list(class, query).await?.into())
        }
        ("ServiceList", "get_all") => {
            let mut arguments = passed.bind(&["disabled?", "set_zones?"])?;
            let disabled: Option<bool> = arguments.take("disabled")?;
            let mut query = live.deleted(request.read_deleted());
            if let Some(disabled) = disabled {
                query = query.eq("disabled", disabled);
            }
            Ok(request.list(class, query).await?.into())
        }
        ("ServiceList", "get_all_computes_by_hv_type") => {
            let hv_type: String = passed.bind(&["hv_type"])?.take("hv_type")?;
            computes_of_type(request, class, &hv_type).await.map(Json::from)
        }
        _ => finders::find(request, class, passed).await,
    }
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    service: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "create" => {
            passed.bind(&[])?;
            create(request, class, service).await?;
        }
        "save" => {
            passed.bind(&[])?;
            save(request, class, service).await?;
        }
        "destroy" => {
            passed.bind(&[])?;
            destroy(request, service).await?;
        }
        method => return Err(super::exception::no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

/// The lowest version of the live services of some binaries; 0 if there is none. Those that an operator has forced
/// down do not count.
async fn minimum_version(request: &Request<'_>, binaries: &[String]) -> Result<i64, Failure> {
    if !binaries.iter().all(|binary| binary.starts_with("nova-")) {
        return Err(object_action("get_minimum_version", "Invalid binary prefix"));
    }
    let lowest = Query::of("services")
        .is_in("binary", binaries)
        .eq("forced_down", false)
        .ne("version", Value::Null)
        .order_by("version", Order::Ascending);
    let row = request.store.first(&lowest).await?;
    Ok(row.and_then(|row| row.int("version")).unwrap_or(0))
}

/// A service of an older version than all others of its kind is not let in: it would not understand what they send.
async fn check_version(request: &Request<'_>, service: &NovaObject) -> Result<(), Failure> {
    let (Some(version), Some(binary)) = (
        service.data.get("version").and_then(Json::as_i64),
        service.text("binary"),
    ) else {
        return Ok(());
    };
    let minimum = minimum_version(request, &[binary.to_owned()]).await?;
    if minimum > version {
        return Err(SERVICE_TOO_OLD.with([("thisver", version.into()), ("minver", minimum.into())]));
    }
    Ok(())
}

async fn by_host_and_binary(
    request: &Request<'_>,
    class: &Class,
    passed: Passed<'_>,
) -> Result<(String, String, Option<NovaObject>), Failure> {
    let mut arguments = passed.bind(&["host", "binary"])?;
    let host: String = arguments.take("host")?;
    let binary: String = arguments.take("binary")?;
    let query = Query::of("services")
        .eq("host", host.as_str())
        .eq("binary", binary.as_str());
    let service = request.first(class, query).await?;
    Ok((host, binary, service))
}

async fn computes_of_type(
    request: &Request<'_>,
    class: &Class,
    hv_type: &str,
) -> Result<NovaObject, Failure> {
    let nodes = Query::of("compute_nodes")
        .deleted(ReadDeleted::Yes)
        .eq("hypervisor_type", hv_type);
    let nodes = request.store.select(&nodes).await?;
    let services = Query::of("services")
        .eq("binary", COMPUTE)
        .eq("disabled", false)
        .is_in("host", nodes.iter().filter_map(|node| node.text("host")));
    let rows = request.store.select(&services).await?;
    list_of(class, &rows)
}

async fn create(request: &Request<'_>, class: &Class, service: &mut NovaObject) -> Result<(), Failure> {
    if service.is_set("id") {
        return Err(object_action("create", "already created"));
    }
    check_version(request, service).await?;
    let mut row = records::new_row(class, service)?;
    if !request.enable_new_services && service.text("binary") == Some(COMPUTE) {
        row.set("disabled", true);
        row.set(
            "disabled_reason",
            "New compute service disabled due to config option.",
        );
    }
    let row = match request.store.insert("services", &row).await {
        Ok(row) => row,
        Err(StoreError::Duplicate { .. }) => return Err(exists(request, service).await?),
        Err(error) => return Err(error.into()),
    };
    records::reload(class, service, &row)
}

/// Which of the two things that are unique with the host is taken.
async fn exists(request: &Request<'_>, service: &NovaObject) -> Result<Failure, Failure> {
    let field = |name| service.data.get(name).cloned().unwrap_or_default();
    let taken = Query::of("services")
        .eq("host", service.text("host"))
        .eq("binary", service.text("binary"));
    Ok(if request.store.first(&taken).await?.is_some() {
        SERVICE_BINARY_EXISTS.with([("host", field("host")), ("binary", field("binary"))])
    } else {
        SERVICE_TOPIC_EXISTS.with([("host", field("host")), ("topic", field("topic"))])
    })
}

async fn save(request: &Request<'_>, class: &Class, service: &mut NovaObject) -> Result<(), Failure> {
    let id: i64 = service
        .require("id")
        .map_err(|error| object_action("save", &error.to_string()))?;
    check_version(request, service).await?;
    let missing = || SERVICE_NOT_FOUND.with([("service_id", id.into())]);
    let query = request.query(class)?.eq("id", id);
    let mut row = request.store.first(&query).await?.ok_or_else(missing)?;

    let mut changes = records::changed_row(class, service)?;
    let reported = |row: &Row| row.int("report_count");
    if reported(&changes).is_some_and(|count| reported(&row).is_none_or(|before| count > before)) {
        changes.set("last_seen_up", now());
    }
    if !changes.is_empty() {
        changes.set("updated_at", now());
        if request.store.update(&query, &changes).await? == 0 {
            return Err(missing());
        }
    }
    for (column, value) in changes {
        row.set(&column, value);
    }
    records::reload(class, service, &row)
}

/// Deletes a service, and the compute nodes of one that had some.
async fn destroy(request: &Request<'_>, service: &NovaObject) -> Result<(), Failure> {
    let id: i64 = service
        .require("id")
        .map_err(|error| object_action("destroy", &error.to_string()))?;
    let query = Query::of("services").eq("id", id);
    let mut transaction = request.store.begin().await?;
    let row = transaction.first(&query).await?;
    let row = row.ok_or_else(|| SERVICE_NOT_FOUND.with([("service_id", id.into())]))?;
    services::remove(&mut transaction, &row).await?;
    Ok(transaction.commit().await?)
}
