//! The settings of a conductor, from all the places they may stand in: defaults, conductor.toml, a nova.conf, the
//! environment and the command line, each over the one before. It opens nothing but these files.

mod checks;
mod layers;
mod model;
mod nova;
mod values;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::Serialized;
use rpc_runtime::service::backdoor::Place;
use rpc_runtime::transport::url::{RabbitOptions, TransportUrl, UrlError};

pub(crate) use layers::{Assignment, Environment};
pub(crate) use model::Settings;
pub(crate) use values::Limit;
use values::Parsed;

use crate::store::{DatabaseUrl, StoreSettings};

/// The origin of what nobody set.
const DEFAULT: &str = "default";

/// The files that were named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// A conductor.toml, in place of those that are read where they are.
    pub(crate) config: Option<PathBuf>,
    /// The files of a Nova, or directories of them.
    pub(crate) nova_conf: Vec<PathBuf>,
}

/// The settings in effect.
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// What may surprise a reader of the files, though nothing is wrong with them.
    pub(crate) hints: Vec<String>,
    layers: Figment,
}

/// One setting in effect.
pub(crate) struct Effective {
    /// `section.key`.
    pub(crate) name: String,
    /// As JSON, without secrets; null if unset.
    pub(crate) value: serde_json::Value,
    pub(crate) origin: String,
}

/// All that is wrong with the settings.
#[derive(Debug)]
pub(crate) struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\nerror: "))
    }
}

impl Settings {
    /// Reads all layers; the command line has the last word.
    pub(crate) fn load(
        files: &Files,
        environment: &Environment,
        command_line: &[Assignment],
    ) -> Result<Loaded, Problems> {
        let mut problems = Vec::new();
        let mut assignments = Vec::new();
        match &files.config {
            Some(path) => assignments.extend(layers::toml(path, true, &mut problems)),
            None => {
                for path in environment.usual_files() {
                    assignments.extend(layers::toml(&path, false, &mut problems));
                }
            }
        }
        let nova = nova::read(&files.nova_conf, &mut problems);
        assignments.extend(nova.assignments);
        assignments.extend(environment.assignments(&mut problems));
        assignments.extend_from_slice(command_line);

        refuse_unknown(&mut assignments, &mut problems);
        let (settings, layers) = extract(assignments, &mut problems);
        let mut loaded = Loaded {
            settings,
            hints: nova.hints,
            layers,
        };
        loaded.check(&mut problems);
        if problems.is_empty() {
            Ok(loaded)
        } else {
            Err(Problems(problems))
        }
    }

    /// Where the bus is, if a setting says so: with the options that the URL leaves to the settings.
    pub(crate) fn transport_url(&self) -> Result<Option<TransportUrl>, UrlError> {
        let Some(Parsed(url)) = &self.rpc.transport_url else {
            return Ok(None);
        };
        let options = self.rabbit.iter();
        url.clone()
            .with_options(options.map(|(name, value)| (name.as_str(), value.as_str())))
            .map(Some)
    }

    /// What holds for every call.
    pub(crate) fn of_bus(&self) -> rpc_runtime::Settings {
        rpc_runtime::Settings {
            control_exchange: self.rpc.control_exchange.as_str().into(),
            response_timeout: self.rpc.response_timeout.get(),
            timeouts: [("long".to_owned(), self.rpc.long_timeout.get())].into(),
            monitor: self.rpc.response_timeout.get(),
            ..rpc_runtime::Settings::default()
        }
    }

    /// Where the service may be inspected; each worker process has a place of its own.
    pub(crate) fn backdoor(&self, worker: Option<u32>) -> Option<Place> {
        let Parsed(place) = self.service.backdoor.as_ref()?;
        Some(place.of_worker(worker))
    }

    /// Where the database is. None if no setting says so, and the user has no place for files.
    pub(crate) fn database_url(&self) -> Option<DatabaseUrl> {
        match &self.database.connection {
            Some(Parsed(url)) => Some(url.clone()),
            None => DatabaseUrl::of_user(),
        }
    }

    /// How the database is dealt with.
    pub(crate) fn of_store(&self) -> StoreSettings {
        StoreSettings {
            timeout: self.database.timeout.get(),
            connections: self.database.max_pool_size.0,
            ..StoreSettings::default()
        }
    }
}

