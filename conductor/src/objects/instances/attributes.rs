//! What of an instance is not in its row, read for as many instances at once as are asked for.

use std::collections::HashMap;

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::{Map, Value as Json};

use super::super::changes::mark_loaded;
use super::super::class::Class;
use super::super::exception::UNSUPPORTED_OBJECT;
use super::super::primitive;
use super::super::request::{Request, list_of};
use super::{ec2, parts};
use crate::store::{Order, Query, ReadDeleted, Row};

/// Attributes that are read only when they are expected.
pub(crate) const ALL: &[&str] = &[
    "metadata",
    "system_metadata",
    "info_cache",
    "security_groups",
    "pci_devices",
    "tags",
    "services",
    "fault",
    "flavor",
    "old_flavor",
    "new_flavor",
    "ec2_ids",
    "numa_topology",
    "pci_requests",
    "vcpu_model",
    "migration_context",
    "keypairs",
    "device_metadata",
    "trusted_certs",
    "resources",
];

/// The instance of a row, with what is expected.
pub(crate) async fn object(
    request: &Request<'_>,
    row: Row,
    expected: &[String],
) -> Result<NovaObject, Failure> {
    let mut objects = objects(request, &[row], expected).await?;
    objects.pop().ok_or_else(|| super::not_found(""))
}

/// The instances of rows, in their order, with what is expected.
pub(crate) async fn objects(
    request: &Request<'_>,
    rows: &[Row],
    expected: &[String],
) -> Result<Vec<NovaObject>, Failure> {
    let class = class("Instance")?;
    let beside = Beside::read(request, rows, expected).await?;
    let mut objects = Vec::with_capacity(rows.len());
    for row in rows {
        let mut instance = primitive::object(class, row)?;
        beside.add(row, &mut instance)?;
        if beside.expects("ec2_ids") {
            let ids = ec2::ids(request, &instance).await?;
            instance.data.insert("ec2_ids".to_owned(), ids.into());
        }
        mark_loaded(&mut instance);
        objects.push(instance);
    }
    Ok(objects)
}

pub(super) fn class(name: &str) -> Result<&'static Class, Failure> {
    Class::named(name).ok_or_else(|| UNSUPPORTED_OBJECT.with([("objtype", name.into())]))
}

/// Rows under the value of a column of theirs.
type Grouped = HashMap<String, Vec<Row>>;

/// What was read beside the rows of some instances. A group that was not expected is empty.
struct Beside<'a> {
    expected: &'a [String],
    metadata: Grouped,
    system_metadata: Grouped,
    info_caches: Grouped,
    pci_devices: Grouped,
    tags: Grouped,
    faults: Grouped,
    services: Grouped,
    extras: Grouped,
}

