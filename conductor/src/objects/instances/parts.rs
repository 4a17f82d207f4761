//! Parts of an instance that `instance_extra` keeps as JSON, a column each: mostly the object as it travels.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::super::arguments::Passed;
use super::super::changes::{mark_loaded, unsaved};
use super::super::class::Class;
use super::super::exception::{
    MIGRATION_CONTEXT_NOT_FOUND, NUMA_TOPOLOGY_NOT_FOUND, no_such_method, not_implemented,
};
use super::super::request::Request;
use super::ec2;
use crate::store::{Query, Row, Value};

const EXTRA: &str = "instance_extra";

/// Fields whose column holds the object as it travels, and is named as they are.
const WHOLE: [&str; 6] = [
    "numa_topology",
    "vcpu_model",
    "migration_context",
    "device_metadata",
    "trusted_certs",
    "resources",
];
/// Fields that one column holds together, under these names.
const FLAVORS: [(&str, &str); 3] = [("flavor", "cur"), ("old_flavor", "old"), ("new_flavor", "new")];

pub(super) fn any_expected(expected: &[String]) -> bool {
    let others = FLAVORS
        .iter()
        .map(|(field, _)| *field)
        .chain(["pci_requests", "keypairs"]);
    let mut parts = WHOLE.into_iter().chain(others);
    parts.any(|part| expected.iter().any(|attribute| attribute == part))
}

/// Sets the parts that are expected. Without a row all are null, but those that may not be: they stay unset.
pub(super) fn add(
    row: Option<&Row>,
    uuid: &str,
    expected: &[String],
    instance: &mut NovaObject,
) -> Result<(), Failure> {
    let expects = |name: &str| expected.iter().any(|attribute| attribute == name);
    for part in WHOLE.into_iter().filter(|part| expects(part)) {
        let value = row.map_or(Ok(Json::Null), |row| whole(row, part))?;
        instance.data.insert(part.to_owned(), value);
    }
    if expects("pci_requests") {
        let requests = row.map(|row| pci_requests(row, uuid)).transpose()?;
        let requests = requests.map_or(Json::Null, Json::from);
        instance.data.insert("pci_requests".to_owned(), requests);
    }
    if let (true, Some(row)) = (expects("keypairs"), row) {
        let keypairs = whole(row, "keypairs")?;
        if !keypairs.is_null() {
            instance.data.insert("keypairs".to_owned(), keypairs);
        }
    }
    if let Some(row) = row.filter(|_| FLAVORS.iter().any(|(field, _)| expects(field))) {
        let flavors = whole(row, "flavor")?;
        for (field, name) in FLAVORS.iter().filter(|_| !flavors.is_null()) {
            instance.data.insert((*field).to_owned(), flavors[*name].clone());
        }
    }
    Ok(())
}

fn whole(row: &Row, column: &str) -> Result<Json, Failure> {
    let Some(text) = row.text(column) else {
        return Ok(Json::Null);
    };
    let value: Json = serde_json::from_str(text).map_err(|error| {
        let text = format!("{EXTRA}.{column} holds no JSON: {error}");
        Failure::new("builtins", "ValueError", text)
    })?;
    if column == "numa_topology" && value.get("nova_object.name").is_none() {
        return Err(not_implemented("a NUMA topology in the form of before 2015"));
    }
    Ok(value)
}

const REQUEST: [&str; 6] = [
    "count",
    "spec",
    "alias_name",
    "numa_policy",
    "request_id",
    "requester_id",
];

/// Requests for devices are kept as a list of their fields.
fn pci_requests(row: &Row, uuid: &str) -> Result<NovaObject, Failure> {
    let kept = whole(row, "pci_requests")?;
    let requests = kept.as_array().into_iter().flatten().map(|kept| {
        let mut request = NovaObject::new("InstancePCIRequest", version("InstancePCIRequest"));
        request.data.insert("is_new".to_owned(), false.into());
        for field in REQUEST {
            let value = kept.get(field).cloned();
            let value = value.unwrap_or_else(|| {
                if field == "numa_policy" {
                    "legacy".into()
                } else {
                    Json::Null
                }
            });
            request.data.insert(field.to_owned(), value);
        }
        Json::from(request)
    });
    let requests: Vec<Json> = requests.collect();
    let object = NovaObject::new("InstancePCIRequests", version("InstancePCIRequests"));
    Ok(object.with("instance_uuid", uuid).with("requests", requests))
}

