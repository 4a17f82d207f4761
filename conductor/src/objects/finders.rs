//! Methods that find objects by the values of columns, as a table: one line a method.

use rpc_runtime::Failure;
use serde_json::{Map, Value as Json};

use super::arguments::Passed;
use super::class::Class;
use super::exception::{
    BDM_NOT_FOUND, Exception, INFO_CACHE_NOT_FOUND, MIGRATION_NOT_FOUND, MIGRATION_NOT_FOUND_BY_STATUS,
    MIGRATION_NOT_FOUND_FOR_INSTANCE, PCI_DEVICE_NOT_FOUND, PCI_DEVICE_NOT_FOUND_BY_ID, SERVICE_NOT_FOUND,
    SHARE_NOT_FOUND, no_such_method,
};
use super::primitive;
use super::request::Request;
use crate::store::{Comparison, Condition, Order, Query, ReadDeleted, Value};

/// A method of a class.
struct Finder {
    class: &'static str,
    method: &'static str,
    /// Its parameters, as [`Passed::bind`] takes them.
    parameters: &'static [&'static str],
    /// The columns that the first parameters are values of. A list means one of its items, and an optional parameter
    /// that did not come any value.
    columns: &'static [&'static str],
    /// What else holds of the rows.
    fixed: Fixed,
    /// Whether rows are seen that were deleted; `None` leaves that to the caller.
    deleted: Option<ReadDeleted>,
    order: Sort,
    missing: Missing,
}

/// A condition that is not an argument.
enum Fixed {
    Nothing,
    Enabled,
    Allocated,
}

enum Sort {
    ById,
    NewestFirst,
}

/// What it means that there is no such object. A list is empty.
enum Missing {
    Null,
    /// The exception, and under which names it takes the first parameters.
    Raises(&'static Exception, &'static [&'static str]),
}

use Missing::{Null, Raises};

const fn finder(
    class: &'static str,
    method: &'static str,
    parameters: &'static [&'static str],
    columns: &'static [&'static str],
) -> Finder {
    Finder {
        class,
        method,
        parameters,
        columns,
        fixed: Fixed::Nothing,
        deleted: None,
        order: Sort::ById,
        missing: Null,
    }
}

