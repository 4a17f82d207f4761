//! Making an instance: its row, and the rows of what belongs to it.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::super::changes::mark_loaded;
use super::super::class::{Class, Kind};
use super::super::exception::{INSTANCE_EXISTS, object_action};
use super::super::request::Request;
use super::super::{primitive, records};
use super::{INSTANCES, attributes, ec2, metadata, parts};
use crate::store::{Row, Value};

/// What an instance has from the beginning, be it null.
const PARTS: [&str; 7] = [
    "numa_topology",
    "pci_requests",
    "device_metadata",
    "vcpu_model",
    "trusted_certs",
    "resources",
    "migration_context",
];

pub(super) async fn create(
    request: &Request<'_>,
    class: &'static Class,
    instance: &mut NovaObject,
) -> Result<(), Failure> {
    check(instance)?;
    if !instance.is_set("uuid") {
        instance.set("uuid", uuid::Uuid::new_v4().to_string());
    }
    let uuid = super::uuid_of(instance)?;
    let fields = class.fields.iter().filter(|field| {
        let apart = ["metadata", "system_metadata", "deleted"].contains(&field.name);
        !apart && !matches!(field.kind, Kind::Object(_)) && instance.is_changed(field.name)
    });
    let mut row = primitive::row(class, instance, fields.map(|field| field.name))?;
    if let Value::Bool(truth) = *row.get("cleaned") {
        row.set("cleaned", i64::from(truth));
    }

    let mut transaction = request.store.begin().await?;
    let exists = |error| records::duplicate(error, || INSTANCE_EXISTS.with([("name", uuid.as_str().into())]));
    let row = transaction.insert(INSTANCES, &row).await.map_err(exists)?;
    metadata::write(&mut transaction, &uuid, instance).await?;
    let extra = parts::changed(instance, true).with("instance_uuid", uuid.as_str());
    transaction.insert("instance_extra", &extra).await?;
    let network = instance.object("info_cache").ok();
    let network = network.and_then(|cache| cache.text("network_info").map(str::to_owned));
    let cache = Row::new()
        .with("instance_uuid", uuid.as_str())
        .with("network_info", network.unwrap_or_else(|| "[]".to_owned()));
    transaction.insert("instance_info_caches", &cache).await?;
    transaction.commit().await?;

    let given = [
        "metadata",
        "system_metadata",
        "info_cache",
        "security_groups",
        "flavor",
        "keypairs",
    ];
    let given = given.iter().filter(|name| instance.is_set(name));
    let expected: Vec<String> = given.chain(&PARTS).map(|name| (*name).to_owned()).collect();
    let mut read = attributes::object(request, row, &expected).await?;
    instance.data.append(&mut read.data);
    let ids = ec2::ids(request, instance).await?;
    instance.data.insert("ec2_ids".to_owned(), ids.into());
    mark_loaded(instance);
    Ok(())
}

fn check(instance: &NovaObject) -> Result<(), Failure> {
    if instance.is_set("id") {
        return Err(object_action("create", "already created"));
    }
    if instance
        .data
        .get("deleted")
        .is_some_and(|deleted| *deleted == Json::Bool(true))
    {
        return Err(object_action("create", "already deleted"));
    }
    if instance.is_changed("node") && !instance.is_changed("compute_id") {
        let node = instance.text("node").unwrap_or_default();
        let text = format!("Instance is being created with node ('{node}') but not compute_id");
        return Err(Failure::new("nova.exception", "ObjectActionError", text));
    }
    Ok(())
}
