//! Objects of 2013.2 and of today: the same classes, with other fields and versions.
//!
//! Nova of 2013.2 sends every object as version 1.0, for it reads an attribute that its classes do not set. So the
//! version says nothing, and the name of the class everything: an object that comes in gets the version that today's
//! class has, and one that goes out is 1.0 and has the fields that there were.

use std::collections::HashMap;
use std::sync::LazyLock;

use conductor_api::NovaObject;
use serde::Deserialize as _;
use serde_json::{Map, Value as Json};

use crate::objects::version_of;

/// The version of all objects.
const VERSION: &str = "1.0";

static CLASSES: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let text = include_str!("classes.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let class = |line: &'static str| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.collect()))
    };
    lines.filter_map(class).collect()
});

/// The fields of a class that there was.
pub(super) fn fields(class: &str) -> Option<&'static [&'static str]> {
    CLASSES.get(class).map(Vec::as_slice)
}

/// Whether a caller may ask for this version: as there is but one, for no later one.
pub(super) fn is_served(version: &str) -> bool {
    version == VERSION || version.starts_with("1.0.")
}

/// An object of 2013.2 as today's classes have it, and the objects in it.
pub(super) fn to_today(object: NovaObject) -> NovaObject {
    let version = version_of(&object.name).map_or(object.version, |version| version.to_string());
    NovaObject {
        version,
        data: each(object.data, value_to_today),
        ..object
    }
}

/// Whatever a caller sends, with all objects in it as today's classes have them.
pub(super) fn value_to_today(value: Json) -> Json {
    convert(value, &to_today)
}

/// Fields of an object of today, as the class had them: those that came later are left out.
pub(super) fn fields_from_today(class: &str, mut data: Map<String, Json>) -> Map<String, Json> {
    if let Some(fields) = fields(class) {
        data.retain(|name, _| fields.contains(&name.as_str()));
    }
    each(data, value_from_today)
}

/// Whatever a method of today answers, with all objects in it as they were.
pub(super) fn value_from_today(value: Json) -> Json {
    convert(value, &|object: NovaObject| {
        let data = fields_from_today(&object.name, object.data);
        let changes = object.changes.map(|mut changes| {
            changes.retain(|name| data.contains_key(name));
            changes
        });
        NovaObject {
            version: VERSION.to_owned(),
            data,
            changes: changes.filter(|changes| !changes.is_empty()),
            ..object
        }
    })
}

fn each(data: Map<String, Json>, change: impl Fn(Json) -> Json) -> Map<String, Json> {
    data.into_iter()
        .map(|(name, value)| (name, change(value)))
        .collect()
}

/// Changes the objects in a value, the outermost of each first.
fn convert(value: Json, change: &dyn Fn(NovaObject) -> NovaObject) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(|item| convert(item, change)).collect(),
        Json::Object(members) => match NovaObject::deserialize(&members) {
            Ok(object) => change(object).into(),
            Err(_) => each(members, |value| convert(value, change)).into(),
        },
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_class_of_then_is_there_today() {
        for (class, fields) in CLASSES.iter() {
            assert!(version_of(class).is_some(), "{class}");
            assert!(!fields.is_empty(), "{class}");
        }
        assert_eq!(CLASSES.len(), 26);
    }

    #[test]
    fn objects_within_are_changed_with_the_outer_one() {
        let cache = NovaObject::new("InstanceInfoCache", "1.0").with("network_info", "[]");
        let instance = NovaObject::new("Instance", "1.0")
            .with("uuid", "u")
            .with("info_cache", cache);
        let today = to_today(instance.clone());
        let version = |class| version_of(class).unwrap().to_string();
        assert_eq!(today.version, version("Instance"));
        assert_eq!(
            today.object("info_cache").unwrap().version,
            version("InstanceInfoCache")
        );

        // And back, without what came later.
        let mut today = today.with("flavor", NovaObject::new("Flavor", "1.2"));
        today.set("trusted_certs", Json::Null);
        let list = json!({"answer": [Json::from(today)]});
        let back = value_from_today(list);
        assert_eq!(back, json!({"answer": [Json::from(instance)]}));
    }

    #[test]
    fn the_version_says_nothing() {
        assert!(is_served("1.0") && is_served("1.0.3"));
        for later in ["1.1", "1.9", "2.0", "1.01", ""] {
            assert!(!is_served(later), "{later}");
        }
    }
}
