//! Asks the compiler what the APIs of a package look like.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rpc_snapshot::Snapshot;

use crate::cargo::{self, Metadata};
use crate::command::Apis;

/// An API, as the compiler knows it.
#[derive(Debug)]
pub(crate) struct Description {
    /// What it looks like, with documentation and all that concerns one side alone.
    pub(crate) snapshot: Snapshot,
    /// The module that its trait is in.
    pub(crate) module: String,
    /// Where its released interface is, or would be.
    pub(crate) released: PathBuf,
    /// Whether the trait says so.
    pub(crate) says_so: bool,
    /// What the macro makes of it, formatted.
    pub(crate) expansion: String,
}

impl Description {
    /// Its trait's path, which tells it from another of its name.
    pub(crate) fn path(&self) -> String {
        format!("{}::{}", self.module, self.snapshot.name)
    }

    /// Whether it is meant by this word: its trait's name or path.
    fn is(&self, wanted: &str) -> bool {
        self.snapshot.name == wanted || self.path() == wanted
    }
}

/// Refuses two APIs that would be written to one file.
pub(crate) fn each_has_its_own<F: Ord>(
    apis: &[Description],
    file: impl Fn(&Description) -> F,
) -> Result<(), Error> {
    let mut taken = BTreeMap::new();
    for api in apis {
        if let Some(other) = taken.insert(file(api), api) {
            return Err(Error::OneFile(other.path(), api.path()));
        }
    }
    Ok(())
}

/// Why nothing is known of the APIs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot run cargo: {0}")]
    NoCargo(io::Error),
    #[error("cargo knows no package here")]
    Metadata,
    #[error("cargo speaks of the workspace in words that are not understood: {0}")]
    UnreadableMetadata(serde_json::Error),
    #[error("cannot tell the current folder: {0}")]
    Folder(io::Error),
    #[error("there is no package '{0}' in the workspace; there are: {list}", list = .1.join(", "))]
    NoPackage(String, Vec<String>),
    #[error("which package? name one with -p: {list}", list = .0.join(", "))]
    WhichPackage(Vec<String>),
    #[error("the APIs of '{0}' could not be asked what they look like\n{1}")]
    NotDescribed(String, String),
    #[error("what cargo rpc has written to '{}' cannot be read: {error}", path.display())]
    Own { path: PathBuf, error: io::Error },
    #[error("'{}': {error}", path.display())]
    Malformed {
        path: PathBuf,
        error: rpc_snapshot::Malformed,
    },
    #[error("there is no API in '{0}': no trait has #[rpc_api(..)], or the crate's tests are switched off")]
    NoApi(String),
    #[error("'{0}' and '{1}' would be written to one file: name one of them")]
    OneFile(String, String),
    #[error("there is no API '{0}'; there are: {list}", list = .1.join(", "))]
    Unknown(String, Vec<String>),
}

/// The APIs that are meant, by name.
pub(crate) fn describe(apis: &Apis) -> Result<Vec<Description>, Error> {
    let metadata = Metadata::read(apis)?;
    let package = metadata.package(apis)?;
    let target = metadata.target();
    let folder = target.join("described").join(&package.name);
    // What was there is of the crate as it was.
    let own = |error| Error::Own {
        path: folder.clone(),
        error,
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(own)?;
    }
    fs::create_dir_all(&folder).map_err(own)?;
    cargo::have_described(package, apis, &target, &folder)?;

    let mut described = Vec::new();
    for file in fs::read_dir(&folder).map_err(own)? {
        let path = file.map_err(own)?.path();
        if path.extension().is_some_and(|ending| ending == "rpc") {
            described.push(read(&path, package.folder())?);
        }
    }
    if described.is_empty() {
        return Err(Error::NoApi(package.name.clone()));
    }
    described.sort_by(|a, b| (&a.snapshot.name, &a.module).cmp(&(&b.snapshot.name, &b.module)));
    let known = |wanted: &String| described.iter().any(|found| found.is(wanted));
    if let Some(unknown) = apis.apis.iter().find(|wanted| !known(wanted)) {
        let names = described
            .iter()
            .map(|found| found.snapshot.name.clone())
            .collect();
        return Err(Error::Unknown(unknown.clone(), names));
    }
    described.retain(|found| apis.apis.is_empty() || apis.apis.iter().any(|wanted| found.is(wanted)));
    Ok(described)
}

fn read(path: &Path, package: &Path) -> Result<Description, Error> {
    let own = |error| Error::Own {
        path: path.to_path_buf(),
        error,
    };
    let text = fs::read_to_string(path).map_err(own)?;
    let snapshot = rpc_snapshot::read(&text).map_err(|error| Error::Malformed {
        path: path.to_path_buf(),
        error,
    })?;
    let says = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# released "));
    let released = package.join(says.map_or_else(|| usual_path(&snapshot.name), PathBuf::from));
    let module = path.file_stem().unwrap_or_default().to_string_lossy();
    let module = module.strip_suffix(snapshot.name.as_str()).unwrap_or(&module);
    let expansion = fs::read_to_string(path.with_extension("rs")).map_err(own)?;
    Ok(Description {
        module: module.trim_end_matches('.').replace('.', "::"),
        says_so: says.is_some(),
        expansion: formatted(expansion),
        released,
        snapshot,
    })
}

/// Where the released interface goes when the trait does not say: `api/compute_task.rpc` of `ComputeTask`.
fn usual_path(name: &str) -> PathBuf {
    Path::new("api").join(snake(name)).with_extension("rpc")
}

/// The trait's name as files have it: `compute_task` of `ComputeTask`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Formatted, or as it is when it is no Rust that is understood.
fn formatted(expansion: String) -> String {
    match syn::parse_file(&expansion) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => expansion,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_path() {
        assert_eq!(usual_path("ComputeTask"), Path::new("api/compute_task.rpc"));
        assert_eq!(usual_path("Calc"), Path::new("api/calc.rpc"));
    }
}
