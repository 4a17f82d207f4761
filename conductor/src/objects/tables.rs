//! Where the objects of each class are kept: their table, and the columns that are not named as their fields.

/// A class and its table, in Nova's main database.
const TABLES: &[(&str, &str)] = &[
    ("BlockDeviceMapping", "block_device_mapping"),
    ("ComputeNode", "compute_nodes"),
    ("ConsoleAuthToken", "console_auth_tokens"),
    ("EC2InstanceMapping", "instance_id_mappings"),
    ("Instance", "instances"),
    ("InstanceAction", "instance_actions"),
    ("InstanceActionEvent", "instance_actions_events"),
    ("InstanceFault", "instance_faults"),
    ("InstanceInfoCache", "instance_info_caches"),
    ("Migration", "migrations"),
    ("PciDevice", "pci_devices"),
    ("S3ImageMapping", "s3_images"),
    ("SecurityGroup", "security_groups"),
    ("Service", "services"),
    ("ShareMapping", "share_mapping"),
    ("Tag", "tags"),
    ("TaskLog", "task_log"),
    ("VirtualInterface", "virtual_interfaces"),
    ("VolumeUsage", "volume_usage_cache"),
];

/// A class, a field and its column.
const RENAMED: &[(&str, &str, &str)] = &[
    ("ComputeNode", "supported_hv_specs", "supported_instances"),
    ("ComputeNode", "pci_device_pools", "pci_stats"),
];

/// The table of a class; `None` if its objects are kept elsewhere, or only travel.
pub(crate) fn table(class: &str) -> Option<&'static str> {
    let (_, table) = TABLES.iter().find(|(name, _)| *name == class)?;
    Some(table)
}

/// The column that holds a field.
pub(crate) fn column<'a>(class: &str, field: &'a str) -> &'a str {
    let renamed = RENAMED
        .iter()
        .find(|(name, renamed, _)| *name == class && *renamed == field);
    renamed.map_or(field, |(_, _, column)| column)
}
