//! How the move of a server can fail, as a caller in Python knows it.

use rpc_runtime::{Failure, RpcError};
use serde_json::Value;

use crate::havana::Code;

/// The exceptions that a caller of `migrate_server` is prepared for, and any other.
#[derive(Clone, PartialEq, Debug, thiserror::Error, RpcError)]
#[rpc(module = "nova.exception")]
#[expect(missing_docs, reason = "each text says what its exception means")]
pub enum MigrateError {
    #[error("No valid host was found. {reason}")]
    NoValidHost { reason: String, code: Code<500> },
    #[error("Compute service of {host} is unavailable at this time.")]
    ComputeServiceUnavailable { host: String, code: Code<503> },
    #[error("Compute host {host} could not be found.")]
    ComputeHostNotFound { host: String, code: Code<404> },
    #[error("The supplied hypervisor type of is invalid.")]
    InvalidHypervisorType { code: Code<400> },
    #[error("Unacceptable CPU info: {reason}")]
    InvalidCPUInfo { reason: String, code: Code<400> },
    #[error("Unable to migrate instance ({instance_id}) to current host ({host}).")]
    UnableToMigrateToSelf {
        instance_id: String,
        host: String,
        code: Code<400>,
    },
    #[error("The instance requires a newer hypervisor version than has been provided.")]
    DestinationHypervisorTooOld { code: Code<400> },
    #[error("{path} is not on local storage: {reason}")]
    InvalidLocalStorage {
        path: String,
        reason: String,
        code: Code<500>,
    },
    #[error("{path} is not on shared storage: {reason}")]
    InvalidSharedStorage {
        path: String,
        reason: String,
        code: Code<500>,
    },
    #[error("Connection to the hypervisor is broken on host")]
    HypervisorUnavailable { code: Code<500> },
    #[error(
        "Instance {instance_uuid} in {attr} {state}. Cannot {method} while the instance is in this state."
    )]
    InstanceInvalidState {
        instance_uuid: String,
        attr: String,
        state: Value,
        method: String,
        code: Code<400>,
    },
    #[error("Migration pre-check error: {reason}")]
    MigrationPreCheckError { reason: String, code: Code<500> },
    #[error("ServerGroup policy is not supported: {reason}")]
    UnsupportedPolicyException { reason: String, code: Code<400> },
    #[error("{0}")]
    #[rpc(module = "builtins")]
    NotImplementedError(String),
    /// Whatever else went wrong.
    #[error(transparent)]
    #[rpc(transparent)]
    Other(Failure),
}
