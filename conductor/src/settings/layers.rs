//! Where settings come from: single assignments, each with its origin. It knows no setting by name, but for the two
//! that hold secrets.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Map};
use figment::{Metadata, Profile, Provider, Source};
use toml::de::{DeTable, DeValue};

/// Variables of short names, for the settings that may hold passwords. With `_FILE` behind it, such a name has the path
/// of a file with the value in it: that is how containers are given secrets.
const SHORT: [(&str, &str, &str); 2] = [
    ("CONDUCTOR_TRANSPORT_URL", "rpc", "transport_url"),
    ("CONDUCTOR_DATABASE_URL", "database", "connection"),
];

const FILE: &str = "_FILE";

/// One setting of one layer.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) value: String,
    /// What a reader needs to find it: a file with a line, a variable, an option.
    pub(crate) origin: String,
}

impl Assignment {
    /// What an option of the command line gives.
    pub(crate) fn option(section: &str, key: &str, value: impl Into<String>, option: &str) -> Self {
        Self {
            section: section.to_owned(),
            key: key.to_owned(),
            value: value.into(),
            origin: option.to_owned(),
        }
    }
}

/// The place of a mistake, with the name of the setting where the origin does not tell it.
pub(super) fn place(section: &str, key: &str, origin: &str) -> String {
    let is_place = origin
        .rsplit_once(':')
        .is_some_and(|(_, line)| line.parse::<u32>().is_ok());
    if is_place {
        format!("{origin}: [{section}] {key}")
    } else {
        origin.to_owned()
    }
}

/// A layer of its own, so that the origin is that of this one value.
impl Provider for &Assignment {
    fn metadata(&self) -> Metadata {
        Metadata::from("setting", Source::Custom(self.origin.clone()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let section = Dict::from([(self.key.clone(), self.value.clone().into())]);
        let settings = Dict::from([(self.section.clone(), section.into())]);
        Ok(Map::from([(Profile::Default, settings)]))
    }
}

/// The variables of a process.
pub(crate) struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    pub(crate) fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        Self(
            variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    fn value(&self, name: &str) -> Option<&OsStr> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.value(name)?)).filter(|path| path.is_absolute())
    }

    /// The files that are read when none is named.
    pub(super) fn usual_files(&self) -> Vec<PathBuf> {
        let users = self
            .path("XDG_CONFIG_HOME")
            .or_else(|| Some(self.path("HOME")?.join(".config")));
        [Some(PathBuf::from("/etc")), users]
            .into_iter()
            .flatten()
            .map(|directory| directory.join("conductor/conductor.toml"))
            .collect()
    }

    /// The short names, and over them `CONDUCTOR__SECTION__KEY`.
    pub(super) fn assignments(&self, problems: &mut Vec<String>) -> Vec<Assignment> {
        let mut found = self.short(problems);
        for (name, value) in &self.0 {
            let Some(name) = name.to_str() else { continue };
            let Some(rest) = name.strip_prefix("CONDUCTOR__") else {
                continue;
            };
            let Some((section, key)) = rest.split_once("__") else {
                problems.push(format!(
                    "the variable {name}: write CONDUCTOR__SECTION__KEY, as in CONDUCTOR__SERVICE__HOST"
                ));
                continue;
            };
            match text(value) {
                Ok(value) => found.push(Assignment {
                    section: section.to_ascii_lowercase(),
                    key: key.to_ascii_lowercase(),
                    value,
                    origin: format!("the variable {name}"),
                }),
                Err(problem) => problems.push(format!("the variable {name}: {problem}")),
            }
        }
        found
    }

    fn short(&self, problems: &mut Vec<String>) -> Vec<Assignment> {
        let mut found = Vec::new();
        for (short, section, key) in SHORT {
            let of_file = format!("{short}{FILE}");
            let (name, value) = match (self.value(short), self.value(&of_file)) {
                (Some(_), Some(_)) => {
                    problems.push(format!("the variables {short} and {of_file}: set one of them"));
                    continue;
                }
                (Some(value), None) => (short, text(value)),
                (None, Some(path)) => (of_file.as_str(), secret(Path::new(path))),
                (None, None) => continue,
            };
            match value {
                Ok(value) => found.push(Assignment {
                    section: section.to_owned(),
                    key: key.to_owned(),
                    value,
                    origin: format!("the variable {name}"),
                }),
                Err(problem) => problems.push(format!("the variable {name}: {problem}")),
            }
        }
        found
    }
}

fn text(value: &OsStr) -> Result<String, String> {
    let text = value.to_str().ok_or("it is not UTF-8")?;
    Ok(text.to_owned())
}

/// What a file holds, without the end of its line.
fn secret(path: &Path) -> Result<String, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// What a conductor.toml says. One that is not there says nothing, unless somebody named it.
pub(super) fn toml(path: &Path, named: bool, problems: &mut Vec<String>) -> Vec<Assignment> {
    let file = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => return Vec::new(),
        Err(error) => {
            problems.push(format!("cannot read {file}: {error}"));
            return Vec::new();
        }
    };
    let place = |offset: usize| {
        format!(
            "{file}:{}",
            1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
        )
    };
    let table = match DeTable::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            // Its own display quotes the line, and with it perhaps a password.
            let at = error.span().map_or(0, |span| span.start);
            problems.push(format!("{}: {}", place(at), error.message()));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (section, settings) in table {
        let DeValue::Table(settings) = settings.into_inner() else {
            problems.push(format!(
                "{}: '{}' stands in no section; write it below one, as in [service]",
                place(section.span().start),
                section.get_ref(),
            ));
            continue;
        };
        for (key, value) in settings {
            let origin = place(key.span().start);
            let value = match value.get_ref() {
                DeValue::String(text) => text.clone().into_owned(),
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                    text.get(value.span()).unwrap_or_default().to_owned()
                }
                DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                    problems.push(format!(
                        "{origin}: [{}] {}: write a text, a number or a switch",
                        section.get_ref(),
                        key.get_ref(),
                    ));
                    continue;
                }
            };
            found.push(Assignment {
                section: section.get_ref().clone().into_owned(),
                key: key.into_inner().into_owned(),
                value,
                origin,
            });
        }
    }
    found
}