impl Finder {
    const fn or(mut self, exception: &'static Exception, names: &'static [&'static str]) -> Self {
        self.missing = Raises(exception, names);
        self
    }

    const fn reading(mut self, deleted: ReadDeleted) -> Self {
        self.deleted = Some(deleted);
        self
    }

    const fn that_is(mut self, fixed: Fixed) -> Self {
        self.fixed = fixed;
        self
    }

    const fn newest_first(mut self) -> Self {
        self.order = Sort::NewestFirst;
        self
    }
}

const LIVE: ReadDeleted = ReadDeleted::No;
const ALL: ReadDeleted = ReadDeleted::Yes;

#[rustfmt::skip]
const FINDERS: &[Finder] = &[
    finder("Service", "get_by_id", &["service_id"], &["id"]).or(&SERVICE_NOT_FOUND, &["service_id"]),
    finder("Service", "get_by_uuid", &["service_uuid"], &["uuid"]).or(&SERVICE_NOT_FOUND, &["service_id"]),
    finder("Service", "get_by_host_and_topic", &["host", "topic"], &["host", "topic"]).reading(LIVE).that_is(Fixed::Enabled),
    finder("ServiceList", "get_by_host", &["host"], &["host"]).reading(LIVE),
    finder("ServiceList", "get_by_topic", &["topic"], &["topic"]).reading(LIVE).that_is(Fixed::Enabled),
    finder("BlockDeviceMappingList", "get_by_instance_uuid", &["instance_uuid", "use_slave?"], &["instance_uuid"]),
    finder("BlockDeviceMappingList", "get_by_instance_uuids", &["instance_uuids", "use_slave?"], &["instance_uuid"]),
    finder("BlockDeviceMapping", "get_by_id", &["id"], &["id"]).or(&BDM_NOT_FOUND, &["id"]),
    finder("InstanceInfoCache", "get_by_instance_uuid", &["instance_uuid"], &["instance_uuid"]).or(&INFO_CACHE_NOT_FOUND, &["instance_uuid"]),
    finder("InstanceFault", "get_latest_for_instance", &["instance_uuid"], &["instance_uuid"]).newest_first(),
    finder("InstanceFaultList", "get_by_instance_uuids", &["instance_uuids"], &["instance_uuid"]).newest_first(),
    finder("InstanceAction", "get_by_request_id", &["instance_uuid", "request_id"], &["instance_uuid", "request_id"]).newest_first(),
    finder("InstanceActionEvent", "get_by_id", &["action_id", "event_id"], &["action_id", "id"]),
    finder("InstanceActionEventList", "get_by_action", &["action_id"], &["action_id"]).newest_first(),
    finder("Migration", "get_by_id", &["migration_id"], &["id"]).reading(ALL).or(&MIGRATION_NOT_FOUND, &["migration_id"]),
    finder("Migration", "get_by_uuid", &["migration_uuid"], &["uuid"]).reading(ALL).or(&MIGRATION_NOT_FOUND, &["migration_id"]),
    finder("Migration", "get_by_id_and_instance", &["migration_id", "instance_uuid"], &["id", "instance_uuid"]).or(&MIGRATION_NOT_FOUND_FOR_INSTANCE, &["migration_id", "instance_id"]),
    finder("Migration", "get_by_instance_and_status", &["instance_uuid", "status"], &["instance_uuid", "status"]).reading(ALL).or(&MIGRATION_NOT_FOUND_BY_STATUS, &["instance_id", "status"]),
    finder("PciDevice", "get_by_dev_addr", &["compute_node_id", "dev_addr"], &["compute_node_id", "address"]).or(&PCI_DEVICE_NOT_FOUND, &["node_id", "address"]),
    finder("PciDevice", "get_by_dev_id", &["id"], &["id"]).or(&PCI_DEVICE_NOT_FOUND_BY_ID, &["id"]),
    finder("PciDeviceList", "get_by_compute_node", &["node_id"], &["compute_node_id"]),
    finder("PciDeviceList", "get_by_instance_uuid", &["uuid"], &["instance_uuid"]).that_is(Fixed::Allocated),
    finder("PciDeviceList", "get_by_parent_address", &["node_id", "parent_addr"], &["compute_node_id", "parent_addr"]),
    finder("ShareMapping", "get_by_instance_uuid_and_share_id", &["instance_uuid", "share_id"], &["instance_uuid", "share_id"]).or(&SHARE_NOT_FOUND, &["", "share_id"]),
    finder("ShareMappingList", "get_by_instance_uuid", &["instance_uuid"], &["instance_uuid"]),
    finder("ShareMappingList", "get_by_share_id", &["share_id"], &["share_id"]),
    finder("TagList", "get_by_resource_id", &["resource_id"], &["resource_id"]),
    finder("TaskLog", "get", &["task_name", "period_beginning", "period_ending", "host", "state?"], &["task_name", "period_beginning", "period_ending", "host", "state"]),
    finder("TaskLogList", "get_all", &["task_name", "period_beginning", "period_ending", "host?", "state?"], &["task_name", "period_beginning", "period_ending", "host", "state"]),
    finder("VirtualInterface", "get_by_id", &["vif_id"], &["id"]),
    finder("VirtualInterface", "get_by_uuid", &["vif_uuid"], &["uuid"]),
    finder("VirtualInterface", "get_by_address", &["address"], &["address"]),
    finder("VirtualInterface", "get_by_instance_and_network", &["instance_uuid", "network_id"], &["instance_uuid", "network_id"]),
    finder("VirtualInterfaceList", "get_all", &[], &[]),
    finder("VirtualInterfaceList", "get_by_instance_uuid", &["instance_uuid", "use_slave?"], &["instance_uuid"]),
];

/// Runs the method, if it is one of the table.
pub(crate) async fn find(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let method = passed.method;
    let finder = FINDERS
        .iter()
        .find(|finder| finder.class == class.name && finder.method == method)
        .ok_or_else(|| no_such_method(class.name, method))?;
    let mut arguments = passed.bind(finder.parameters)?;
    let names = finder.parameters.iter().map(|name| name.trim_end_matches('?'));
    let values: Vec<Json> = names.map(|name| arguments.value(name)).collect();

    let item = class.items().unwrap_or(class);
    let query = finder.query(request, item, &values)?;
    if class.items().is_some() {
        return Ok(request.list(class, query).await?.into());
    }
    match (request.first(class, query).await?, &finder.missing) {
        (Some(object), _) => Ok(object.into()),
        (None, Null) => Ok(Json::Null),
        (None, Raises(exception, names)) => Err(exception.raised(names, values)),
    }
}

impl Finder {
    fn query(&self, request: &Request<'_>, item: &Class, values: &[Json]) -> Result<Query, Failure> {
        let mut query = request.query(item)?;
        if let Some(deleted) = self.deleted {
            query = query.deleted(deleted);
        }
        for ((parameter, column), value) in self.parameters.iter().zip(self.columns).zip(values) {
            if !(parameter.ends_with('?') && value.is_null()) {
                query = query.with(condition(item, column, value)?);
            }
        }
        query = match self.fixed {
            Fixed::Nothing => query,
            Fixed::Enabled => query.eq("disabled", false),
            Fixed::Allocated => query.eq("status", "allocated"),
        };
        Ok(match self.order {
            Sort::ById => query.order_by("id", Order::Ascending),
            Sort::NewestFirst => query
                .order_by("created_at", Order::Descending)
                .order_by("id", Order::Descending),
        })
    }
}

/// That a column holds a value, or one of a list.
pub(crate) fn condition(class: &Class, column: &str, value: &Json) -> Result<Condition, Failure> {
    let value_of = |value: &Json| match class.field(column) {
        Some(field) => primitive::column(class, field, value),
        None => Ok(plain(value)),
    };
    Ok(match value {
        Json::Array(values) => Condition::is_in(
            column,
            values.iter().map(value_of).collect::<Result<Vec<_>, _>>()?,
        ),
        value => Condition::eq(column, value_of(value)?),
    })
}

/// Of these rows, those that were last changed between the times of the filters `changes-since` and `changes-before`.
pub(crate) fn changed_within(mut query: Query, filters: &Map<String, Json>) -> Result<Query, Failure> {
    for (name, how) in [
        ("changes-since", Comparison::GreaterOrEqual),
        ("changes-before", Comparison::LessOrEqual),
    ] {
        let Some(value) = filters.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        // One that was left out would let through what nobody asked for.
        let time = value.as_str().and_then(primitive::moment).ok_or_else(|| {
            let text = format!("filter '{name}' is no time: {value}");
            Failure::new("builtins", "ValueError", text)
        })?;
        query = query.with(Condition::compare("updated_at", how, time));
    }
    Ok(query)
}

/// A value for a column that no field names.
fn plain(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| number.to_string().into(), Value::Int),
        Json::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::class::Kind;
    use super::super::tables;
    use super::*;

