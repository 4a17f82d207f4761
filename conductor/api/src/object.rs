//! Nova's objects as they travel: a name, a version, and fields as plain JSON. What the fields of a class are, and
//! which versions of it there have been, is known to whoever serves it; here it is not.

use rpc_runtime::Wire;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An object of Nova, as `oslo.versionedobjects` writes it.
///
/// ```
/// use conductor_api::NovaObject;
///
/// let service = NovaObject::new("Service", "1.22").with("host", "node-1").with("report_count", 3);
/// assert_eq!(service.get::<u64>("report_count"), Ok(Some(3)));
/// assert_eq!(service.get::<String>("topic"), Ok(None));
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Wire)]
pub struct NovaObject {
    /// The class, as `Instance`.
    #[serde(rename = "nova_object.name")]
    pub name: String,
    /// Whose class it is: `nova`.
    #[serde(rename = "nova_object.namespace")]
    pub namespace: String,
    /// The version of the class, which says what fields there may be.
    #[serde(rename = "nova_object.version")]
    pub version: String,
    /// The fields that are set. One that is not here may be loaded on demand, which is not the same as null.
    #[serde(rename = "nova_object.data")]
    pub data: Map<String, Value>,
    /// The fields that were changed since the object was loaded or saved, in no order; absent when none was.
    #[serde(
        rename = "nova_object.changes",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub changes: Option<Vec<String>>,
}

/// A field that does not hold what was asked for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("field '{field}' of {class} {version}: {problem}")]
pub struct FieldError {
    /// The class of the object.
    pub class: String,
    /// The version of the class.
    pub version: String,
    /// The field.
    pub field: String,
    /// What is the matter with it.
    pub problem: String,
}

impl NovaObject {
    /// An object of Nova's with no field set.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: "nova".to_owned(),
            version: version.into(),
            data: Map::new(),
            changes: None,
        }
    }

    /// With this field set, and not marked as changed.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(field.into(), value.into());
        self
    }

    /// Sets a field, and marks it as changed.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<Value>) {
        let field = field.into();
        let changes = self.changes.get_or_insert_default();
        if !changes.contains(&field) {
            changes.push(field.clone());
        }
        self.data.insert(field, value.into());
    }

    /// Whether the field is set, be it to null.
    pub fn is_set(&self, field: &str) -> bool {
        self.data.contains_key(field)
    }

    /// Whether the field is marked as changed.
    pub fn is_changed(&self, field: &str) -> bool {
        self.changes
            .as_ref()
            .is_some_and(|changes| changes.iter().any(|change| change == field))
    }

    /// What the field holds; `None` if it is not set, or null.
    pub fn get<T: DeserializeOwned>(&self, field: &str) -> Result<Option<T>, FieldError> {
        self.data
            .get(field)
            .map_or(Ok(None), Option::<T>::deserialize)
            .map_err(|error| self.error(field, error.to_string()))
    }

    /// What the field holds; an error if it is not set, or null.
    pub fn require<T: DeserializeOwned>(&self, field: &str) -> Result<T, FieldError> {
        self.get(field)?.ok_or_else(|| {
            let problem = if self.is_set(field) {
                "is null"
            } else {
                "is not set"
            };
            self.error(field, problem.to_owned())
        })
    }

    /// What the field holds, if that is a text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field)?.as_str()
    }

    /// The object that the field holds; an error if it is not set, or holds something else.
    pub fn object(&self, field: &str) -> Result<NovaObject, FieldError> {
        self.require(field)
    }

    /// The objects of a list class, whose one field is `objects`.
    pub fn objects(&self) -> Result<Vec<NovaObject>, FieldError> {
        self.require("objects")
    }

    fn error(&self, field: &str, problem: String) -> FieldError {
        FieldError {
            class: self.name.clone(),
            version: self.version.clone(),
            field: field.to_owned(),
            problem,
        }
    }
}

impl From<NovaObject> for Value {
    fn from(object: NovaObject) -> Self {
        let NovaObject {
            name,
            namespace,
            version,
            data,
            changes,
        } = object;
        let mut members = Map::new();
        members.insert("nova_object.name".to_owned(), name.into());
        members.insert("nova_object.namespace".to_owned(), namespace.into());
        members.insert("nova_object.version".to_owned(), version.into());
        members.insert("nova_object.data".to_owned(), data.into());
        if let Some(changes) = changes {
            members.insert("nova_object.changes".to_owned(), changes.into());
        }
        Self::Object(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_form_on_the_wire_is_that_of_versionedobjects() {
        let wire = json!({
            "nova_object.name": "Service",
            "nova_object.namespace": "nova",
            "nova_object.version": "1.22",
            "nova_object.data": {"host": "cmp1", "disabled": false, "last_seen_up": null},
            "nova_object.changes": ["host"],
        });
        let object: NovaObject = serde_json::from_value(wire.clone()).unwrap();
        assert!(object.is_changed("host") && !object.is_changed("disabled"));
        assert_eq!(serde_json::to_value(&object).unwrap(), wire);
        assert_eq!(Value::from(object), wire);

        let clean = NovaObject::new("Service", "1.22");
        assert!(
            !serde_json::to_string(&clean)
                .unwrap()
                .contains("nova_object.changes")
        );
        assert_eq!(Value::from(clean.clone()), serde_json::to_value(clean).unwrap());
    }

    #[test]
    fn a_field_is_what_it_should_be_or_an_error_that_names_it() {
        let object = NovaObject::new("Instance", "2.8")
            .with("uuid", "u")
            .with("host", Value::Null)
            .with("flavor", NovaObject::new("Flavor", "1.2").with("id", 5));
        assert_eq!(object.require::<String>("uuid"), Ok("u".to_owned()));
        assert_eq!(object.get::<String>("host"), Ok(None));
        assert_eq!(
            object.object("flavor").and_then(|flavor| flavor.require("id")),
            Ok(5)
        );
        let problem = |field| object.require::<u64>(field).unwrap_err().to_string();
        assert_eq!(problem("host"), "field 'host' of Instance 2.8: is null");
        assert_eq!(problem("node"), "field 'node' of Instance 2.8: is not set");
        assert!(problem("uuid").starts_with("field 'uuid' of Instance 2.8: invalid type: string \"u\""));
    }

    #[test]
    fn what_is_set_is_changed_once() {
        let mut object = NovaObject::new("Instance", "2.8");
        object.set("host", "a");
        object.set("host", "b");
        assert_eq!(object.changes.as_deref(), Some(&["host".to_owned()][..]));
        assert_eq!(object.text("host"), Some("b"));
    }
}
