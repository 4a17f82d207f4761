//! Two layouts of a block device: the old one has a `virtual_name`, the new one says where the data comes from and
//! where it is put. Only the new one is stored.

use conductor_api::havana::{Code, NovaError, Row as Sent};
use serde_json::{Value as Json, json};

use super::super::errors::unexpected;
use crate::python::is_true;

/// What both layouts have.
const SHARED: [&str; 13] = [
    "id",
    "instance_uuid",
    "created_at",
    "updated_at",
    "deleted_at",
    "deleted",
    "device_name",
    "delete_on_termination",
    "snapshot_id",
    "volume_id",
    "volume_size",
    "no_device",
    "connection_info",
];

/// What only the new layout has.
const NEW: [&str; 7] = [
    "source_type",
    "destination_type",
    "guest_format",
    "device_type",
    "disk_bus",
    "boot_index",
    "image_id",
];

/// Whether values mean the same in both layouts, or are of the new one: then they can be written as they are.
pub(super) fn is_for_update(values: &Sent) -> bool {
    values
        .keys()
        .all(|key| SHARED.contains(&key.as_str()) || NEW.contains(&key.as_str()))
}

/// Values in the new layout. Those that are in it already are left as they are.
pub(super) fn from_legacy(values: Sent, ephemeral_format: Option<&str>) -> Result<Sent, NovaError> {
    if values.get("source_type").is_some_and(|source| !source.is_null()) {
        return Ok(values);
    }
    let is_set = |key: &str| values.get(key).is_some_and(is_true);
    let virtual_name = values
        .get("virtual_name")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let derived = if virtual_name == "swap" || is_ephemeral(virtual_name) {
        let format = match virtual_name {
            "swap" => Some("swap"),
            _ => ephemeral_format,
        };
        json!({
            "source_type": "blank",
            "destination_type": "local",
            "delete_on_termination": true,
            "guest_format": format,
        })
    } else if is_set("snapshot_id") {
        json!({"source_type": "snapshot", "destination_type": "volume"})
    } else if is_set("volume_id") {
        json!({"source_type": "volume", "destination_type": "volume"})
    } else if is_set("no_device") {
        json!({})
    } else {
        return Err(unexpected(NovaError::InvalidBDMFormat {
            details: "Unrecognized legacy format.".to_owned(),
            code: Code,
        }));
    };
    let mut new: Sent = values
        .into_iter()
        .filter(|(key, _)| SHARED.contains(&key.as_str()))
        .collect();
    if let Json::Object(derived) = derived {
        new.extend(derived);
    }
    Ok(new)
}

/// Mappings in the old layout. Images have no place in it, and are left out; ephemeral disks are numbered anew.
pub(super) fn to_legacy(mappings: Vec<Sent>) -> Vec<Sent> {
    let mut ephemerals = 0;
    let legacy = |mapping: Sent| {
        let virtual_name = match mapping.get("source_type").and_then(Json::as_str) {
            Some("blank") if mapping.get("guest_format").and_then(Json::as_str) == Some("swap") => {
                "swap".into()
            }
            Some("blank") => {
                ephemerals += 1;
                format!("ephemeral{}", ephemerals - 1).into()
            }
            Some("image") if mapping.get("destination_type").and_then(Json::as_str) != Some("volume") => {
                return None;
            }
            _ => Json::Null,
        };
        let mut legacy: Sent = mapping
            .into_iter()
            .filter(|(key, _)| SHARED.contains(&key.as_str()))
            .collect();
        legacy.insert("virtual_name".to_owned(), virtual_name);
        Some(legacy)
    };
    mappings.into_iter().filter_map(legacy).collect()
}

/// `ephemeral0`, `ephemeral1` and so on.
fn is_ephemeral(name: &str) -> bool {
    name.strip_prefix("ephemeral").is_some_and(|number| {
        number == "0"
            || (number.starts_with(|c: char| ('1'..='9').contains(&c))
                && number.bytes().all(|c| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: Json) -> Sent {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_old_layout_says_where_data_comes_from() {
        for (old, new) in [
            (
                json!({"virtual_name": "swap", "device_name": "/dev/vdb"}),
                json!({
                    "device_name": "/dev/vdb", "source_type": "blank", "destination_type": "local",
                    "delete_on_termination": true, "guest_format": "swap",
                }),
            ),
            (
                json!({"virtual_name": "ephemeral12"}),
                json!({
                    "source_type": "blank", "destination_type": "local",
                    "delete_on_termination": true, "guest_format": "ext4",
                }),
            ),
            (
                json!({"virtual_name": null, "snapshot_id": "s", "volume_id": "v"}),
                json!({
                    "snapshot_id": "s", "volume_id": "v",
                    "source_type": "snapshot", "destination_type": "volume",
                }),
            ),
            (
                json!({"volume_id": "v", "snapshot_id": ""}),
                json!({
                    "volume_id": "v", "snapshot_id": "",
                    "source_type": "volume", "destination_type": "volume",
                }),
            ),
            (json!({"no_device": true}), json!({"no_device": true})),
            (
                json!({"source_type": "image", "image_id": "i"}),
                json!({"source_type": "image", "image_id": "i"}),
            ),
        ] {
            assert_eq!(from_legacy(row(old.clone()), Some("ext4")), Ok(row(new)), "{old}");
        }
        for odd in [
            json!({}),
            json!({"virtual_name": "ephemeral01"}),
            json!({"no_device": false}),
            json!({"no_device": 0}),
        ] {
            let error = from_legacy(row(odd), None).unwrap_err();
            assert!(matches!(error, NovaError::InvalidBDMFormat { .. }));
        }
    }

    #[test]
    fn mappings_go_back_to_the_old_layout() {
        let legacy = to_legacy(vec![
            row(json!({"id": 1, "source_type": "blank", "guest_format": "swap", "disk_bus": "virtio"})),
            row(json!({"id": 2, "source_type": "blank", "guest_format": null})),
            row(json!({"id": 3, "source_type": "image", "destination_type": "local"})),
            row(json!({"id": 4, "source_type": "volume", "volume_id": "v"})),
            row(json!({"id": 5, "source_type": "blank", "guest_format": "ext4"})),
        ]);
        let expected = [
            json!({"id": 1, "virtual_name": "swap"}),
            json!({"id": 2, "virtual_name": "ephemeral0"}),
            json!({"id": 4, "virtual_name": null, "volume_id": "v"}),
            json!({"id": 5, "virtual_name": "ephemeral1"}),
        ];
        assert_eq!(legacy, expected.map(row));
    }

    #[test]
    fn only_the_virtual_name_needs_another_layout() {
        assert!(is_for_update(&row(
            json!({"id": 1, "connection_info": "{}", "boot_index": 0})
        )));
        assert!(!is_for_update(&row(json!({"id": 1, "virtual_name": "swap"}))));
    }
}
