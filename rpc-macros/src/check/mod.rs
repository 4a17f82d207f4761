//! Rules across items, on the model. What passes here expands without failing.

mod kinds;
mod names;
mod types;
mod versions;

use crate::errors::Errors;
use crate::model::Api;

/// Tells every rule that the API breaks.
pub(crate) fn api(api: &Api, errors: &mut Errors) {
    names::check(api, errors);
    versions::check(api, errors);
    for method in api.methods() {
        kinds::check(method, errors);
        types::check(method, errors);
    }
}
