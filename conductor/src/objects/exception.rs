//! The exceptions that Nova's objects raise: class, module, text and code, so that a Python peer rebuilds its own.

use rpc_runtime::Failure;
use serde_json::{Map, Value};

use crate::store::StoreError;

/// A class of exceptions whose text is made of its arguments.
#[derive(Debug)]
pub(crate) struct Exception {
    module: &'static str,
    class: &'static str,
    /// The status that an API would answer with. Nova passes it among the arguments.
    code: u16,
    /// Each `{name}` stands for the argument of that name.
    text: &'static str,
}

const fn nova(class: &'static str, code: u16, text: &'static str) -> Exception {
    Exception {
        module: "nova.exception",
        class,
        code,
        text,
    }
}

const fn versioned(class: &'static str, text: &'static str) -> Exception {
    Exception {
        module: "oslo_versionedobjects.exception",
        class,
        code: 500,
        text,
    }
}

pub(crate) const UNSUPPORTED_OBJECT: Exception =
    versioned("UnsupportedObjectError", "Unsupported object type {objtype}");
pub(crate) const INCOMPATIBLE_VERSION: Exception = versioned(
    "IncompatibleObjectVersion",
    "Version {objver} of {objname} is not supported, supported version is {supported}",
);
pub(crate) const INVALID_TARGET_VERSION: Exception =
    versioned("InvalidTargetVersion", "Invalid target version {version}");
pub(crate) const OBJECT_ACTION: Exception = nova(
    "ObjectActionError",
    500,
    "Object action {action} failed because: {reason}",
);
pub(crate) const INVALID_UUID: Exception = nova("InvalidUUID", 400, "Expected a uuid but received {uuid}.");
pub(crate) const DUPLICATE_RECORD: Exception = nova(
    "DuplicateRecord",
    500,
    "Unable to create duplicate record for {target}",
);

pub(crate) const SERVICE_NOT_FOUND: Exception =
    nova("ServiceNotFound", 404, "Service {service_id} could not be found.");
pub(crate) const SERVICE_BINARY_EXISTS: Exception = nova(
    "ServiceBinaryExists",
    500,
    "Service with host {host} binary {binary} exists.",
);
pub(crate) const SERVICE_TOPIC_EXISTS: Exception = nova(
    "ServiceTopicExists",
    500,
    "Service with host {host} topic {topic} exists.",
);
pub(crate) const SERVICE_TOO_OLD: Exception = nova(
    "ServiceTooOld",
    400,
    "This service is older (v{thisver}) than the minimum (v{minver}) version of the rest of the deployment. \
     Unable to continue.",
);
pub(crate) const HOST_BINARY_NOT_FOUND: Exception = nova(
    "HostBinaryNotFound",
    404,
    "Could not find binary {binary} on host {host}.",
);
pub(crate) const COMPUTE_HOST_NOT_FOUND: Exception = nova(
    "ComputeHostNotFound",
    404,
    "Compute host {host} could not be found.",
);

pub(crate) const INSTANCE_NOT_FOUND: Exception = nova(
    "InstanceNotFound",
    404,
    "Instance {instance_id} could not be found.",
);
pub(crate) const INSTANCE_EXISTS: Exception = nova("InstanceExists", 500, "Instance {name} already exists.");
const CONFLICT: &str = "Conflict updating instance {instance_uuid}. Expected: {expected}. Actual: {actual}";
pub(crate) const INSTANCE_UPDATE_CONFLICT: Exception = nova("InstanceUpdateConflict", 500, CONFLICT);
pub(crate) const UNEXPECTED_TASK_STATE: Exception = nova("UnexpectedTaskStateError", 500, CONFLICT);
pub(crate) const UNEXPECTED_DELETING_TASK_STATE: Exception =
    nova("UnexpectedDeletingTaskStateError", 500, CONFLICT);
pub(crate) const MARKER_NOT_FOUND: Exception =
    nova("MarkerNotFound", 404, "Marker {marker} could not be found.");
pub(crate) const INVALID_SORT_KEY: Exception =
    nova("InvalidSortKey", 400, "Sort key supplied was not valid.");
pub(crate) const INFO_CACHE_NOT_FOUND: Exception = nova(
    "InstanceInfoCacheNotFound",
    404,
    "Info cache for instance {instance_uuid} could not be found.",
);
pub(crate) const NUMA_TOPOLOGY_NOT_FOUND: Exception = nova(
    "NumaTopologyNotFound",
    404,
    "Instance {instance_uuid} does not specify a NUMA topology",
);
pub(crate) const MIGRATION_CONTEXT_NOT_FOUND: Exception = nova(
    "MigrationContextNotFound",
    404,
    "Instance {instance_uuid} does not specify a migration context.",
);
pub(crate) const ACTION_NOT_FOUND: Exception = nova(
    "InstanceActionNotFound",
    500,
    "Action for request_id {request_id} on instance {instance_uuid} not found",
);
pub(crate) const ACTION_EVENT_NOT_FOUND: Exception = nova(
    "InstanceActionEventNotFound",
    500,
    "Event {event} not found for action id {action_id}",
);

