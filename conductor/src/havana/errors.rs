//! Errors that a method's callers do not expect: they travel like others, and are told in the log.

use conductor_api::havana::NovaError;
use rpc_runtime::{Failure, RpcError as _};
use tracing::error;

use crate::store::StoreError;

/// The module of Nova's errors about the database.
const DATABASE: &str = "nova.openstack.common.db.exception";

/// The error, once it is in the log. What callers expect of a method is returned without this.
pub(super) fn unexpected(raised: NovaError) -> NovaError {
    let failure = raised.to_failure();
    error!(class = failure.class, "{}", failure.message);
    raised
}

/// A key that the caller's values lack.
pub(super) fn missing(key: &str) -> NovaError {
    unexpected(NovaError::KeyError(key.to_owned()))
}

/// A request that this conductor does not carry out.
pub(super) fn not_implemented(what: &str) -> NovaError {
    unexpected(NovaError::NotImplementedError(what.to_owned()))
}

impl From<StoreError> for NovaError {
    fn from(error: StoreError) -> Self {
        let class = match error {
            StoreError::Duplicate { .. } => "DBDuplicateEntry",
            _ => "DBError",
        };
        unexpected(Failure::new(DATABASE, class, error.to_string()).into())
    }
}
