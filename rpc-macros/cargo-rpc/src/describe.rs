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
    /// The program that it was compiled into, if that is no library.
    pub(crate) bin: Option<String>,
    /// Where its released interface is, or would be.
    pub(crate) released: PathBuf,
    /// Whether the trait says so.
    pub(crate) says_so: bool,
    /// What the macro makes of it, formatted.
    pub(crate) expansion: String,
}

impl Description {
    /// Its trait's path, which tells it from another of its name.
    fn path(&self) -> String {
        format!("{}::{}", self.module, self.snapshot.name)
    }

    /// Its path, and the program that it is of: a library may have a module of the same name.
    pub(crate) fn place(&self) -> String {
        match &self.bin {
            Some(bin) => format!("{} of bin '{bin}'", self.path()),
            None => self.path(),
        }
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
            return Err(Error::OneFile(other.place(), api.place()));
        }
    }
    Ok(())
}

/// Why nothing is known of the APIs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot run cargo: {0}")]
    NoCargo(io::Error),
    #[error("cargo knows no package here: go to the folder of one, or name it with --manifest-path")]
    Metadata,
    #[error("cargo speaks of the workspace in words that are not understood: {0}")]
    UnreadableMetadata(serde_json::Error),
    #[error("cannot tell where the package is: {0}")]
    Here(io::Error),
    #[error("there is no package '{0}' in the workspace; there are: {list}", list = .1.join(", "))]
    NoPackage(String, Vec<String>),
    #[error("which package? name one with -p: {list}", list = .0.join(", "))]
    WhichPackage(Vec<String>),
    #[error("cargo does not compile '{0}' as for its tests, so that nothing is known of its APIs: see above")]
    NotCompiled(String),
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
    #[error("{0} and {1} would be written to one file: name one of them, or choose with --lib or --bin")]
    OneFile(String, String),
    #[error("there is no API '{0}'; there are: {list}", list = .1.join(", "))]
    Unknown(String, Vec<String>),
}

/// Where the APIs are described: for this run alone, since another may be under way.
struct Folder(PathBuf);

impl Folder {
    fn new(within: &Path) -> Result<Self, Error> {
        let folder = Self(within.join(std::process::id().to_string()));
        folder.remove();
        fs::create_dir_all(&folder.0).map_err(|error| folder.own(error))?;
        Ok(folder)
    }

    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let own = |error| self.own(error);
        let files = fs::read_dir(&self.0).map_err(own)?;
        files.map(|file| Ok(file.map_err(own)?.path())).collect()
    }

    fn own(&self, error: io::Error) -> Error {
        Error::Own {
            path: self.0.clone(),
            error,
        }
    }

    /// What cannot be removed stays: it is in nobody's way.
    fn remove(&self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The APIs that are meant, by name.
pub(crate) fn describe(apis: &Apis) -> Result<Vec<Description>, Error> {
    let metadata = Metadata::read(apis)?;
    let package = metadata.package(apis)?;
    let target = metadata.target();
    let folder = Folder::new(&target.join("described"))?;
    cargo::have_described(package, apis, &target, &folder.0)?;
    let mut described = Vec::new();
    for path in folder.files()? {
        if path.extension().is_some_and(|ending| ending == "rpc") {
            described.push(read(&path, package.folder())?);
        }
    }
    if described.is_empty() {
        return Err(Error::NoApi(package.name.clone()));
    }
    described.sort_by_cached_key(|found| {
        (
            found.snapshot.name.clone(),
            found.module.clone(),
            found.bin.clone(),
        )
    });
    let known = |wanted: &String| described.iter().any(|found| found.is(wanted));
    if let Some(unknown) = apis.apis.iter().find(|wanted| !known(wanted)) {
        let places = described.iter().map(Description::place).collect();
        return Err(Error::Unknown(unknown.clone(), places));
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
    let says = |fact: &str| {
        let facts = text.lines().map_while(|line| line.strip_prefix("# "));
        let mut facts = facts.filter_map(|line| line.split_once(' '));
        facts.find(|(found, _)| *found == fact).map(|(_, value)| value)
    };
    let released = says("released").map_or_else(|| usual_path(&snapshot.name), PathBuf::from);
    let expansion = fs::read_to_string(path.with_extension("rs")).map_err(own)?;
    Ok(Description {
        module: says("module").unwrap_or_default().to_owned(),
        bin: says("bin").map(str::to_owned),
        released: package.join(released),
        says_so: says("released").is_some(),
        expansion: formatted(expansion),
        snapshot,
    })
}

/// Where the released interface goes when the trait does not say: `api/compute_task.rpc` of `ComputeTask`.
pub(crate) fn usual_path(name: &str) -> PathBuf {
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
