//! Versions: what came when, and what becomes of it towards a peer from before.

use crate::errors::{Errors, Located, Mistake};
use crate::model::{Api, Argument, Method, Since, Unsent, Version};
use crate::types;

pub(super) fn check(api: &Api, errors: &mut Errors) {
    for method in api.methods() {
        if let Some(since) = &method.since {
            within(api, since, errors);
        }
        for argument in &method.arguments {
            match &argument.since {
                Some(since) => added(api, method, argument, since, errors),
                None => always(argument, errors),
            }
        }
    }
}

/// Whether the API has the version; tells when not.
fn within(api: &Api, since: &Located<Version>, errors: &mut Errors) -> bool {
    let Some(Located { value: latest, .. }) = api.version else {
        return false;
    };
    let version = since.value;
    if version.major != latest.major {
        let text = format!("'since = \"{version}\"': this API has major {}", latest.major);
        errors.add(Mistake::at(since.place, text));
    } else if version > latest {
        let text = format!("'since = \"{version}\"' is later than the API itself ({latest})");
        errors.add(Mistake::at(since.place, text).help(format_args!("raise version to \"{version}\"")));
    } else {
        return true;
    }
    false
}

/// An argument that calls from before come without.
fn added(api: &Api, method: &Method, argument: &Argument, since: &Since, errors: &mut Errors) {
    let version = since.version.value;
    if within(api, &since.version, errors) && version <= api.since(method) {
        let first = api.since(method);
        errors.add(Mistake::at(
            since.version.place,
            format!("the method itself is from {first}, so 'since = \"{version}\"' says nothing"),
        ));
    }
    if argument.default.is_some() || types::option(&argument.ty).is_some() {
        return;
    }
    let name = &argument.wire.value;
    errors.add(match &argument.unsent {
        Some(unsent) if unsent.value == Unsent::Drop => Mistake::at(
            unsent.place,
            format!("dropping '{name}' needs a value for the receiver: make it Option or add 'default'"),
        ),
        _ => Mistake::at(
            since.key,
            format!("'{name}' was added in {version}: calls from before come without it"),
        )
        .help("make it Option<..> or add 'default'"),
    });
}

/// An argument that has been there from the start.
fn always(argument: &Argument, errors: &mut Errors) {
    if let Some(unsent) = &argument.unsent {
        errors.add(Mistake::at(
            unsent.place,
            "'unsent' says what to do with older receivers; the argument has no 'since'",
        ));
    }
}