impl<'a> Beside<'a> {
    async fn read(
        request: &Request<'_>,
        rows: &[Row],
        expected: &'a [String],
    ) -> Result<Beside<'a>, Failure> {
        let expects = |name: &str| expected.iter().any(|attribute| attribute == name);
        let of = |column: &str| -> Vec<String> {
            let values = rows.iter().filter_map(|row| row.text(column));
            values.map(str::to_owned).collect()
        };
        let read = async |wanted: bool, query: Query, column: &'static str, values: Vec<String>| {
            if !wanted || values.is_empty() {
                return Ok(Grouped::new());
            }
            let query = query.is_in(column, values).order_by("id", Order::Ascending);
            Ok::<_, Failure>(grouped(request.store.select(&query).await?, column))
        };
        let live = Query::of;
        let ever = |table| Query::of(table).deleted(ReadDeleted::Yes);
        let compute = live("services")
            .deleted(ReadDeleted::Yes)
            .eq("binary", "nova-compute");
        Ok(Beside {
            expected,
            metadata: read(
                expects("metadata"),
                live("instance_metadata"),
                INSTANCE,
                of("uuid"),
            )
            .await?,
            system_metadata: read(
                expects("system_metadata"),
                ever("instance_system_metadata"),
                INSTANCE,
                of("uuid"),
            )
            .await?,
            info_caches: read(
                expects("info_cache"),
                ever("instance_info_caches"),
                INSTANCE,
                of("uuid"),
            )
            .await?,
            pci_devices: read(expects("pci_devices"), live("pci_devices"), INSTANCE, of("uuid")).await?,
            faults: read(expects("fault"), live("instance_faults"), INSTANCE, of("uuid")).await?,
            services: read(expects("services"), compute, "host", of("host")).await?,
            extras: read(
                parts::any_expected(expected),
                ever("instance_extra"),
                INSTANCE,
                of("uuid"),
            )
            .await?,
            tags: tags(request, expects("tags"), of("uuid")).await?,
        })
    }

    fn expects(&self, name: &str) -> bool {
        self.expected.iter().any(|attribute| attribute == name)
    }

    /// Sets what is expected of the instance of a row.
    fn add(&self, row: &Row, instance: &mut NovaObject) -> Result<(), Failure> {
        let uuid = row.text("uuid").unwrap_or_default();
        let of = |group: &Grouped| group.get(uuid).cloned().unwrap_or_default();
        let mut set = |name: &str, value: Json| {
            instance.data.insert(name.to_owned(), value);
        };
        if self.expects("metadata") {
            set("metadata", pairs(&of(&self.metadata)));
        }
        if self.expects("system_metadata") {
            set("system_metadata", pairs(&of(&self.system_metadata)));
        }
        if self.expects("info_cache") {
            let cache = of(&self.info_caches);
            let cache = cache
                .first()
                .map(|row| primitive::object(class("InstanceInfoCache")?, row));
            set("info_cache", cache.transpose()?.map_or(Json::Null, Json::from));
        }
        if self.expects("security_groups") {
            // Nova keeps none any more: they are the network's.
            set(
                "security_groups",
                list_of(class("SecurityGroupList")?, &[])?.into(),
            );
        }
        if self.expects("pci_devices") {
            let devices = list_of(class("PciDeviceList")?, &of(&self.pci_devices))?;
            set("pci_devices", devices.into());
        }
        if self.expects("tags") {
            set("tags", list_of(class("TagList")?, &of(&self.tags))?.into());
        }
        if self.expects("services") {
            let host = row.text("host").filter(|_| row.int("deleted") == Some(0));
            let rows = host.and_then(|host| self.services.get(host));
            let rows = rows.map_or(&[][..], Vec::as_slice);
            set("services", list_of(class("ServiceList")?, rows)?.into());
        }
        if self.expects("fault") {
            let fault = of(&self.faults);
            let fault = fault
                .last()
                .map(|row| primitive::object(class("InstanceFault")?, row));
            set("fault", fault.transpose()?.map_or(Json::Null, Json::from));
        }
        let extra = of(&self.extras);
        parts::add(extra.first(), uuid, self.expected, instance)
    }
}

/// The column that says which instance a row belongs to.
const INSTANCE: &str = "instance_uuid";

fn grouped(rows: Vec<Row>, column: &str) -> Grouped {
    let mut groups = Grouped::new();
    for row in rows {
        let key = row.text(column).unwrap_or_default().to_owned();
        groups.entry(key).or_default().push(row);
    }
    groups
}

/// Tags have neither numbers nor a mark of deletion.
async fn tags(request: &Request<'_>, wanted: bool, instances: Vec<String>) -> Result<Grouped, Failure> {
    if !wanted || instances.is_empty() {
        return Ok(Grouped::new());
    }
    let query = Query::of("tags").is_in("resource_id", instances);
    Ok(grouped(request.store.select(&query).await?, "resource_id"))
}

fn pairs(rows: &[Row]) -> Json {
    let pairs = rows.iter().filter_map(|row| {
        let key = row.text("key")?.to_owned();
        let value = row.text("value").map_or(Json::Null, Json::from);
        Some((key, value))
    });
    Json::Object(pairs.collect::<Map<_, _>>())
}
