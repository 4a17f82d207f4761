//! What a scheduler is asked for: the object of today's Nova, and the dict of Havana's.

use conductor_api::{NovaObject, Row};
use serde_json::{Map, Value, json};

use super::errors::TaskError;
use super::filter_properties::FilterProperties;
use super::instance::Instance;

/// The parts of a flavor that Havana keeps in an instance's system metadata, and whether they are numbers.
const FLAVOR: [(&str, bool); 10] = [
    ("id", true),
    ("name", false),
    ("memory_mb", true),
    ("vcpus", true),
    ("root_gb", true),
    ("ephemeral_gb", true),
    ("flavorid", false),
    ("swap", true),
    ("rxtx_factor", true),
    ("vcpu_weight", true),
];

/// Havana's dict. Of several instances the first stands for all.
pub(super) fn havana(instances: &[Instance], image: &Row, flavor: Row) -> Row {
    let uuids: Vec<&str> = instances.iter().map(|instance| instance.uuid.as_str()).collect();
    let first = instances.first().map(|instance| instance.object.row());
    [
        ("image", json!(image)),
        ("instance_properties", json!(first)),
        ("instance_type", flavor.into()),
        ("instance_uuids", json!(uuids)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into_iter()
    .collect()
}

/// The flavor that an instance of Havana was made with.
pub(super) fn flavor_of(instance: &Instance) -> Row {
    let metadata = instance.system_metadata();
    let mut flavor = Row::new();
    for (name, is_number) in FLAVOR {
        let kept = metadata
            .get(&format!("instance_type_{name}"))
            .cloned()
            .unwrap_or_default();
        let value = match &kept {
            Value::String(text) if is_number => text
                .parse::<serde_json::Number>()
                .map_or(Value::Null, Value::Number),
            _ => kept,
        };
        flavor.insert(name.to_owned(), value);
    }
    flavor
}

/// What an instance remembers of its image: the dict that image services answer with.
pub(super) fn image_of(instance: &Instance) -> Row {
    // These describe the image itself; all else is among its properties.
    const OWN: [&str; 5] = ["min_ram", "min_disk", "disk_format", "container_format", "size"];
    let (mut image, mut properties) = (Row::new(), Row::new());
    for (key, value) in instance.system_metadata() {
        let Some(name) = key.strip_prefix("image_").filter(|_| !value.is_null()) else {
            continue;
        };
        let part = if OWN.contains(&name) {
            &mut image
        } else {
            &mut properties
        };
        part.insert(name.to_owned(), value);
    }
    image.insert("properties".to_owned(), properties.into());
    image
}

/// Today's object for an instance that comes without one.
pub(super) fn of_instance(
    instance: &Instance,
    image: &Row,
    flavor: Option<&Value>,
    count: usize,
) -> NovaObject {
    let own = |field: &str| instance.object.data.get(field).cloned().unwrap_or_default();
    let groups: Vec<Value> = Vec::new();
    NovaObject::new("RequestSpec", "1.15")
        .with("image", image_meta(image))
        .with("numa_topology", own("numa_topology"))
        .with("pci_requests", own("pci_requests"))
        .with("project_id", own("project_id"))
        .with("user_id", own("user_id"))
        .with("availability_zone", own("availability_zone"))
        .with("flavor", flavor.cloned().unwrap_or_else(|| own("flavor")))
        .with("num_instances", count)
        .with("instance_uuid", instance.uuid.as_str())
        .with("ignore_hosts", Value::Null)
        .with("force_hosts", Value::Null)
        .with("force_nodes", Value::Null)
        .with("requested_destination", Value::Null)
        .with("retry", Value::Null)
        .with("limits", limits_of(&Map::new()))
        .with("instance_group", Value::Null)
        .with("scheduler_hints", json!({}))
        .with(
            "security_groups",
            NovaObject::new("SecurityGroupList", "1.1").with("objects", groups),
        )
        .with("is_bfv", false)
        .with("requested_resources", json!([]))
        .with(
            "request_level_params",
            NovaObject::new("RequestLevelParams", "1.1"),
        )
}

/// The same object, with what the filter properties say of hosts.
pub(super) fn with_properties(mut spec: NovaObject, properties: &FilterProperties) -> NovaObject {
    for field in ["ignore_hosts", "force_hosts", "force_nodes"] {
        if let Some(value) = properties.get(field) {
            spec.data.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(retry) = properties.get("retry").filter(|retry| retry.is_object()) {
        spec.data.insert("retry".to_owned(), retries(retry).into());
    }
    if let Some(Value::Object(limits)) = properties.get("limits") {
        spec.data.insert("limits".to_owned(), limits_of(limits).into());
    }
    spec
}

/// The filter properties that an object says.
pub(super) fn properties_of(spec: &NovaObject) -> Result<FilterProperties, TaskError> {
    let mut properties = FilterProperties::new();
    for field in ["ignore_hosts", "force_hosts", "force_nodes"] {
        if let Some(value) = spec.get::<Value>(field)?.filter(|value| !is_empty(value)) {
            properties.insert(field.to_owned(), value);
        }
    }
    if let Some(retry) = spec.get::<NovaObject>("retry")? {
        let mut hosts = Vec::new();
        for node in retry.object("hosts")?.objects()? {
            hosts.push(json!([node.text("host"), node.text("hypervisor_hostname")]));
        }
        let attempts: i64 = retry.require("num_attempts")?;
        properties.insert(
            "retry".to_owned(),
            json!({"num_attempts": attempts, "hosts": hosts}),
        );
    }
    if let Some(limits) = spec.get::<NovaObject>("limits")? {
        properties.insert("limits".to_owned(), limits_to_dict(&limits).into());
    }
    Ok(properties)
}

/// The limits that are set, as compute services take them.
pub(super) fn limits_to_dict(limits: &NovaObject) -> Map<String, Value> {
    let set = limits.data.iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn limits_of(dict: &Map<String, Value>) -> NovaObject {
    let mut limits = NovaObject::new("SchedulerLimits", "1.0");
    for name in ["numa_topology", "vcpu", "disk_gb", "memory_mb"] {
        limits
            .data
            .insert(name.to_owned(), dict.get(name).cloned().unwrap_or_default());
    }
    limits
}

fn retries(retry: &Value) -> NovaObject {
    let tried = retry.get("hosts").and_then(Value::as_array);
    let hosts: Vec<Value> = tried
        .into_iter()
        .flatten()
        .map(|pair| {
            NovaObject::new("ComputeNode", "1.19")
                .with("host", pair.get(0).cloned().unwrap_or_default())
                .with("hypervisor_hostname", pair.get(1).cloned().unwrap_or_default())
                .into()
        })
        .collect();
    NovaObject::new("SchedulerRetries", "1.1")
        .with(
            "num_attempts",
            retry.get("num_attempts").cloned().unwrap_or_default(),
        )
        .with(
            "hosts",
            NovaObject::new("ComputeNodeList", "1.17").with("objects", hosts),
        )
}

/// The object of an image's dict.
fn image_meta(image: &Row) -> NovaObject {
    let mut meta = NovaObject::new("ImageMeta", "1.8");
    for (name, value) in image.iter().filter(|(name, _)| *name != "properties") {
        // These may be null in the dict, and not in the object.
        let value = match (name.as_str(), value) {
            ("name" | "checksum" | "owner" | "container_format" | "disk_format", Value::Null) => json!(""),
            ("size" | "virtual_size" | "min_ram" | "min_disk", Value::Null) => json!(0),
            ("deleted" | "deleted_at" | "is_public", _) => continue,
            (_, value) => value.clone(),
        };
        meta.data.insert(name.clone(), value);
    }
    let mut properties = NovaObject::new("ImageMetaProps", "1.44");
    let all = image.get("properties").and_then(Value::as_object);
    for (name, value) in all.into_iter().flatten() {
        properties.data.insert(name.clone(), value.clone());
    }
    meta.with("properties", properties)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(fields: Value) -> Instance {
        let Value::Object(row) = fields else { panic!() };
        Instance::of(NovaObject::of_row("Instance", row)).unwrap()
    }

    #[test]
    fn havana_finds_flavor_and_image_in_the_system_metadata() {
        let instance = instance(json!({"uuid": "u", "system_metadata": [
            {"key": "instance_type_memory_mb", "value": "512"},
            {"key": "instance_type_name", "value": "m1.tiny"},
            {"key": "instance_type_rxtx_factor", "value": "1.0"},
            {"key": "instance_type_vcpu_weight", "value": null},
            {"key": "image_min_ram", "value": "64"},
            {"key": "image_os_distro", "value": "debian"},
        ]}));
        let flavor = flavor_of(&instance);
        assert_eq!(flavor["memory_mb"], 512);
        assert_eq!(flavor["rxtx_factor"], 1.0);
        assert_eq!(
            (&flavor["name"], &flavor["vcpu_weight"]),
            (&json!("m1.tiny"), &Value::Null)
        );
        let image = image_of(&instance);
        assert_eq!(
            Value::Object(image.clone()),
            json!({"min_ram": "64", "properties": {"os_distro": "debian"}})
        );
        let spec = havana(std::slice::from_ref(&instance), &image, flavor);
        assert_eq!(spec["instance_uuids"], json!(["u"]));
        assert_eq!(spec["instance_properties"]["uuid"], "u");
    }

    #[test]
    fn filter_properties_go_into_an_object_and_come_out_again() {
        let properties = json!({
            "ignore_hosts": ["a"],
            "retry": {"num_attempts": 2, "hosts": [["a", "node-a"]]},
            "limits": {"vcpu": 4},
        });
        let Value::Object(properties) = properties else {
            panic!()
        };
        let object = NovaObject::new("Instance", "2.8")
            .with("uuid", "u")
            .with("flavor", json!({"id": 1}));
        let instance = Instance::of(object).unwrap();
        let image = Row::from_iter([("checksum".to_owned(), Value::Null)]);
        let spec = of_instance(&instance, &image, None, 1);
        let spec = with_properties(spec, &properties);
        assert_eq!(properties_of(&spec), Ok(properties));
        assert_eq!(spec.data["image"]["nova_object.data"]["checksum"], "");
        assert_eq!(spec.data["flavor"]["id"], 1);
    }
}
