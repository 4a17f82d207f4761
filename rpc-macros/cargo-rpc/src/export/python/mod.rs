//! Both ends in Python: an `rpcapi.py` that calls the API through oslo.messaging, and the skeleton of a `manager.py`
//! that serves it.
//!
//! What oslo.messaging or Python cannot do has its place in both all the same, where it says so; and [`notes`] tell it.

mod client;
mod default;
mod manager;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

pub(super) use client::client;
pub(super) use manager::manager;
use rpc_snapshot::{Argument, Method, Snapshot};

use default::Default;

/// What oslo.messaging calls its own parameters: an argument of such a name cannot be given to it.
const UNSENDABLE: &[&str] = &["self", "ctxt", "method"];

/// What is left to be done by hand, or cannot be done in Python.
pub(super) fn notes(api: &Snapshot) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(accepts) = api.accepts {
        notes.push(format!(
            "it is of version {}: callers and servers of {accepts} need one of their own",
            api.version
        ));
    }
    for method in &api.methods {
        let name = &method.name;
        if is_gone(api, method) {
            notes.push(format!("'{name}' is left out: it is gone in {}", api.version));
            continue;
        }
        if method.kinds.stream {
            notes.push(format!(
                "'{name}' raises NotImplementedError: it is a stream, and oslo.messaging has none"
            ));
        }
        for argument in &method.arguments {
            let of = format!("argument '{}' of '{name}'", argument.name);
            if UNSENDABLE.contains(&argument.name.as_str()) {
                notes.push(format!(
                    "{of} cannot be sent: oslo.messaging has a parameter of that name"
                ));
            }
            if !older_forms(api, argument).is_empty() {
                notes.push(format!(
                    "{of} had other forms: 'older_form' of the client makes them, and the manager gets them as they are"
                ));
            }
            if let Default::Rust(written) = Default::of(argument, &api.types) {
                notes.push(format!(
                    "{of} is None in the manager when it is absent: write there what {written} is in Python"
                ));
            }
        }
    }
    notes
}

/// What this end does, and what peers of the earlier major need in its place.
fn head(api: &Snapshot, (verb, peers, own): (&str, &str, &str)) -> String {
    let of = format!(
        "{verb} {} {}. Written by 'cargo rpc export --python'.",
        api.name, api.version
    );
    match api.accepts {
        None => format!("\"\"\"{of}\"\"\"\n\n"),
        Some(accepts) => {
            let major = api.version.major;
            format!(
                "\"\"\"{of}\n\nIt speaks {major}.x alone. {peers} of {accepts} need {own} of their own.\n\"\"\"\n\n"
            )
        }
    }
}

/// Whether the version that both ends are of no longer has the method.
fn is_gone(api: &Snapshot, method: &Method) -> bool {
    method.removed.is_some_and(|removed| removed <= api.version)
}

/// The methods that the version has.
fn methods(api: &Snapshot) -> impl Iterator<Item = &Method> {
    api.methods.iter().filter(|method| !is_gone(api, method))
}

/// The versions of this major before which an argument had other forms, as literals.
fn older_forms(api: &Snapshot, argument: &Argument) -> Vec<String> {
    let below = argument.below.iter();
    let below = below.filter(|below| below.major == api.version.major);
    below.map(|below| format!("'{below}'")).collect()
}

/// The modules of the errors, without those that need no import.
fn modules(api: &Snapshot) -> BTreeSet<&str> {
    let errors = methods(api).flat_map(|method| method.errors.iter().flatten());
    errors
        .map(|error| error.module.as_str())
        .filter(|module| *module != "builtins")
        .collect()
}