    #[test]
    fn every_line_names_a_class_with_a_table_and_fields_of_it() {
        for finder in FINDERS {
            let class = Class::named(finder.class).unwrap();
            let item = class.items().unwrap_or(class);
            assert!(tables::table(item.name).is_some(), "{}", item.name);
            for column in finder.columns {
                let field = item.field(column);
                assert!(
                    field.is_some_and(|field| !matches!(field.kind, Kind::Object(_))),
                    "{}.{column}",
                    item.name
                );
            }
            assert!(finder.columns.len() <= finder.parameters.len());
        }
    }

    #[test]
    fn a_filter_that_is_no_time_is_told() {
        let within = |filters: Json| {
            let filters = filters.as_object().cloned().unwrap_or_default();
            changed_within(Query::of("instances"), &filters)
        };
        let all = || Query::of("instances");
        assert_eq!(within(serde_json::json!({"changes-since": null})), Ok(all()));
        let time = "2026-11-22T12:00:00Z";
        let since = within(serde_json::json!({"changes-since": time, "name": "x"}));
        assert_eq!(since, Ok(all().ge("updated_at", primitive::moment(time))));
        let odd = within(serde_json::json!({"changes-before": "yesterday"})).unwrap_err();
        assert!(odd.message.contains("changes-before"), "{odd}");
    }
}