fn version(class: &str) -> String {
    Class::named(class).map_or_else(|| "1.0".to_owned(), |class| class.version.to_string())
}

/// The columns of the parts that are not saved; with `all`, of those that are set at all.
pub(super) fn changed(instance: &NovaObject, all: bool) -> Row {
    let unsaved = unsaved(instance);
    let is_changed =
        |field: &str| instance.is_set(field) && (all || unsaved.iter().any(|name| name == field));
    let mut row = Row::new();
    for part in WHOLE
        .into_iter()
        .chain(["keypairs"])
        .filter(|part| is_changed(part))
    {
        row.set(part, text(&instance.data[part]));
    }
    if is_changed("pci_requests") {
        row.set("pci_requests", requests_text(&instance.data["pci_requests"]));
    }
    if FLAVORS.iter().any(|(field, _)| is_changed(field)) {
        let flavors = FLAVORS
            .iter()
            .map(|(field, name)| ((*name).to_owned(), flavor(instance, field)));
        row.set("flavor", Json::Object(flavors.collect()).to_string());
    }
    row
}

/// An object as text; null stays null.
fn text(value: &Json) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    value.to_string().into()
}

fn requests_text(requests: &Json) -> Value {
    if requests.is_null() {
        return Value::Null;
    }
    let list = requests["nova_object.data"]["requests"].as_array();
    let kept = list.into_iter().flatten().map(|request| {
        let data = &request["nova_object.data"];
        let fields = REQUEST.iter().chain(["is_new"].iter());
        let fields = fields.map(|field| ((*field).to_owned(), data[*field].clone()));
        Json::Object(fields.collect())
    });
    Json::from(kept.collect::<Vec<_>>()).to_string().into()
}

/// A flavor as an instance keeps it: without what it is described as.
fn flavor(instance: &NovaObject, field: &str) -> Json {
    let mut flavor = instance.data.get(field).cloned().unwrap_or_default();
    if let Some(description) = flavor.pointer_mut("/nova_object.data/description") {
        *description = Json::Null;
    }
    flavor
}

/// Takes the marks off parts that are saved now, also off objects within.
pub(super) fn mark_saved(instance: &mut NovaObject) {
    let saved = FLAVORS.iter().map(|(field, _)| *field).chain(["keypairs"]);
    for field in saved {
        if let Some(changes) = &mut instance.changes {
            changes.retain(|name| name != field);
        }
    }
    if let Ok(mut keypairs) = instance.object("keypairs") {
        keypairs.changes = None;
        mark_loaded(&mut keypairs);
        instance.data.insert("keypairs".to_owned(), keypairs.into());
    }
}

/// Writes columns of an instance's row, and makes the row if there is none.
pub(super) async fn write(request: &Request<'_>, uuid: &str, columns: Row) -> Result<(), Failure> {
    if columns.is_empty() {
        return Ok(());
    }
    let query = Query::of(EXTRA)
        .deleted(request.read_deleted())
        .eq("instance_uuid", uuid);
    if request.store.update(&query, &columns).await? == 0 {
        request
            .store
            .insert(EXTRA, &columns.with("instance_uuid", uuid))
            .await?;
    }
    Ok(())
}

