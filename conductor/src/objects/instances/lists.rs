//! Many instances: those of a host, those of a period, and those that some filters let through.

use std::collections::BTreeMap;

use rpc_runtime::Failure;
use serde_json::{Value as Json, json};

use super::super::arguments::{Arguments, Passed};
use super::super::class::Class;
use super::super::exception::{MARKER_NOT_FOUND, no_such_method, not_implemented};
use super::super::finders;
use super::super::paging::Sorting;
use super::super::primitive::moment;
use super::super::request::{Request, list_of, list_with};
use super::{INSTANCES, attributes, filters};
use crate::store::{Condition, Order, Query, ReadDeleted, Row, seconds_ago};

pub(super) async fn method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let all = Query::of(INSTANCES).deleted(request.read_deleted());
    let (query, mut arguments) = match passed.method {
        "get_by_host" => {
            let mut arguments = passed.bind(&["host", "expected_attrs?", "use_slave?"])?;
            (all.eq("host", arguments.take::<String>("host")?), arguments)
        }
        "get_by_host_and_node" => {
            let mut arguments = passed.bind(&["host", "node", "expected_attrs?"])?;
            let query = all
                .eq("host", arguments.take::<String>("host")?)
                .eq("node", arguments.take::<String>("node")?);
            (query, arguments)
        }
        "get_by_host_and_not_type" => {
            let mut arguments = passed.bind(&["host", "type_id?", "expected_attrs?"])?;
            let query = all
                .eq("host", arguments.take::<String>("host")?)
                .ne("instance_type_id", arguments.take::<Option<i64>>("type_id")?);
            (query, arguments)
        }
        "get_all" => (super::visible(request), passed.bind(&["expected_attrs?"])?),
        "get_hung_in_rebooting" => {
            let mut arguments = passed.bind(&["reboot_window", "expected_attrs?"])?;
            let window: i64 = arguments.take("reboot_window")?;
            let query = all
                .le("updated_at", seconds_ago(window))
                .eq("task_state", "rebooting");
            (query, arguments)
        }
        "_get_active_by_window_joined" => {
            let parameters = [
                "begin",
                "end?",
                "project_id?",
                "host?",
                "expected_attrs?",
                "use_slave?",
                "limit?",
                "marker?",
            ];
            let mut arguments = passed.bind(&parameters)?;
            (active(request, class, &mut arguments).await?, arguments)
        }
        "get_by_filters" => {
            let parameters = [
                "filters",
                "sort_key?",
                "sort_dir?",
                "limit?",
                "marker?",
                "expected_attrs?",
                "use_slave?",
                "sort_keys?",
                "sort_dirs?",
            ];
            let mut arguments = passed.bind(&parameters)?;
            match by_filters(request, class, &mut arguments).await? {
                Some(query) => (query, arguments),
                None => return Ok(list_with(class, Vec::new()).into()),
            }
        }
        "get_by_security_group_id" | "get_by_grantee_security_group_ids" => {
            return Err(not_implemented("security groups are the network's"));
        }
        _ => return counted(request, class, passed).await,
    };
    let expected: Option<Vec<String>> = arguments.take("expected_attrs")?;
    let rows = request.store.select(&query).await?;
    let instances = attributes::objects(request, &rows, &expected.unwrap_or_default()).await?;
    Ok(list_with(class, instances).into())
}

/// Answers that are no instances: identifiers and numbers.
async fn counted(request: &Request<'_>, class: &Class, passed: Passed<'_>) -> Result<Json, Failure> {
    let live = Query::of(INSTANCES);
    let uuids = |rows: &[Row]| -> Vec<Json> {
        let uuids = rows.iter().filter_map(|row| row.text("uuid"));
        uuids.map(Json::from).collect()
    };
    match passed.method {
        "get_uuids_by_host" => {
            let host: String = passed.bind(&["host"])?.take("host")?;
            let rows = request.store.select(&live.eq("host", host)).await?;
            Ok(uuids(&rows).into())
        }
        "get_uuids_by_host_and_node" => {
            let mut arguments = passed.bind(&["host", "node"])?;
            let query = live
                .eq("host", arguments.take::<String>("host")?)
                .eq("node", arguments.take::<String>("node")?);
            let rows = request.store.select(&query).await?;
            // Each as a row of one column.
            Ok(uuids(&rows).into_iter().map(|uuid| json!([uuid])).collect())
        }
        "get_uuids_by_hosts" => {
            let hosts: Vec<String> = passed.bind(&["hosts"])?.take("hosts")?;
            let rows = request.store.select(&live.is_in("host", hosts)).await?;
            let mut by_host: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for row in &rows {
                let host = row.text("host").unwrap_or_default();
                by_host.entry(host).or_default().extend(row.text("uuid"));
            }
            Ok(json!(by_host))
        }
        "get_count_by_vm_state" => {
            let mut arguments = passed.bind(&["project_id", "user_id", "vm_state"])?;
            let query = live
                .eq("project_id", arguments.take::<String>("project_id")?)
                .eq("user_id", arguments.take::<String>("user_id")?)
                .eq("vm_state", arguments.take::<String>("vm_state")?);
            Ok(request.store.count(&query).await?.into())
        }
        method => Err(no_such_method(class.name, method)),
    }
}

