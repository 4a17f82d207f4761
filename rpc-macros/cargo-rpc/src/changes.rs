//! Tells what changed, for people.

use std::io::{self, Write};

use rpc_snapshot::Change;

use crate::command::Outcome;

/// What breaks a caller first.
pub(crate) fn tell(changes: &[Change], out: &mut impl Write) -> io::Result<()> {
    let (breaking, others): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.rule.is_some());
    for change in breaking {
        let rule = change.rule.map(|rule| format!(" [{rule}]")).unwrap_or_default();
        writeln!(out, "breaks: {}{rule}", change.text)?;
        if let Some(help) = &change.help {
            writeln!(out, "  help: {help}")?;
        }
    }
    for change in others {
        writeln!(out, "keeps:  {}", change.text)?;
    }
    Ok(())
}

/// Whether a caller is broken.
pub(crate) fn outcome(changes: &[Change]) -> Outcome {
    match changes.iter().any(|change| change.rule.is_some()) {
        true => Outcome::Breaks,
        false => Outcome::Done,
    }
}
