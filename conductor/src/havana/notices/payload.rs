//! What is told of an instance and of a volume, in the form that accounting has read since before 2013.2.

use std::collections::HashMap;

use conductor_api::havana::Row as Sent;
use jiff::civil::DateTime;
use serde_json::{Map, Value as Json, json};

use super::{StateChanges, rows};
use crate::store::Row;

/// What is common to all that is told of an instance.
pub(super) fn instance(instance: &Sent) -> Map<String, Json> {
    let value = |key: &str| rows::field(instance, key).cloned().unwrap_or_default();
    let or_empty = |key: &str| match value(key) {
        Json::Null => "".into(),
        value => value,
    };
    let number = |key: &str| value(key).as_i64().unwrap_or(0);
    let system = pairs(&value("system_metadata"));
    let kept = |key: &str| system.get(key).cloned().unwrap_or_else(|| "".into());
    let image: Map<String, Json> = system
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("image_")?.to_owned(), value.clone())))
        .collect();
    let image_url = value("image_ref").as_str().map(|image| format!("images/{image}"));
    let told = json!({
        "tenant_id": value("project_id"),
        "user_id": value("user_id"),
        "instance_id": value("uuid"),
        "display_name": value("display_name"),
        "reservation_id": value("reservation_id"),
        "hostname": value("hostname"),
        "instance_type": kept("instance_type_name"),
        "instance_type_id": value("instance_type_id"),
        "instance_flavor_id": kept("instance_type_flavorid"),
        "architecture": value("architecture"),
        "memory_mb": value("memory_mb"),
        "disk_gb": number("root_gb").saturating_add(number("ephemeral_gb")),
        "vcpus": value("vcpus"),
        "root_gb": value("root_gb"),
        "ephemeral_gb": value("ephemeral_gb"),
        "host": value("host"),
        "node": value("node"),
        "availability_zone": value("availability_zone"),
        "created_at": or_empty("created_at"),
        "terminated_at": or_empty("terminated_at"),
        "deleted_at": or_empty("deleted_at"),
        "launched_at": or_empty("launched_at"),
        // Where images are served is not known here; readers take the last part.
        "image_ref_url": image_url,
        "os_type": value("os_type"),
        "kernel_id": value("kernel_id"),
        "ramdisk_id": value("ramdisk_id"),
        "state": value("vm_state"),
        "state_description": or_empty("task_state"),
        "access_ip_v4": value("access_ip_v4"),
        "access_ip_v6": value("access_ip_v6"),
        "image_meta": image,
        "metadata": pairs(&value("metadata")),
    });
    match told {
        Json::Object(told) => told,
        _ => Map::new(),
    }
}

/// The states before and after an update. Without a change that is to be told, there are no states of before.
pub(super) fn states(before: &Row, after: &Sent, told: StateChanges) -> Map<String, Json> {
    let old = |column| rows::json(before.get(column));
    let new = |column: &str| after.get(column).cloned().unwrap_or_default();
    let machine = old("vm_state") != new("vm_state");
    let task = old("task_state") != new("task_state") && told == StateChanges::MachineAndTask;
    let of_before = |column| match machine || task {
        true => old(column),
        false => Json::Null,
    };
    Map::from_iter([
        ("old_state".to_owned(), of_before("vm_state")),
        ("state".to_owned(), new("vm_state")),
        ("old_task_state".to_owned(), of_before("task_state")),
        ("new_task_state".to_owned(), new("task_state")),
    ])
}

/// What was done to a volume, in all.
pub(super) fn volume(usage: &Row) -> Json {
    let text = |column| rows::json(usage.get(column));
    let sum = |counter: &str| {
        let of = |prefix: &str| usage.int(&format!("{prefix}_{counter}")).unwrap_or(0);
        of("tot").saturating_add(of("curr"))
    };
    let refreshed = usage
        .time("tot_last_refreshed")
        .max(usage.time("curr_last_refreshed"));
    json!({
        "volume_id": text("volume_id"),
        "tenant_id": text("project_id"),
        "user_id": text("user_id"),
        "availability_zone": text("availability_zone"),
        "instance_id": text("instance_uuid"),
        "last_refreshed": refreshed.map(python_time).unwrap_or_default(),
        "reads": sum("reads"),
        "read_bytes": sum("read_bytes"),
        "writes": sum("writes"),
        "write_bytes": sum("write_bytes"),
    })
}

/// The labels of an instance's networks by the hardware address of its interface there.
pub(super) fn network_labels(instance: &Sent) -> HashMap<String, String> {
    let cache = rows::field(instance, "info_cache").unwrap_or(&Json::Null);
    let interfaces = match &cache["network_info"] {
        Json::String(text) => serde_json::from_str(text).unwrap_or_default(),
        list => list.clone(),
    };
    let label = |interface: &Json| {
        let address = interface["address"].as_str()?.to_owned();
        let label = interface["network"]["label"].as_str().map(str::to_owned);
        let label = label.unwrap_or_else(|| format!("net-name-not-found-{address}"));
        Some((address, label))
    };
    interfaces
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(label)
        .collect()
}

/// Metadata as a map, whether it comes as one or as rows of keys and values.
fn pairs(metadata: &Json) -> Map<String, Json> {
    let pair = |row: &Json| Some((row["key"].as_str()?.to_owned(), row["value"].clone()));
    match metadata {
        Json::Object(map) => map.clone(),
        Json::Array(rows) => rows.iter().filter_map(pair).collect(),
        _ => Map::new(),
    }
}

/// A time as Python's `str` writes it.
pub(super) fn python_time(time: DateTime) -> String {
    match time.subsec_nanosecond() {
        0 => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        _ => time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
    }
}
