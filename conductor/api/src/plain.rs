//! Objects as the plain values that Nova sent before it had objects: a map of fields, a list of such maps. What is known
//! here of fields is only how a plain value is spelled differently from the field of an object.

use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::NovaObject;

/// Something that travels as an object today, and was plain before, so that callers may send either.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Wire)]
#[serde(untagged)]
pub enum ObjectOr<Plain> {
    /// As it is today.
    Object(NovaObject),
    /// As it was.
    Plain(Plain),
}

/// The fields of an object as a plain value.
pub type Row = Map<String, Value>;

impl NovaObject {
    /// The object as a plain value, as Nova's `obj_to_primitive` makes it: a list of values from a list class, and from
    /// any other the map of the fields that are set, with the objects within made plain as well.
    ///
    /// ```
    /// use conductor_api::NovaObject;
    /// use serde_json::json;
    ///
    /// let flavor = NovaObject::new("Flavor", "1.2").with("id", 1).with("created_at", "2026-11-22T11:57:13Z");
    /// assert_eq!(flavor.plain(), json!({"id": 1, "created_at": "2026-11-22T11:57:13.000000"}));
    /// ```
    pub fn plain(&self) -> Value {
        match self.data.get("objects") {
            Some(Value::Array(objects)) if self.data.len() == 1 => objects.iter().map(plain).collect(),
            _ => Value::Object(self.row()),
        }
    }

    /// The fields that are set, as a plain map.
    pub fn row(&self) -> Row {
        let field = |(name, value): (&String, &Value)| (name.clone(), plain_field(name, value));
        let mut row: Row = self.data.iter().map(field).collect();
        if self.name == "Instance"
            && let Some(id) = self.data.get("id").and_then(Value::as_i64)
        {
            // Nova's default instance_name_template: the name is no field of the object.
            row.insert("name".to_owned(), format!("instance-{id:08x}").into());
        }
        row
    }

    /// An object of a plain map. It has the earliest version there can be: a map tells none.
    pub fn of_row(class: &str, row: Row) -> Self {
        let mut object = Self::new(class, "1.0");
        for (name, value) in row {
            // The name of an instance is made of its id.
            if name != "name" || class != "Instance" {
                let value = object_field(&name, value);
                object.data.insert(name, value);
            }
        }
        object
    }
}

/// A value within an object, made plain if it is an object itself.
fn plain(value: &Value) -> Value {
    match NovaObject::deserialize(value) {
        Ok(object) => object.plain(),
        Err(_) => value.clone(),
    }
}

fn plain_field(name: &str, value: &Value) -> Value {
    match value {
        // The time of an object has no fraction, and a zone.
        Value::String(text) if is_time(name) => match text.strip_suffix('Z') {
            Some(time) => format!("{time}.000000").into(),
            None => value.clone(),
        },
        // A document in the object's text.
        Value::String(text) if name == "network_info" => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        value => plain(value),
    }
}

fn object_field(name: &str, value: Value) -> Value {
    match value {
        Value::String(text) if is_time(name) && !text.ends_with('Z') => {
            let seconds = text.split('.').next().unwrap_or_default();
            format!("{seconds}Z").into()
        }
        // A row has the rows of these tables, an object a map.
        Value::Array(rows) if matches!(name, "metadata" | "system_metadata") => {
            let entry = |row: &Value| Some((row.get("key")?.as_str()?.to_owned(), row.get("value")?.clone()));
            Value::Object(rows.iter().filter_map(entry).collect())
        }
        // A row that was deleted has its id there.
        Value::Number(id) if name == "deleted" => Value::Bool(id.as_i64() != Some(0)),
        value => value,
    }
}

/// `created_at`, `launched_at` and so on.
fn is_time(name: &str) -> bool {
    name.ends_with("_at")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_within_are_plain_as_well() {
        let instance = NovaObject::new("Instance", "2.8")
            .with("id", 26)
            .with("launched_at", Value::Null)
            .with("flavor", NovaObject::new("Flavor", "1.2").with("id", 1))
            .with(
                "info_cache",
                NovaObject::new("InstanceInfoCache", "1.5").with("network_info", r#"[{"id": "p"}]"#),
            )
            .with(
                "security_groups",
                NovaObject::new("SecurityGroupList", "1.1").with(
                    "objects",
                    vec![NovaObject::new("SecurityGroup", "1.2").with("name", "default")],
                ),
            );
        let expected = json!({
            "id": 26,
            "name": "instance-0000001a",
            "launched_at": null,
            "flavor": {"id": 1},
            "info_cache": {"network_info": [{"id": "p"}]},
            "security_groups": [{"name": "default"}],
        });
        assert_eq!(instance.plain(), expected);
    }

    #[test]
    fn a_row_becomes_an_object() {
        let row = json!({
            "id": 26,
            "name": "instance-0000001a",
            "created_at": "2013-10-17T09:00:00.250000",
            "metadata": [{"key": "a", "value": "b", "id": 3}],
            "deleted": 0,
        });
        let Value::Object(row) = row else {
            panic!("a map");
        };
        let object = NovaObject::of_row("Instance", row);
        let expected = json!({
            "id": 26,
            "created_at": "2013-10-17T09:00:00Z",
            "metadata": {"a": "b"},
            "deleted": false,
        });
        assert_eq!(Value::Object(object.data), expected);
        assert_eq!(object.version, "1.0");
    }
}