/// Methods of the classes of parts.
pub(crate) async fn parts_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let column = match (class.name, passed.method) {
        ("EC2Ids", "get_by_instance") => {
            let instance: NovaObject = passed.bind(&["instance"])?.take("instance")?;
            return Ok(ec2::ids(request, &instance).await?.into());
        }
        ("InstanceNUMATopology", "get_by_instance_uuid") => "numa_topology",
        ("InstancePCIRequests", "get_by_instance_uuid") => "pci_requests",
        ("MigrationContext", "get_by_instance_uuid") => "migration_context",
        ("VirtCPUModel", "get_by_instance_uuid") => "vcpu_model",
        ("TrustedCerts", "get_by_instance_uuid") => "trusted_certs",
        ("InstanceDeviceMetadata", "get_by_instance_uuid") => "device_metadata",
        ("ResourceList", "get_by_instance_uuid") => "resources",
        (name, method) => return Err(no_such_method(name, method)),
    };
    let uuid: String = passed.bind(&["instance_uuid"])?.take("instance_uuid")?;
    let query = Query::of(EXTRA)
        .deleted(request.read_deleted())
        .eq("instance_uuid", uuid.as_str());
    let row = request.store.first(&query).await?;
    match (row, column) {
        (None, "numa_topology") => Err(NUMA_TOPOLOGY_NOT_FOUND.with([("instance_uuid", uuid.into())])),
        (None, "migration_context") => {
            Err(MIGRATION_CONTEXT_NOT_FOUND.with([("instance_uuid", uuid.into())]))
        }
        (row, "pci_requests") => Ok(pci_requests(&row.unwrap_or_default(), &uuid)?.into()),
        (Some(row), column) => whole(&row, column),
        (None, _) => Ok(Json::Null),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_come_back_as_they_were_kept() {
        let flavor = NovaObject::new("Flavor", "1.2")
            .with("id", 1)
            .with("description", "small");
        let request = NovaObject::new("InstancePCIRequest", "1.4")
            .with("count", 2)
            .with("spec", json!([{"vendor_id": "8086"}]))
            .with("alias_name", "nic")
            .with("is_new", true)
            .with("numa_policy", Json::Null)
            .with("request_id", "r")
            .with("requester_id", Json::Null);
        let requests = NovaObject::new("InstancePCIRequests", "1.1")
            .with("instance_uuid", "u")
            .with("requests", json!([Json::from(request)]));
        let mut before = NovaObject::new("Instance", "2.8");
        before.set("flavor", flavor);
        before.set("old_flavor", Json::Null);
        before.set("pci_requests", requests);
        before.set("numa_topology", NovaObject::new("InstanceNUMATopology", "1.3"));
        before.set("trusted_certs", Json::Null);
        let row = changed(&before, false);

        let names = [
            "flavor",
            "pci_requests",
            "numa_topology",
            "trusted_certs",
            "resources",
            "keypairs",
        ];
        let expected: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut after = NovaObject::new("Instance", "2.8");
        add(Some(&row), "u", &expected, &mut after).unwrap();
        assert_eq!(after.data["numa_topology"], before.data["numa_topology"]);
        assert_eq!(
            after.data["flavor"]["nova_object.data"],
            json!({"id": 1, "description": null})
        );
        assert_eq!(after.data["old_flavor"], Json::Null);
        assert_eq!(after.data["new_flavor"], Json::Null);
        let request = &after.data["pci_requests"]["nova_object.data"]["requests"][0]["nova_object.data"];
        assert_eq!(
            (&request["count"], &request["is_new"]),
            (&json!(2), &json!(false))
        );
        assert_eq!(after.data["resources"], Json::Null);
        // There are none, and there may not be null: they are not known.
        assert!(!after.is_set("keypairs"));
    }

    #[test]
    fn only_what_is_not_saved_is_written() {
        let mut instance = NovaObject::new("Instance", "2.8")
            .with("numa_topology", Json::Null)
            .with("keypairs", NovaObject::new("KeyPairList", "1.3"));
        instance.set("resources", Json::Null);
        let row = changed(&instance, false);
        let columns: Vec<_> = row.iter().map(|(column, _)| column).collect();
        assert_eq!(columns, ["resources"]);
        assert_eq!(changed(&instance, true).len(), 3);
    }
}
