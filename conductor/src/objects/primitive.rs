//! Fields of objects as columns of rows, and back: dates, truth, and JSON that is kept as text. It knows the kinds of
//! fields, and no class but the two that Nova keeps in forms of their own: abilities of hypervisors, and interfaces.

use conductor_api::NovaObject;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use rpc_runtime::Failure;
use serde_json::{Value as Json, json};

use super::changes::mark_loaded;
use super::class::{Class, Field, Kind};
use super::tables;
use crate::store::{Row, Value};

/// The object that a row holds, with nothing to save. A field without a column is not set, and neither is one that
/// may not be null and is; what is neither true nor false is false.
pub(crate) fn object(class: &Class, row: &Row) -> Result<NovaObject, Failure> {
    let mut object = NovaObject::new(class.name, class.version.to_string());
    for field in &class.fields {
        let Some(value) = row.find(tables::column(class.name, field.name)) else {
            continue;
        };
        let value = primitive(field, value)?;
        let value = match value {
            Json::Null if field.nullable => Json::Null,
            Json::Null if field.kind == Kind::Bool => false.into(),
            Json::Null => continue,
            value => value,
        };
        object.data.insert(field.name.to_owned(), value);
    }
    // With the network's own identifier behind it, so that it is unique.
    if let (Some(address), "VirtualInterface") = (object.text("address"), class.name) {
        let address = address.split('/').next().unwrap_or_default().to_owned();
        object.data.insert("address".to_owned(), address.into());
    }
    mark_loaded(&mut object);
    Ok(object)
}

/// The columns that hold these fields of an object.
pub(crate) fn row<'a>(
    class: &Class,
    object: &NovaObject,
    fields: impl IntoIterator<Item = &'a str>,
) -> Result<Row, Failure> {
    let mut row = Row::new();
    for name in fields {
        let Some(field) = class.field(name) else {
            continue;
        };
        let value = object.data.get(name).unwrap_or(&Json::Null);
        row.set(tables::column(class.name, name), column(class, field, value)?);
    }
    Ok(row)
}

/// A field as its column.
pub(crate) fn column(class: &Class, field: &Field, value: &Json) -> Result<Value, Failure> {
    let unfit = || {
        let text = format!("{}.{} cannot be {value}", class.name, field.name);
        Failure::new("builtins", "ValueError", text)
    };
    Ok(match (field.kind, value) {
        (_, Json::Null) => Value::Null,
        (Kind::Int, Json::Number(number)) => number.as_i64().ok_or_else(unfit)?.into(),
        (Kind::Int, Json::Bool(truth)) => i64::from(*truth).into(),
        (Kind::Float, Json::Number(number)) => number.as_f64().ok_or_else(unfit)?.into(),
        (Kind::Bool, Json::Bool(truth)) => (*truth).into(),
        (Kind::Time, Json::String(text)) => moment(text).ok_or_else(unfit)?.into(),
        (Kind::Text, Json::String(text)) => text.as_str().into(),
        (Kind::Text, Json::Number(number)) => number.to_string().into(),
        (Kind::Objects("HVSpec"), Json::Array(specs)) => {
            let specs: Vec<Json> = specs.iter().map(hv_spec_as_list).collect();
            Json::from(specs).to_string().into()
        }
        (Kind::Json | Kind::Object(_) | Kind::Objects(_), value) => value.to_string().into(),
        _ => return Err(unfit()),
    })
}

/// A column as its field.
fn primitive(field: &Field, value: &Value) -> Result<Json, Failure> {
    Ok(match (field.kind, value) {
        (_, Value::Null) => Json::Null,
        (Kind::Bool, Value::Int(number)) => (*number != 0).into(),
        (Kind::Objects("HVSpec"), Value::Text(text)) => {
            let specs: Vec<Json> = stored(field, text)?;
            specs.iter().map(hv_spec_of_list).collect()
        }
        (Kind::Json | Kind::Object(_) | Kind::Objects(_), Value::Text(text)) => stored(field, text)?,
        (Kind::Float, Value::Int(number)) => json!(*number as f64),
        (_, Value::Bool(truth)) => (*truth).into(),
        (_, Value::Int(number)) => (*number).into(),
        (_, Value::Float(number)) => json!(*number),
        (_, Value::Text(text)) => text.as_str().into(),
        (_, Value::Time(time)) => timestamp(*time).into(),
    })
}

