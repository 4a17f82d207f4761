//! The exceptions that the conductor's methods raise, as a caller in Python knows them.

use rpc_runtime::{Failure, RpcError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// An exception of `nova.exception`, or one of Python's own.
#[derive(Clone, PartialEq, Debug, thiserror::Error, RpcError)]
#[rpc(module = "nova.exception")]
#[expect(missing_docs, reason = "each text says what its exception means")]
pub enum NovaError {
    #[error("Compute host {} could not be found.", plain(host))]
    ComputeHostNotFound { host: Value, code: Code<404> },
    #[error("Could not find binary {binary} on host {host}.")]
    HostBinaryNotFound {
        host: String,
        binary: String,
        code: Code<404>,
    },
    #[error("Service {service_id} could not be found.")]
    ServiceNotFound { service_id: i64, code: Code<404> },
    #[error("Service with host {host} binary {binary} exists.")]
    ServiceBinaryExists {
        host: String,
        binary: String,
        code: Code<500>,
    },
    #[error("Service with host {host} topic {topic} exists.")]
    ServiceTopicExists {
        host: String,
        topic: String,
        code: Code<500>,
    },

    #[error("Expected a uuid but received {uuid}.")]
    InvalidUUID { uuid: String, code: Code<400> },
    #[error("Instance {} could not be found.", plain(instance_id))]
    InstanceNotFound { instance_id: Value, code: Code<404> },
    #[error(
        "Unexpected task state: expecting {} but the actual state is {}",
        plain(expected),
        plain(actual)
    )]
    UnexpectedTaskStateError {
        expected: Value,
        actual: Value,
        code: Code<500>,
    },
    #[error("Info cache for instance {instance_uuid} could not be found.")]
    InstanceInfoCacheNotFound { instance_uuid: String, code: Code<404> },
    #[error("Flavor {flavor_id} could not be found.")]
    FlavorNotFound { flavor_id: i64, code: Code<404> },
    #[error("Action for request_id {request_id} on instance {instance_uuid} not found")]
    InstanceActionNotFound {
        request_id: String,
        instance_uuid: String,
        code: Code<404>,
    },
    #[error("Event {event} not found for action id {action_id}")]
    InstanceActionEventNotFound {
        event: String,
        action_id: i64,
        code: Code<404>,
    },
    #[error(
        "Instance {instance_uuid} in {attr} {}. Cannot {method} while the instance is in this state.",
        plain(state)
    )]
    InstanceInvalidState {
        instance_uuid: String,
        attr: String,
        state: Value,
        method: String,
        code: Code<400>,
    },
    #[error("Block Device Mapping is Invalid: {details}")]
    InvalidBDMFormat { details: String, code: Code<400> },
    #[error("{0}")]
    Invalid(String),

    #[error("Migration {migration_id} could not be found.")]
    MigrationNotFound { migration_id: i64, code: Code<404> },
    #[error("Aggregate {aggregate_id} could not be found.")]
    AggregateNotFound { aggregate_id: i64, code: Code<404> },
    #[error("Aggregate {aggregate_id} already has host {host}.")]
    AggregateHostExists {
        aggregate_id: i64,
        host: String,
        code: Code<500>,
    },
    #[error("Aggregate {aggregate_id} has no host {host}.")]
    AggregateHostNotFound {
        aggregate_id: i64,
        host: String,
        code: Code<404>,
    },
    #[error("Aggregate {aggregate_id} has no metadata with key {metadata_key}.")]
    AggregateMetadataNotFound {
        aggregate_id: i64,
        metadata_key: String,
        code: Code<404>,
    },
    #[error("Task {task_name} is already running on host {host}")]
    TaskAlreadyRunning {
        task_name: String,
        host: String,
        code: Code<500>,
    },
    #[error("Task {task_name} is not running on host {host}")]
    TaskNotRunning {
        task_name: String,
        host: String,
        code: Code<500>,
    },

    #[error("User does not have admin privileges")]
    AdminRequired { code: Code<403> },
    #[error("Not authorized.")]
    NotAuthorized { code: Code<403> },

    #[error("{0}")]
    #[rpc(module = "builtins")]
    KeyError(String),
    #[error("{0}")]
    #[rpc(module = "builtins")]
    ValueError(String),
    #[error("{0}")]
    #[rpc(module = "builtins")]
    NotImplementedError(String),

    /// Whatever else went wrong.
    #[error(transparent)]
    #[rpc(transparent)]
    Other(#[from] Failure),
}

/// A text without quotes, and null as Python calls it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The HTTP status that each exception of Nova carries.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Code<const STATUS: u16>;

impl<const STATUS: u16> Serialize for Code<STATUS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        STATUS.serialize(serializer)
    }
}

impl<'de, const STATUS: u16> Deserialize<'de> for Code<STATUS> {
    /// Whatever a peer says: the class says it already.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn exceptions_travel_with_the_arguments_that_nova_gives_them() {
        let error = NovaError::ComputeHostNotFound {
            host: json!("cmp1"),
            code: Code,
        };
        let failure = error.to_failure();
        assert_eq!(
            serde_json::to_value(&failure).unwrap(),
            json!({
                "class": "ComputeHostNotFound",
                "module": "nova.exception",
                "message": "Compute host cmp1 could not be found.",
                "tb": [],
                "args": ["Compute host cmp1 could not be found."],
                "kwargs": {"host": "cmp1", "code": 404},
            })
        );
        assert_eq!(NovaError::from_failure(&failure), Some(error));

        let python2 = Failure {
            kwargs: serde_json::Map::default(),
            ..Failure::new("exceptions", "KeyError", "unexpected update keyword 'id'")
        };
        assert_eq!(
            NovaError::from_failure(&python2),
            Some(NovaError::KeyError("unexpected update keyword 'id'".to_owned()))
        );
    }
}
