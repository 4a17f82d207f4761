//! An existing nova.conf as a layer of settings: an operator names the file they have. It knows which of Nova's
//! options, of 2013.2 and of today, mean which setting.
//!
//! Options that mean nothing here are no mistakes: the file configures other services, too.

mod ini;
mod notifications;
mod options;
mod rabbit;
mod substitute;

use std::io;
use std::path::{Path, PathBuf};

use super::layers::Assignment;
use ini::{Assigned, Ini};
use options::OPTIONS;

/// What the files say.
#[derive(Default)]
pub(super) struct Nova {
    pub(super) assignments: Vec<Assignment>,
    pub(super) hints: Vec<String>,
}

impl Nova {
    /// What the files say of a setting.
    fn value(&self, section: &str, key: &str) -> Option<&String> {
        let mut assignments = self.assignments.iter();
        let found = assignments.rfind(|found| found.section == section && found.key == key);
        found.map(|found| &found.value)
    }
}

/// Reads the files, and directories of them, in order.
pub(super) fn read(paths: &[PathBuf], problems: &mut Vec<String>) -> Nova {
    let mut ini = Ini::default();
    for path in paths {
        let files = files(path).unwrap_or_else(|error| {
            problems.push(unreadable(path, &error));
            Vec::new()
        });
        for file in files {
            match std::fs::read_to_string(&file) {
                Ok(text) => problems.extend(
                    ini.read(&file.display().to_string(), &text)
                        .err()
                        .unwrap_or_default(),
                ),
                Err(error) => problems.push(unreadable(&file, &error)),
            }
        }
    }
    match paths {
        [] => Nova::default(),
        [first, ..] => translate(&ini, &first.display().to_string(), problems),
    }
}

/// A file itself, or those that a directory has for oslo.config: `*.conf`, sorted.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "conf") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}

fn translate(ini: &Ini, first: &str, problems: &mut Vec<String>) -> Nova {
    let mut nova = Nova::default();
    // Nova sets this in its code.
    nova.assignments.push(Assignment {
        section: "rpc".to_owned(),
        key: "control_exchange".to_owned(),
        value: "nova".to_owned(),
        origin: format!("{first} (Nova's default)"),
    });
    let mut reader = Reader { ini, problems };
    for option in OPTIONS {
        let Some(found) = reader.first(option.names) else {
            continue;
        };
        match (option.read)(&found.value) {
            Ok(value) => nova
                .assignments
                .push(found.becomes(option.section, option.key, value)),
            Err(problem) => reader.problems.push(format!("{}: {problem}", found.origin)),
        }
    }
    rabbit::read(&mut reader, &mut nova);
    notifications::read(&mut reader, &mut nova);
    if reader
        .first(&[("conductor", "use_local")])
        .is_some_and(|found| options::is_on(&found.value))
    {
        nova.hints.push(
            "[conductor] use_local: services that read this file do not ask a conductor, but the database"
                .to_owned(),
        );
    }
    nova
}

/// Takes options out of the files, with their references replaced.
struct Reader<'a> {
    ini: &'a Ini,
    problems: &'a mut Vec<String>,
}

/// An option that the files set.
struct Found {
    value: String,
    origin: String,
}

impl Found {
    fn becomes(self, section: &str, key: &str, value: String) -> Assignment {
        Assignment {
            section: section.to_owned(),
            key: key.to_owned(),
            value,
            origin: self.origin,
        }
    }
}

impl Reader<'_> {
    /// The first of the names of an option, today's before those of old, that the files set.
    fn first(&mut self, names: &[(&str, &str)]) -> Option<Found> {
        names
            .iter()
            .find_map(|(group, name)| self.found(group, name, self.ini.get(group, name)?))
    }

    /// All that the files set of an option that may have several values, by all its names.
    fn all(&mut self, names: &[(&str, &str)]) -> Vec<Found> {
        let mut all = Vec::new();
        for (group, name) in names {
            let assigned = self.ini.all(group, name).iter();
            all.extend(assigned.filter_map(|assigned| self.found(group, name, assigned)));
        }
        all
    }

    fn found(&mut self, group: &str, name: &str, assigned: &Assigned) -> Option<Found> {
        let origin = format!("{}: [{group}] {name}", assigned.place);
        match substitute::value(self.ini, group, assigned) {
            Ok(value) => Some(Found { value, origin }),
            Err(problem) => {
                self.problems.push(format!("{origin}: {problem}"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