impl Loaded {
    /// Every setting, sorted by name.
    pub(crate) fn effective(&self) -> Vec<Effective> {
        let shown = serde_json::to_value(&self.settings).unwrap_or_default();
        let mut all = Vec::new();
        for (section, settings) in shown.as_object().into_iter().flatten() {
            for (key, value) in settings.as_object().into_iter().flatten() {
                all.push(Effective {
                    name: format!("{section}.{key}"),
                    value: value.clone(),
                    origin: self.origin(section, key),
                });
            }
        }
        all
    }

    /// Where a setting comes from.
    pub(crate) fn origin(&self, section: &str, key: &str) -> String {
        let metadata = self.layers.find_metadata(&format!("{section}.{key}"));
        let custom = metadata.and_then(|metadata| metadata.source.as_ref()?.custom());
        custom.unwrap_or(DEFAULT).to_owned()
    }

    /// Where a mistake in a setting is, with its name.
    pub(crate) fn place(&self, section: &str, key: &str) -> String {
        match self.origin(section, key) {
            origin if origin == DEFAULT => format!("[{section}] {key}"),
            origin => layers::place(section, key, &origin),
        }
    }

    /// Whether nobody set it.
    pub(crate) fn is_default(&self, section: &str, key: &str) -> bool {
        self.origin(section, key) == DEFAULT
    }
}

/// Takes out what no setting is called, with the nearest that is.
fn refuse_unknown(assignments: &mut Vec<Assignment>, problems: &mut Vec<String>) {
    let known: BTreeSet<(String, String)> = names();
    assignments.retain(|assignment| {
        let Assignment {
            section, key, origin, ..
        } = assignment;
        if section == "rabbit" {
            // The transport knows them, and says so with their values.
            return true;
        }
        if known.contains(&(section.clone(), key.clone())) {
            return true;
        }
        let sections = || {
            known
                .iter()
                .map(|(section, _)| section.as_str())
                .chain(["rabbit"])
        };
        let problem = if sections().any(|known| known == section) {
            let keys = known
                .iter()
                .filter(|(of, _)| of == section)
                .map(|(_, key)| key.as_str());
            format!(
                "{origin}: [{section}] has no setting '{key}'; {}",
                advice(key, keys)
            )
        } else {
            format!(
                "{origin}: there is no section [{section}]; {}",
                advice(section, sections())
            )
        };
        problems.push(problem);
        false
    });
}

/// The sections and keys of the model.
fn names() -> BTreeSet<(String, String)> {
    let model = serde_json::to_value(Settings::default()).unwrap_or_default();
    let sections = model.as_object().into_iter().flatten();
    sections
        .flat_map(|(section, settings)| {
            let keys = settings.as_object().into_iter().flatten();
            keys.map(|(key, _)| (section.clone(), key.clone()))
        })
        .collect()
}

fn advice<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: BTreeSet<&str> = known.collect();
    let near = known
        .iter()
        .map(|known| (strsim::osa_distance(word, known), *known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 3)
        .min();
    match near {
        Some((_, near)) => format!("did you mean '{near}'?"),
        None => format!("there are {}", Vec::from_iter(known).join(", ")),
    }
}

/// The settings of the assignments. What cannot be read is told and left out, so that all of it is told at once.
fn extract(mut assignments: Vec<Assignment>, problems: &mut Vec<String>) -> (Settings, Figment) {
    assignments.retain(|assignment| {
        if assignment.section != "rabbit" {
            return true;
        }
        match RabbitOptions::check(&assignment.key, &assignment.value) {
            Ok(()) => true,
            Err(error) => {
                problems.push(format!("{}: {error}", assignment.origin));
                false
            }
        }
    });
    loop {
        let defaults = Figment::from(Serialized::defaults(Settings::default()));
        let layers = assignments.iter().fold(defaults, Figment::merge);
        let error = match layers.extract::<Settings>() {
            Ok(settings) => return (settings, layers),
            Err(error) => error,
        };
        let place = match error.path.as_slice() {
            [section, key, ..] => Some((section, key)),
            _ => None,
        };
        let culprit = place.and_then(|(section, key)| {
            assignments
                .iter()
                .rposition(|assignment| &assignment.section == section && &assignment.key == key)
        });
        match culprit {
            Some(index) => {
                let wrong = assignments.remove(index);
                let place = layers::place(&wrong.section, &wrong.key, &wrong.origin);
                problems.push(format!("{place}: {}", error.kind));
            }
            // No layer is to blame: this is ours.
            None => {
                problems.push(error.to_string());
                return (Settings::default(), layers);
            }
        }
    }
}

#[cfg(test)]
mod tests;
