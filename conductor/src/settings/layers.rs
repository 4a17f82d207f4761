//! Where settings come from: single assignments, each with its origin. It knows no setting by name, but for two
//! variables that are older than the rest.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Map};
use figment::{Metadata, Profile, Provider, Source};
use toml::de::{DeTable, DeValue};

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

    fn path(&self, name: &str) -> Option<PathBuf> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(PathBuf::from(value)).filter(|path| path.is_absolute())
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

    /// `CONDUCTOR__SECTION__KEY`, and the short names of the two URLs.
    pub(super) fn assignments(&self, problems: &mut Vec<String>) -> Vec<Assignment> {
        let mut found = Vec::new();
        for (name, value) in &self.0 {
            let Some(name) = name.to_str() else { continue };
            let (section, key) = match name {
                "CONDUCTOR_TRANSPORT_URL" => ("rpc".to_owned(), "transport_url".to_owned()),
                "CONDUCTOR_DATABASE_URL" => ("database".to_owned(), "connection".to_owned()),
                _ => match name.strip_prefix("CONDUCTOR__").map(|rest| rest.split_once("__")) {
                    Some(Some((section, key))) => (section.to_ascii_lowercase(), key.to_ascii_lowercase()),
                    Some(None) => {
                        problems.push(format!(
                            "the variable {name}: write CONDUCTOR__SECTION__KEY, as in CONDUCTOR__SERVICE__HOST"
                        ));
                        continue;
                    }
                    None => continue,
                },
            };
            match value.to_str() {
                Some(value) => found.push(Assignment {
                    section,
                    key,
                    value: value.to_owned(),
                    origin: format!("the variable {name}"),
                }),
                None => problems.push(format!("the variable {name}: it is not UTF-8")),
            }
        }
        // The short names are the older ones, and give way.
        found.sort_by_key(|assignment| assignment.origin.contains("__"));
        found
    }
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
