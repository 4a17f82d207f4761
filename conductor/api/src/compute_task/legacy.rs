//! The forms that arguments had before Nova sent objects, and back. Old callers are taken at their word only as far as
//! it is certain: some of them sent objects already while asking for a version from before.

use std::convert::Infallible;

use serde_json::{Map, Value};

use crate::plain::Row;
use crate::{NovaObject, ObjectOr};

type Form = ObjectOr<Row>;

/// A network that is asked for: its id, a fixed address, a port, and what later releases added.
type Network = Vec<Value>;

/// The fields of a `NetworkRequest` in the order of such a list.
const NETWORK: [&str; 6] = [
    "network_id",
    "address",
    "port_id",
    "pci_request_id",
    "arq_uuid",
    "device_profile",
];

fn object_of(class: &str, form: Form) -> NovaObject {
    match form {
        ObjectOr::Object(object) => object,
        ObjectOr::Plain(row) => NovaObject::of_row(class, row),
    }
}

pub(super) fn instance_to_row(instance: &NovaObject) -> Form {
    ObjectOr::Plain(instance.row())
}

pub(super) fn instance_of_row(form: Form) -> Result<NovaObject, Infallible> {
    Ok(object_of("Instance", form))
}

/// Receivers of that time took objects; it was callers who sent rows.
#[expect(clippy::ptr_arg, reason = "as the argument is declared")]
pub(super) fn instances_as_they_are(instances: &Vec<NovaObject>) -> Vec<Form> {
    instances.iter().cloned().map(ObjectOr::Object).collect()
}

pub(super) fn instances_of_rows(forms: Vec<Form>) -> Result<Vec<NovaObject>, Infallible> {
    let instance = |form| object_of("Instance", form);
    Ok(forms.into_iter().map(instance).collect())
}

pub(super) fn flavor_to_row(flavor: &Option<NovaObject>) -> Option<Form> {
    let flavor = flavor.as_ref()?;
    Some(ObjectOr::Plain(flavor.row()))
}

pub(super) fn flavor_of_row(form: Option<Form>) -> Result<Option<NovaObject>, Infallible> {
    Ok(form.map(|form| object_of("Flavor", form)))
}

/// The one property that is an object.
const FLAVOR: &str = "instance_type";

pub(super) fn properties_to_rows(properties: &Map<String, Value>) -> Map<String, Value> {
    let mut properties = properties.clone();
    if let Some(flavor) = properties.get_mut(FLAVOR)
        && let Ok(object) = serde_json::from_value::<NovaObject>(flavor.clone())
    {
        *flavor = object.plain();
    }
    properties
}

pub(super) fn properties_of_rows(
    mut properties: Map<String, Value>,
) -> Result<Map<String, Value>, serde_json::Error> {
    if let Some(flavor) = properties.get_mut(FLAVOR) {
        let form: Option<Form> = serde_json::from_value(flavor.take())?;
        *flavor = form.map_or(Value::Null, |form| object_of("Flavor", form).into());
    }
    Ok(properties)
}

pub(super) fn networks_to_lists(networks: &Option<NovaObject>) -> Option<ObjectOr<Vec<Network>>> {
    let networks = networks.as_ref()?;
    let Ok(requests) = networks.objects() else {
        return Some(ObjectOr::Object(networks.clone()));
    };
    let list = |request: &NovaObject| {
        let field = |name: &&str| request.data.get(*name).cloned().unwrap_or_default();
        NETWORK.iter().map(field).collect()
    };
    Some(ObjectOr::Plain(requests.iter().map(list).collect()))
}

/// A list of networks that cannot be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a requested network is a list of at most {} values, not of {given}", NETWORK.len())]
pub(super) struct UnknownNetwork {
    given: usize,
}

pub(super) fn networks_of_lists(
    form: Option<ObjectOr<Vec<Network>>>,
) -> Result<Option<NovaObject>, UnknownNetwork> {
    let lists = match form {
        None => return Ok(None),
        Some(ObjectOr::Object(object)) => return Ok(Some(object)),
        Some(ObjectOr::Plain(lists)) => lists,
    };
    let request = |list: Network| {
        let given = list.len();
        if given > NETWORK.len() {
            return Err(UnknownNetwork { given });
        }
        let mut request = NovaObject::new("NetworkRequest", "1.0");
        let fields = NETWORK.iter().map(|name| (*name).to_owned());
        request.data.extend(fields.zip(list));
        Ok(request)
    };
    let requests: Vec<NovaObject> = lists.into_iter().map(request).collect::<Result<_, _>>()?;
    Ok(Some(
        NovaObject::new("NetworkRequestList", "1.0").with("objects", requests),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn networks_are_lists_of_any_release_or_objects() {
        let old = json!([["net", null, "port"], ["net", "10.0.0.7", null, null, null, null]]);
        let form: Option<ObjectOr<Vec<Network>>> = serde_json::from_value(old).unwrap();
        let networks = networks_of_lists(form).unwrap();
        let requests = networks.as_ref().unwrap().objects().unwrap();
        assert_eq!(requests[0].text("port_id"), Some("port"));
        assert_eq!(requests[1].text("address"), Some("10.0.0.7"));
        let Some(ObjectOr::Plain(lists)) = networks_to_lists(&networks) else {
            panic!("lists");
        };
        assert_eq!(json!(lists[0]), json!(["net", null, "port", null, null, null]));

        let object = Some(ObjectOr::Object(NovaObject::new("NetworkRequestList", "1.1")));
        assert!(networks_of_lists(object).unwrap().is_some());
        let long = Some(ObjectOr::Plain(vec![vec![Value::Null; 7]]));
        assert_eq!(
            networks_of_lists(long).unwrap_err().to_string(),
            "a requested network is a list of at most 6 values, not of 7"
        );
    }

    #[test]
    fn the_flavor_within_the_properties_is_an_object_again() {
        let row = json!({"instance_type": {"id": 1}, "retry": {"num_attempts": 1}});
        let Value::Object(row) = row else {
            panic!("a map");
        };
        let properties = properties_of_rows(row.clone()).unwrap();
        let flavor: NovaObject = serde_json::from_value(properties[FLAVOR].clone()).unwrap();
        assert_eq!((flavor.name.as_str(), flavor.require("id")), ("Flavor", Ok(1)));
        assert_eq!(properties_to_rows(&properties), row);
        assert!(properties_of_rows(Map::new()).unwrap().is_empty());
    }
}
