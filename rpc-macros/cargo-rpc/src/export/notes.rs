//! What a schema has no keyword for, in words: the pages and the schemas say the same of it.

use rpc_snapshot::{Argument, Text, Version};

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

/// The names that a field or a value is read by besides its own.
pub(super) fn aliases(aliases: &[Text]) -> Option<String> {
    let aliases: Vec<String> = aliases.iter().map(|alias| format!("`{alias}`")).collect();
    (!aliases.is_empty()).then(|| format!("also read as {}", aliases.join(", ")))
}

pub(super) fn versions(versions: &[Version]) -> String {
    let versions = versions.iter().map(Version::to_string);
    versions.collect::<Vec<_>>().join(" and ")
}
