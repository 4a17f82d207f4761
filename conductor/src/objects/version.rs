//! Which versions of a class are served, and how an object is written for a caller that knows an older one.

use conductor_api::{Manifest, NovaObject};
use rpc_runtime::{Failure, Version};
use serde_json::Value;

use super::class::{Class, Kind};
use super::exception::{INCOMPATIBLE_VERSION, INVALID_TARGET_VERSION, UNSUPPORTED_OBJECT};

/// The class of this name, if the version asked for is one that it serves: of its major, and no later. A third part
/// of a version does not count.
pub(crate) fn served(name: &str, version: &str) -> Result<&'static Class, Failure> {
    let class = Class::named(name).ok_or_else(|| UNSUPPORTED_OBJECT.with([("objtype", name.into())]))?;
    let asked = minor_of(version);
    if asked.is_some_and(|asked| class.version.accepts(asked)) {
        return Ok(class);
    }
    Err(INCOMPATIBLE_VERSION.with([
        ("objname", name.into()),
        ("objver", version.into()),
        ("supported", class.version.to_string().into()),
    ]))
}

/// The same for an object, and for all objects in it.
pub(crate) fn check(object: &NovaObject) -> Result<&'static Class, Failure> {
    let class = served(&object.name, &object.version)?;
    object.data.values().try_for_each(check_within)?;
    Ok(class)
}

fn check_within(value: &Value) -> Result<(), Failure> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check_within),
        Value::Object(members) => match (members.get(NAME), members.get(VERSION)) {
            (Some(Value::String(name)), Some(Value::String(version))) => {
                served(name, version)?;
                members.get(DATA).map_or(Ok(()), check_within)
            }
            _ => members.values().try_for_each(check_within),
        },
        _ => Ok(()),
    }
}

const NAME: &str = "nova_object.name";
const VERSION: &str = "nova_object.version";
const DATA: &str = "nova_object.data";

/// A version without its third part.
fn minor_of(text: &str) -> Option<Version> {
    let version: Version = text.parse().ok()?;
    Some(Version::new(version.major, version.minor))
}

/// Writes an object as the versions in `manifest` have it: without fields that came later, and the objects in it
/// likewise. A class that the manifest lacks stays as it is; nothing becomes newer than it is.
pub(crate) fn backport(mut object: NovaObject, manifest: &Manifest) -> Result<NovaObject, Failure> {
    let Some(target) = manifest.get(&object.name) else {
        return Ok(object);
    };
    let wanted = minor_of(target);
    let (Some(class), Some(wanted)) = (Class::named(&object.name), wanted) else {
        return Err(INVALID_TARGET_VERSION.with([("version", target.as_str().into())]));
    };
    if wanted > class.version {
        return Err(INVALID_TARGET_VERSION.with([("version", target.as_str().into())]));
    }
    for field in &class.fields {
        if field.since.is_some_and(|since| wanted < since) {
            object.data.remove(field.name);
        } else if let Kind::Object(_) | Kind::Objects(_) = field.kind
            && let Some(value) = object.data.get_mut(field.name)
        {
            *value = backport_within(value.take(), manifest)?;
        }
    }
    object.version = wanted.to_string();
    if let Some(changes) = &mut object.changes {
        changes.retain(|name| object.data.contains_key(name));
    }
    object.changes = object.changes.filter(|changes| !changes.is_empty());
    Ok(object)
}

/// The answer of a method as the caller knows its class. What is no object, or an object that the caller knows, stays.
pub(crate) fn for_caller(answer: Value, manifest: &Manifest) -> Result<Value, Failure> {
    let knows = |members: &serde_json::Map<String, Value>| {
        let (Some(Value::String(name)), Some(Value::String(version))) =
            (members.get(NAME), members.get(VERSION))
        else {
            return true;
        };
        let wanted = manifest.get(name).and_then(|version| minor_of(version));
        wanted.is_none_or(|wanted| minor_of(version).is_some_and(|version| wanted.accepts(version)))
    };
    match answer {
        Value::Object(members) if !knows(&members) => backport_within(Value::Object(members), manifest),
        known => Ok(known),
    }
}

fn backport_within(value: Value, manifest: &Manifest) -> Result<Value, Failure> {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| backport_within(item, manifest))
            .collect(),
        Value::Object(members) if members.contains_key(NAME) => {
            let object: NovaObject = serde_json::from_value(Value::Object(members))
                .map_err(|error| Failure::new("builtins", "ValueError", error.to_string()))?;
            Ok(backport(object, manifest)?.into())
        }
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_takes_its_version_and_older_ones_of_its_major() {
        for version in ["1.22", "1.0", "1.22.7", "1.3.1"] {
            assert_eq!(served("Service", version).unwrap().name, "Service");
        }
        for version in ["1.23", "2.0", "0.9", "", "x.y"] {
            let failure = served("Service", version).unwrap_err();
            assert_eq!(failure.class, "IncompatibleObjectVersion", "{version}");
            assert_eq!(failure.module, "oslo_versionedobjects.exception");
            assert_eq!(failure.kwargs["supported"], "1.22");
        }
        let failure = served("Pigeon", "1.0").unwrap_err();
        assert_eq!(failure.class, "UnsupportedObjectError");
        assert_eq!(failure.message, "Unsupported object type Pigeon");
    }

    #[test]
    fn a_version_too_new_is_found_wherever_it_hides() {
        let list = |version: &str| {
            let item = NovaObject::new("Service", version);
            NovaObject::new("ServiceList", "1.19").with("objects", json!([Value::from(item)]))
        };
        assert!(check(&list("1.22")).is_ok());
        assert_eq!(
            check(&list("1.23")).unwrap_err().class,
            "IncompatibleObjectVersion"
        );
    }

    fn manifest(versions: &[(&str, &str)]) -> Manifest {
        let versions = versions.iter();
        versions
            .map(|(name, version)| ((*name).to_owned(), (*version).to_owned()))
            .collect()
    }

    #[test]
    fn an_older_caller_gets_no_field_that_it_does_not_know() {
        let mut node = NovaObject::new("ComputeNode", "1.19")
            .with("id", 1)
            .with("uuid", "u")
            .with(
                "pci_device_pools",
                NovaObject::new("PciDevicePoolList", "1.1").with("objects", json!([])),
            );
        node.set("mapped", 0);
        let list =
            NovaObject::new("ComputeNodeList", "1.17").with("objects", json!([Value::from(node.clone())]));
        let old = manifest(&[
            ("ComputeNodeList", "1.10"),
            ("ComputeNode", "1.14"),
            ("PciDevicePoolList", "1.0"),
        ]);
        let list = backport(list, &old).unwrap();
        assert_eq!(list.version, "1.10");
        let item = list.objects().unwrap().remove(0);
        assert_eq!(item.version, "1.14");
        assert_eq!(item.changes, None);
        let fields: Vec<&String> = item.data.keys().collect();
        assert_eq!(fields, ["id", "pci_device_pools"]);
        assert_eq!(item.object("pci_device_pools").unwrap().version, "1.0");

        assert_eq!(backport(node.clone(), &manifest(&[])).unwrap(), node);
        let newer = backport(node, &manifest(&[("ComputeNode", "1.99")]));
        assert_eq!(newer.unwrap_err().class, "InvalidTargetVersion");
    }
}
