//! In which versions an argument comes, in words: the pages and the schemas say the same of it.

use rpc_snapshot::{Argument, Version};

/// When an argument comes, and what it is when it does not.
pub(super) fn argument(argument: &Argument) -> String {
    let mut parts = Vec::new();
    if argument.optional {
        parts.push("optional".to_owned());
    }
    if !argument.since.is_empty() {
        parts.push(format!("since {}", versions(&argument.since)));
    }
    if let Some(until) = argument.until {
        parts.push(format!("until {until}"));
    }
    if !argument.below.is_empty() {
        parts.push(format!("of another form below {}", versions(&argument.below)));
    }
    if argument.secret {
        parts.push("never logged".to_owned());
    }
    match argument.default.as_deref() {
        None => {}
        Some("") => parts.push("default of its type".to_owned()),
        Some(default) => parts.push(format!("default `{default}`")),
    }
    parts.join(", ")
}

pub(super) fn versions(versions: &[Version]) -> String {
    let versions = versions.iter().map(Version::to_string);
    versions.collect::<Vec<_>>().join(" and ")
}