/// Instances that were there at some moment of a period.
async fn active(
    request: &Request<'_>,
    list: &'static Class,
    arguments: &mut Arguments,
) -> Result<Query, Failure> {
    let time = |text: String| {
        moment(&text).ok_or_else(|| Failure::new("builtins", "ValueError", format!("'{text}' is no time")))
    };
    let begin = time(arguments.take("begin")?)?;
    let mut query = Query::of(INSTANCES).deleted(ReadDeleted::Yes).any_of([
        Condition::is_null("terminated_at"),
        Condition::gt("terminated_at", begin),
    ]);
    if let Some(end) = arguments.take::<Option<String>>("end")? {
        query = query.lt("launched_at", time(end)?);
    }
    for column in ["project_id", "host"] {
        if let Some(value) = arguments.take::<Option<String>>(column)? {
            query = query.eq(column, value);
        }
    }
    let limit: Option<u64> = arguments.take("limit")?;
    let marker = marker(request, arguments).await?;
    let keys = vec!["project_id".to_owned(), "uuid".to_owned()];
    let class = list.items().unwrap_or(list);
    let sorting = Sorting::new(class, keys, &[], Order::Ascending)?;
    Ok(sorting.page(query, marker.as_ref(), limit))
}

/// The query of some filters; `None` if nothing can pass them.
async fn by_filters(
    request: &Request<'_>,
    list: &'static Class,
    arguments: &mut Arguments,
) -> Result<Option<Query>, Failure> {
    let limit: Option<u64> = arguments.take("limit")?;
    if limit == Some(0) {
        return Ok(None);
    }
    let given = arguments.take("filters")?;
    let keys: Option<Vec<String>> = arguments.take("sort_keys")?;
    let directions: Option<Vec<String>> = arguments.take("sort_dirs")?;
    let key: Option<String> = arguments.take("sort_key")?;
    let direction: Option<String> = arguments.take("sort_dir")?;
    let marker = marker(request, arguments).await?;
    let class = list.items().unwrap_or(list);
    let Some(query) = filters::query(request, class, given).await? else {
        return Ok(None);
    };
    let (keys, directions) = if keys.is_some() || directions.is_some() {
        (keys.unwrap_or_default(), directions.unwrap_or_default())
    } else {
        let direction = direction.unwrap_or_else(|| "desc".to_owned());
        (key.into_iter().collect(), vec![direction])
    };
    let sorting = Sorting::new(class, keys, &directions, Order::Descending)?;
    Ok(Some(sorting.page(query, marker.as_ref(), limit)))
}

/// The last row that the caller has, if it has some.
async fn marker(request: &Request<'_>, arguments: &mut Arguments) -> Result<Option<Row>, Failure> {
    let Some(uuid) = arguments.take::<Option<String>>("marker")? else {
        return Ok(None);
    };
    let query = Query::of(INSTANCES)
        .deleted(ReadDeleted::Yes)
        .eq("uuid", uuid.as_str());
    let row = request.store.first(&query).await?;
    let missing = || MARKER_NOT_FOUND.with([("marker", uuid.into())]);
    row.map(Some).ok_or_else(missing)
}

/// Methods of lists of faults.
pub(crate) async fn faults_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    if passed.method != "get_latest_by_instance_uuids" {
        return finders::find(request, class, passed).await;
    }
    let uuids: Vec<String> = passed.bind(&["instance_uuids"])?.take("instance_uuids")?;
    let query = Query::of("instance_faults")
        .is_in("instance_uuid", uuids)
        .order_by("id", Order::Ascending);
    let rows = request.store.select(&query).await?;
    let mut latest: BTreeMap<String, Row> = BTreeMap::new();
    for row in rows {
        latest.insert(row.text("instance_uuid").unwrap_or_default().to_owned(), row);
    }
    let rows: Vec<Row> = latest.into_values().collect();
    Ok(list_of(class, &rows)?.into())
}
