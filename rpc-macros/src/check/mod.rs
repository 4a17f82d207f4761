//! Rules across items, on the model. What passes here expands without failing.

mod errors;
mod kinds;
mod names;
mod released;
mod releases;
mod types;
mod versions;

use crate::errors::Errors;
use crate::model::{Api, ErrorType};

/// Tells every rule that the API breaks.
pub(crate) fn api(api: &mut Api, errors: &mut Errors) {
    names::check(api, errors);
    releases::check(api, errors);
    versions::check(api, errors);
    released::check(api, errors);
    for method in api.methods_mut() {
        kinds::check(method, errors);
        types::check(method, errors);
    }
}

/// Tells every rule that the error type breaks.
pub(crate) fn error_type(ty: &ErrorType, errors: &mut Errors) {
    errors::check(ty, errors);
}
