//! An instance as a caller sends it: of Havana, or of today.

use conductor_api::NovaObject;
use serde_json::{Map, Value};

use super::errors::TaskError;

/// Which Nova a caller is of. Its scheduler and its compute services are of the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Era {
    /// 2013.2: instances are rows, or objects of major 1.
    Havana,
    /// Instances are objects of major 2.
    Today,
}

/// An instance.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) era: Era,
    pub(super) uuid: String,
    pub(super) object: NovaObject,
}

impl Instance {
    pub(super) fn of(mut object: NovaObject) -> Result<Self, TaskError> {
        let era = match object.version.split('.').next() {
            Some("1") => Era::Havana,
            _ => Era::Today,
        };
        if era == Era::Havana {
            complete(&mut object);
        }
        Ok(Self {
            era,
            uuid: object.require("uuid")?,
            object,
        })
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.object.text(field)
    }

    pub(super) fn int(&self, field: &str) -> Option<i64> {
        self.object.data.get(field).and_then(Value::as_i64)
    }

    /// The host that it is on.
    pub(super) fn host(&self) -> Result<&str, TaskError> {
        self.text("host")
            .ok_or_else(|| TaskError::ValueError(format!("instance {} is on no host", self.uuid)))
    }

    pub(super) fn system_metadata(&self) -> Map<String, Value> {
        match self.object.data.get("system_metadata") {
            Some(Value::Object(pairs)) => pairs.clone(),
            _ => Map::new(),
        }
    }
}

/// Makes objects of the rows inside of an instance that was a row itself: Havana's compute services take no other.
fn complete(instance: &mut NovaObject) {
    let of = |class: &str, row: Map<String, Value>| Value::from(NovaObject::of_row(class, row));
    for (field, value) in &mut instance.data {
        *value = match (field.as_str(), value.take()) {
            ("info_cache", Value::Object(row)) if !is_object(&row) => of("InstanceInfoCache", row),
            ("security_groups", Value::Array(rows)) => {
                let rows = rows.into_iter().filter_map(|row| match row {
                    Value::Object(row) => Some(of("SecurityGroup", row)),
                    _ => None,
                });
                let groups: Vec<Value> = rows.collect();
                NovaObject::new("SecurityGroupList", "1.0")
                    .with("objects", groups)
                    .into()
            }
            (_, value) => value,
        };
    }
}

fn is_object(fields: &Map<String, Value>) -> bool {
    fields.contains_key("nova_object.name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_version_of_an_instance_tells_of_which_nova_its_caller_is() {
        let era = |version: &str| {
            let object = NovaObject::new("Instance", version).with("uuid", "u");
            Instance::of(object).map(|instance| instance.era)
        };
        assert_eq!(era("2.8"), Ok(Era::Today));
        assert_eq!(era("1.0"), Ok(Era::Havana));
        let anonymous = Instance::of(NovaObject::new("Instance", "2.8"));
        assert!(matches!(anonymous, Err(TaskError::ValueError(text)) if text.contains("'uuid'")));
    }

    #[test]
    fn what_is_inside_of_a_row_becomes_an_object_too() {
        let row = json!({
            "uuid": "u",
            "info_cache": {"network_info": "[]"},
            "security_groups": [{"name": "default"}],
        });
        let Value::Object(row) = row else { panic!() };
        let plain = NovaObject::of_row("Instance", row).plain();
        let Value::Object(row) = plain else { panic!() };
        let instance = Instance::of(NovaObject::of_row("Instance", row)).unwrap();
        let cache = instance.object.object("info_cache").unwrap();
        assert_eq!(cache.name, "InstanceInfoCache");
        let groups = instance
            .object
            .object("security_groups")
            .unwrap()
            .objects()
            .unwrap();
        assert_eq!(groups[0].text("name"), Some("default"));
        // Twice is once.
        let again = Instance::of(instance.object.clone()).unwrap();
        assert_eq!(again.object, instance.object);
    }
}
