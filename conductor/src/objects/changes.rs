//! What of an object is not saved, and what a method has changed in it.

use conductor_api::NovaObject;
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::class::{Class, Kind};

/// The fields that are not saved: those marked as changed, and those that hold an object of which that is so.
pub(crate) fn unsaved(object: &NovaObject) -> Vec<String> {
    let mut fields = object.changes.clone().unwrap_or_default();
    if let Some(class) = Class::named(&object.name) {
        let held = class.fields.iter().filter(|field| {
            let whole = match field.kind {
                Kind::Object(_) => true,
                // Only a list class asks its items.
                Kind::Objects(_) => class.items().is_some(),
                _ => false,
            };
            whole && object.data.get(field.name).is_some_and(is_unsaved)
        });
        for field in held {
            if !fields.iter().any(|name| name == field.name) {
                fields.push(field.name.to_owned());
            }
        }
    }
    fields
}

fn is_unsaved(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(is_unsaved),
        Value::Object(_) => NovaObject::deserialize(value).is_ok_and(|object| !unsaved(&object).is_empty()),
        _ => false,
    }
}

/// Marks what is read from the database: nothing is changed, except in objects within that say so themselves.
pub(crate) fn mark_loaded(object: &mut NovaObject) {
    object.changes = None;
    let fields = unsaved(object);
    object.changes = Some(fields).filter(|fields| !fields.is_empty());
}

/// What a method has done to an object: the fields that are set now and were not, or differ, and which are still not
/// saved. A field that is not set any more is not told.
pub(crate) fn updates(before: &NovaObject, after: &NovaObject) -> Map<String, Value> {
    let changed = after
        .data
        .iter()
        .filter(|(field, value)| before.data.get(*field) != Some(*value));
    let mut updates: Map<String, Value> = changed
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect();
    updates.insert("obj_what_changed".to_owned(), unsaved(after).into());
    updates
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_within_that_is_not_saved_makes_its_field_so() {
        let mut pools = NovaObject::new("PciDevicePoolList", "1.1");
        pools.set("objects", json!([]));
        let mut spec = NovaObject::new("HVSpec", "1.2");
        spec.set("arch", "x86_64");
        let mut node = NovaObject::new("ComputeNode", "1.19")
            .with("pci_device_pools", pools)
            .with("supported_hv_specs", json!([Value::from(spec)]));
        node.set("vcpus", 2);
        assert_eq!(unsaved(&node), ["vcpus", "pci_device_pools"]);
        mark_loaded(&mut node);
        assert_eq!(
            node.changes.as_deref(),
            Some(&["pci_device_pools".to_owned()][..])
        );

        let list = NovaObject::new("ComputeNodeList", "1.17").with("objects", json!([Value::from(node)]));
        assert_eq!(unsaved(&list), ["objects"]);
    }

    #[test]
    fn what_differs_or_is_new_is_told() {
        let before = NovaObject::new("Service", "1.22")
            .with("host", "a")
            .with("topic", "t");
        let mut after = before.clone().with("id", 1).with("host", "b");
        assert_eq!(
            Value::Object(updates(&before, &after)),
            json!({"id": 1, "host": "b", "obj_what_changed": []})
        );
        after.set("host", "a");
        assert_eq!(updates(&before, &after)["obj_what_changed"], json!(["host"]));
    }
}
