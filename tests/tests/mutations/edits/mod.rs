//! The edits: what somebody may do to an API on a working day, and which rule it breaks, if any.

mod answers;
mod api;
mod arguments;
mod enums;
mod errors;
mod fields;
mod methods;
mod types;

use rpc_snapshot::Rule;

/// One edit of one file.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    /// Each text that is there once or more, and what takes its place.
    pub(crate) changes: &'static [(&'static str, &'static str)],
    /// The rules that it breaks, if any.
    pub(crate) breaks: &'static [Rule],
}

/// All of them.
pub(crate) fn edits() -> Vec<&'static Edit> {
    let themes = [
        api::EDITS,
        methods::EDITS,
        arguments::EDITS,
        types::EDITS,
        fields::EDITS,
        enums::EDITS,
        answers::EDITS,
        errors::EDITS,
    ];
    themes.into_iter().flatten().collect()
}

const TASKS: &str = "compute_task/mod.rs";
const OBJECT: &str = "object.rs";
pub(crate) const TYPED: &str = "typed.rs";

const NEXT_TASKS: (&str, &str) = (r#"version = "1.26""#, r#"version = "1.27""#);
const NEXT_TYPED: (&str, &str) = (r#"version = "1.5""#, r#"version = "1.6""#);

const fn breaking(
    name: &'static str,
    file: &'static str,
    breaks: &'static [Rule],
    changes: &'static [(&'static str, &'static str)],
) -> Edit {
    Edit {
        name,
        file,
        changes,
        breaks,
    }
}

const fn compatible(
    name: &'static str,
    file: &'static str,
    changes: &'static [(&'static str, &'static str)],
) -> Edit {
    breaking(name, file, &[], changes)
}
