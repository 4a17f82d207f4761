//! Tells what changed, for people.

use std::io::{self, Write};

use rpc_snapshot::Change;

use crate::command::Outcome;

/// What breaks a caller first.
pub(crate) fn tell(changes: &[Change], out: &mut impl Write) -> io::Result<()> {
    let of = |wanted: fn(&Change) -> bool| changes.iter().filter(move |change| wanted(change));
    let told = |change: &Change| match change.rule {
        Some(rule) => format!("{} [{rule}]", change.text),
        None => change.text.clone(),
    };
    for change in of(|change| change.broken().is_some()) {
        writeln!(out, "breaks: {}", told(change))?;
        if let Some(help) = &change.help {
            writeln!(out, "  help: {help}")?;
        }
    }
    for change in of(|change| change.waived.is_some()) {
        let because = change.waived.as_deref().unwrap_or_default();
        writeln!(out, "waived: {}\n  because: {because}", told(change))?;
    }
    for change in of(|change| change.rule.is_none()) {
        writeln!(out, "keeps:  {}", told(change))?;
    }
    Ok(())
}

/// Whether a caller is broken, and nobody has said why that may be.
pub(crate) fn outcome(changes: &[Change]) -> Outcome {
    match changes.iter().any(|change| change.broken().is_some()) {
        true => Outcome::Breaks,
        false => Outcome::Done,
    }
}