pub(crate) const MIGRATION_NOT_FOUND: Exception = nova(
    "MigrationNotFound",
    404,
    "Migration {migration_id} could not be found.",
);
pub(crate) const MIGRATION_NOT_FOUND_BY_STATUS: Exception = nova(
    "MigrationNotFoundByStatus",
    404,
    "Migration not found for instance {instance_id} with status {status}.",
);
pub(crate) const MIGRATION_NOT_FOUND_FOR_INSTANCE: Exception = nova(
    "MigrationNotFoundForInstance",
    404,
    "Migration {migration_id} not found for instance {instance_id}",
);
pub(crate) const VOLUME_BDM_NOT_FOUND: Exception = nova(
    "VolumeBDMNotFound",
    404,
    "No volume Block Device Mapping with id {volume_id}.",
);
pub(crate) const VOLUME_BDM_IS_MULTI_ATTACH: Exception = nova(
    "VolumeBDMIsMultiAttach",
    400,
    "Block Device Mapping {volume_id} is a multi-attach volume and is not valid for this operation.",
);
pub(crate) const INVALID_VOLUME: Exception = nova("InvalidVolume", 400, "Invalid volume: {reason}");
pub(crate) const BDM_NOT_FOUND: Exception = nova("BDMNotFound", 404, "No Block Device Mapping with id {id}.");
pub(crate) const PCI_DEVICE_NOT_FOUND: Exception = nova(
    "PciDeviceNotFound",
    404,
    "PCI Device {node_id}:{address} not found.",
);
pub(crate) const PCI_DEVICE_NOT_FOUND_BY_ID: Exception =
    nova("PciDeviceNotFoundById", 404, "PCI device {id} not found");
pub(crate) const SHARE_NOT_FOUND: Exception =
    nova("ShareNotFound", 404, "Share {share_id} could not be found.");
pub(crate) const TASK_ALREADY_RUNNING: Exception = nova(
    "TaskAlreadyRunning",
    500,
    "Task {task_name} is already running on host {host}",
);
pub(crate) const TASK_NOT_RUNNING: Exception = nova(
    "TaskNotRunning",
    500,
    "Task {task_name} is not running on host {host}",
);
pub(crate) const INVALID_TOKEN: Exception = nova(
    "InvalidToken",
    400,
    "The token '{token}' is invalid or has expired",
);

impl Exception {
    /// One of these exceptions.
    pub(crate) fn with<const N: usize>(&self, arguments: [(&str, Value); N]) -> Failure {
        self.of(arguments.into())
    }

    fn of(&self, arguments: Vec<(&str, Value)>) -> Failure {
        let mut text = self.text.to_owned();
        for (name, value) in &arguments {
            let shown = match value {
                Value::String(text) => text.clone(),
                value => python(value),
            };
            text = text.replace(&format!("{{{name}}}"), &shown);
        }
        let mut failure = Failure::new(self.module, self.class, text);
        let kwargs = arguments
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        failure.kwargs = kwargs.collect::<Map<_, _>>();
        failure.kwargs.insert("code".to_owned(), self.code.into());
        failure
    }

    /// One of these exceptions, of arguments in a row. An argument without a name is left out.
    pub(crate) fn raised(&self, names: &[&str], values: Vec<Value>) -> Failure {
        let named = names.iter().zip(values).filter(|(name, _)| !name.is_empty());
        self.of(named.map(|(name, value)| (*name, value)).collect())
    }
}

/// The action cannot be done to the object as it is.
pub(crate) fn object_action(action: &str, reason: &str) -> Failure {
    OBJECT_ACTION.with([("action", action.into()), ("reason", reason.into())])
}

/// The class has no such method: Python's `AttributeError`.
pub(crate) fn no_such_method(class: &str, method: &str) -> Failure {
    let text = format!("type object '{class}' has no attribute '{method}'");
    Failure::new("builtins", "AttributeError", text)
}

/// The method is there, and cannot do this.
pub(crate) fn not_implemented(what: &str) -> Failure {
    Failure::new("builtins", "NotImplementedError", what)
}

/// What the database refused, as Nova's own database layer has it; callers see that it is no exception of an object.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let class = match error {
            StoreError::Duplicate { .. } => "DBDuplicateEntry",
            StoreError::Reference { .. } => "DBReferenceError",
            StoreError::Conflict(_) => "DBDeadlock",
            StoreError::Timeout(_) | StoreError::Busy(_) | StoreError::Unreachable(_) => "DBConnectionError",
            _ => "DBError",
        };
        Self::new("oslo_db.exception", class, error.to_string())
    }
}

/// A value as Python writes it in a text.
fn python(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("'{key}': {}", python(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_and_arguments_are_those_of_nova() {
        let failure = COMPUTE_HOST_NOT_FOUND.with([("host", "cmp1".into())]);
        assert_eq!(failure.class, "ComputeHostNotFound");
        assert_eq!(failure.module, "nova.exception");
        assert_eq!(failure.message, "Compute host cmp1 could not be found.");
        assert_eq!(failure.args, vec![json!("Compute host cmp1 could not be found.")]);
        assert_eq!(
            Value::Object(failure.kwargs),
            json!({"host": "cmp1", "code": 404})
        );
    }

    #[test]
    fn values_in_a_text_are_written_as_python_writes_them() {
        let failure = UNEXPECTED_TASK_STATE.with([
            ("instance_uuid", "u".into()),
            ("expected", json!({"task_state": ["scheduling", null]})),
            ("actual", json!({"task_state": "deleting"})),
        ]);
        assert_eq!(
            failure.message,
            "Conflict updating instance u. Expected: {'task_state': ['scheduling', None]}. \
             Actual: {'task_state': 'deleting'}"
        );
    }
}
