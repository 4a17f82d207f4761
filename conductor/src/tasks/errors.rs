//! Why tasks fail: what a caller in Python is told, and what becomes a fault of the instance.

use conductor_api::havana::Code;
use conductor_api::{FieldError, MigrateError};
use rpc_runtime::{CallError, Failure, RpcError, SendError};
use serde_json::Value;

use crate::store::StoreError;

/// Why a task failed.
#[derive(Clone, PartialEq, Debug, thiserror::Error, RpcError)]
#[rpc(module = "nova.exception")]
pub(crate) enum TaskError {
    #[error("Exceeded maximum number of retries. {reason}")]
    MaxRetriesExceeded { reason: String, code: Code<500> },
    #[error("Migration error: {reason}")]
    MigrationError { reason: String, code: Code<500> },
    #[error("Instance {instance_id} is not running.")]
    InstanceNotRunning { instance_id: String, code: Code<400> },
    #[error("Instance {instance_id} could not be found.")]
    InstanceNotFound { instance_id: String, code: Code<404> },
    #[error("Conflict updating instance {instance_uuid}. Expected: {expected}. Actual: {actual}")]
    UnexpectedTaskStateError {
        instance_uuid: String,
        expected: Value,
        actual: Value,
        code: Code<500>,
    },
    #[error("{0}")]
    #[rpc(module = "builtins")]
    ValueError(String),

    /// What callers of `migrate_server` know, and whatever else there is: the last to be asked what a failure means.
    #[error(transparent)]
    #[rpc(transparent)]
    Migrate(#[from] MigrateError),
}

/// Exceptions that mean that a host will not do, and another one may: Nova's `Invalid`, and what descends from it.
const OF_HOST: [&str; 5] = [
    "DestinationHypervisorTooOld",
    "Invalid",
    "InvalidCPUInfo",
    "InvalidHypervisorType",
    "UnableToMigrateToSelf",
];

impl TaskError {
    pub(super) fn no_valid_host(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        MigrateError::NoValidHost { reason, code: Code }.into()
    }

    pub(super) fn pre_check(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        MigrateError::MigrationPreCheckError { reason, code: Code }.into()
    }

    pub(super) fn unavailable(host: &str) -> Self {
        let host = host.to_owned();
        MigrateError::ComputeServiceUnavailable { host, code: Code }.into()
    }

    pub(super) fn not_found(uuid: &str) -> Self {
        Self::InstanceNotFound {
            instance_id: uuid.to_owned(),
            code: Code,
        }
    }

    /// What this conductor does not do, and why.
    pub(super) fn not_implemented(what: impl Into<String>) -> Self {
        MigrateError::NotImplementedError(what.into()).into()
    }

    /// Whether callers of `migrate_server` are prepared for it.
    pub(super) fn is_expected(&self) -> bool {
        !matches!(
            self,
            Self::Migrate(MigrateError::Other(_) | MigrateError::NotImplementedError(_))
        ) && matches!(self, Self::Migrate(_))
    }

    /// Whether another host may do.
    pub(super) fn is_of_host(&self) -> bool {
        OF_HOST.contains(&self.to_failure().class.as_str())
    }

    /// Whether no host was found, for this reason or that.
    pub(super) fn is_no_host(&self) -> bool {
        matches!(
            self,
            Self::MaxRetriesExceeded { .. } | Self::Migrate(MigrateError::NoValidHost { .. })
        )
    }
}

impl From<Failure> for TaskError {
    fn from(failure: Failure) -> Self {
        Self::from_failure(&failure).unwrap_or(Self::Migrate(MigrateError::Other(failure)))
    }
}

impl From<TaskError> for MigrateError {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Migrate(error) => error,
            other => Self::Other(other.to_failure()),
        }
    }
}

impl From<StoreError> for TaskError {
    fn from(error: StoreError) -> Self {
        Failure::new("oslo_db.exception", "DBError", error.to_string()).into()
    }
}

/// A peer's error as it came, so that its class and its text reach the caller.
impl From<CallError<Failure>> for TaskError {
    fn from(error: CallError<Failure>) -> Self {
        match error {
            CallError::Api(failure) | CallError::Remote(failure) => failure.into(),
            CallError::Send(error) => error.into(),
            CallError::Answer(text) => Self::ValueError(format!("the answer cannot be read: {text}")),
        }
    }
}

impl From<SendError> for TaskError {
    fn from(error: SendError) -> Self {
        Failure::new("oslo_messaging.exceptions", "MessagingTimeout", error.to_string()).into()
    }
}

/// What was sent is not what it should be.
impl From<FieldError> for TaskError {
    fn from(error: FieldError) -> Self {
        Self::ValueError(error.to_string())
    }
}

/// The code of a fault: the exception's own, or that of an error of the server.
pub(super) fn code(failure: &Failure) -> i64 {
    failure.kwargs.get("code").and_then(Value::as_i64).unwrap_or(500)
}

/// What a user is told of a fault: Nova's own errors have a text for them; of others it is the class alone.
pub(super) fn message(failure: &Failure) -> &str {
    if failure.module == "nova.exception" {
        &failure.message
    } else {
        &failure.class
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_answers_keeps_its_class() {
        let failure = |class: &str| Failure::new("nova.exception", class, "text");
        let expected = TaskError::pre_check("no room");
        assert!(expected.is_expected() && !expected.is_of_host());
        assert_eq!(TaskError::from(expected.to_failure()), expected);

        let unknown = TaskError::from(failure("Unheard"));
        assert!(!unknown.is_expected());
        assert_eq!(MigrateError::from(unknown).to_failure(), failure("Unheard"));
        let mut invalid = failure("InvalidCPUInfo");
        invalid.kwargs.insert("reason".to_owned(), "flags".into());
        invalid.kwargs.insert("code".to_owned(), 400.into());
        let invalid = TaskError::from(invalid);
        assert!(invalid.is_expected() && invalid.is_of_host());
    }

    #[test]
    fn a_fault_tells_no_more_than_a_user_may_know() {
        let own = TaskError::no_valid_host("None fits.").to_failure();
        assert_eq!(
            (code(&own), message(&own)),
            (500, "No valid host was found. None fits.")
        );
        let secret = Failure::new("builtins", "OSError", "/etc/secret");
        assert_eq!((code(&secret), message(&secret)), (500, "OSError"));
    }
}