/// JSON that the database keeps as text.
pub(crate) fn stored<T: serde::de::DeserializeOwned>(field: &Field, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let text = format!("the database holds no JSON for '{}': {error}", field.name);
        Failure::new("builtins", "ValueError", text)
    })
}

/// A hypervisor's abilities are kept as lists of three words.
const HV_SPEC: [&str; 3] = ["arch", "hv_type", "vm_mode"];

fn hv_spec_as_list(spec: &Json) -> Json {
    let data = &spec["nova_object.data"];
    HV_SPEC.iter().map(|field| data[*field].clone()).collect()
}

fn hv_spec_of_list(words: &Json) -> Json {
    let mut spec = NovaObject::new("HVSpec", "1.2");
    for (at, field) in HV_SPEC.iter().enumerate() {
        spec.set(*field, words[at].clone());
    }
    spec.into()
}

/// A moment as objects write it: to the second.
pub(crate) fn timestamp(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment as peers write it: with an offset, or in UTC without one.
pub(crate) fn moment(text: &str) -> Option<DateTime> {
    match text.parse::<jiff::Timestamp>() {
        Ok(instant) => Some(Offset::UTC.to_datetime(instant)),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str) -> &'static Class {
        Class::named(name).unwrap()
    }

    #[test]
    fn a_row_is_an_object() {
        let row = Row::new()
            .with("id", 2)
            .with("host", "cmp1")
            .with("disabled", false)
            .with("uuid", None::<&str>)
            .with("last_seen_up", None::<&str>)
            .with("created_at", moment("2026-11-22T11:40:14.999999"))
            .with("deleted", 0);
        let object = object(class("Service"), &row).unwrap();
        let read = Json::Object(object.data);
        let expected = json!({"id": 2, "host": "cmp1", "disabled": false, "last_seen_up": null,
            "created_at": "2026-11-22T11:40:14Z", "deleted": false});
        // The identifier may not be null: it is not set.
        assert_eq!(read, expected);
        assert_eq!(object.changes, None);
    }

    #[test]
    fn what_nova_keeps_as_text_comes_back() {
        let node = class("ComputeNode");
        let pools = json!({"nova_object.name": "PciDevicePoolList", "nova_object.namespace": "nova",
            "nova_object.version": "1.1", "nova_object.data": {"objects": []}, "nova_object.changes": ["objects"]});
        let spec = hv_spec_of_list(&json!(["x86_64", "fake", "hvm"]));
        let before = NovaObject::new("ComputeNode", "1.19")
            .with("stats", json!({"failed_builds": "0"}))
            .with("supported_hv_specs", json!([spec]))
            .with("pci_device_pools", pools);
        let fields = ["stats", "supported_hv_specs", "pci_device_pools"];
        let row = row(node, &before, fields).unwrap();
        assert_eq!(
            row.text("supported_instances"),
            Some(r#"[["x86_64","fake","hvm"]]"#)
        );
        assert_eq!(row.text("stats"), Some(r#"{"failed_builds":"0"}"#));
        let after = object(node, &row).unwrap();
        assert_eq!(after.data, before.data);
        // Its list of devices says that it is not saved, so neither is the node.
        assert_eq!(
            after.changes.as_deref(),
            Some(&["pci_device_pools".to_owned()][..])
        );
    }

    #[test]
    fn a_value_of_another_kind_is_an_error_that_names_the_field() {
        let service = class("Service");
        let object = NovaObject::new("Service", "1.22")
            .with("report_count", "many")
            .with("last_seen_up", "yesterday");
        for field in ["report_count", "last_seen_up"] {
            let failure = row(service, &object, [field]).unwrap_err();
            assert_eq!(failure.class, "ValueError");
            assert!(
                failure
                    .message
                    .starts_with(&format!("Service.{field} cannot be "))
            );
        }
    }

    #[test]
    fn moments_are_read_in_every_form_that_peers_write() {
        let noon = moment("2026-11-22T12:00:00Z");
        assert!(noon.is_some());
        for text in [
            "2026-11-22T12:00:00.000000",
            "2026-11-22 12:00:00",
            "2026-11-22T13:00:00+01:00",
            "2026-11-22T12:00:00+00:00",
        ] {
            assert_eq!(moment(text), noon, "{text}");
        }
        assert_eq!(moment("noon"), None);
    }
}
