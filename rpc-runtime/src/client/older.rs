//! Arguments towards a receiver from before: those that it lacks, and those that it knows in another form.

use serde::de::Error as _;
use serde_json::value::RawValue;

use crate::error::SendError;
use crate::spec::{ArgSpec, Below, MethodSpec, Unsent, Way};
use crate::version::Version;
use crate::wire::{Argument, EncodeError, read_json};

/// Leaves an argument out of a message for a server pinned to `cap`, if that is all right with the one who set it.
pub(super) fn withhold(
    method: &'static MethodSpec,
    spec: &'static ArgSpec,
    cap: Version,
    value: &dyn Argument,
) -> Result<(), SendError> {
    // What later receivers do without is for earlier ones alone.
    if spec.unsent == Unsent::Drop || spec.history.came_before(cap) {
        return Ok(());
    }
    let unset = match spec.default {
        Some(default) => default().map_err(|error| unwritable(spec, error))?,
        None => b"null".to_vec(),
    };
    if value.to_json().map_err(|error| unwritable(spec, error))? == unset {
        return Ok(());
    }
    Err(SendError::ArgumentNotInPin {
        method: method.name,
        argument: spec.name,
        since: spec.history.since_in(cap).unwrap_or(cap),
        pinned: cap,
    })
}

/// A value in the form that receivers from before know.
pub(super) fn form(
    spec: &'static ArgSpec,
    form: &'static Below,
    value: &dyn Argument,
) -> Result<Box<RawValue>, SendError> {
    let convert = || {
        let today = String::from_utf8(value.to_json()?).map_err(serde_json::Error::custom)?;
        let old =
            String::from_utf8((form.convert)(&today, Way::ToOld)?).map_err(serde_json::Error::custom)?;
        // Not strict JSON: it may hold what Python writes for numbers that are not finite.
        read_json(&old)
    };
    convert().map_err(|error| unwritable(spec, error))
}

fn unwritable(spec: &ArgSpec, source: serde_json::Error) -> SendError {
    let name = spec.name.to_owned();
    EncodeError { name, source }.into()
}
