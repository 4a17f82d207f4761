//! Runs cargo: which packages and targets there are, and the build that describes their APIs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::command::Apis;
use crate::describe::Error;

/// What `cargo metadata` says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Package {
    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }

    /// What of it is asked: what was chosen, or all in it that can hold an API, since cargo refuses to be asked for what
    /// is not there.
    fn targets(&self, apis: &Apis) -> Vec<String> {
        if apis.lib || !apis.bin.is_empty() {
            let lib = apis.lib.then(|| "--lib".to_owned());
            return lib
                .into_iter()
                .chain(apis.bin.iter().map(|bin| format!("--bin={bin}")))
                .collect();
        }
        let has = |wanted: &[&str]| {
            let kinds = || self.targets.iter().flat_map(|target| &target.kind);
            wanted.iter().any(|wanted| kinds().any(|kind| kind == wanted))
        };
        let lib = has(&["lib", "rlib", "dylib", "cdylib", "staticlib"]).then_some("--lib");
        let bins = has(&["bin"]).then_some("--bins");
        lib.into_iter().chain(bins).map(str::to_owned).collect()
    }
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn read(apis: &Apis) -> Result<Self, Error> {
        let mut command = command(apis);
        command.args(["metadata", "--format-version=1", "--no-deps"]);
        manifest(&mut command, apis);
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .map_err(Error::NoCargo)?;
        if !output.status.success() {
            return Err(Error::Metadata);
        }
        serde_json::from_slice(&output.stdout).map_err(Error::UnreadableMetadata)
    }

    /// Where cargo rpc compiles: what is compiled otherwise stays as it is.
    pub(crate) fn target(&self) -> PathBuf {
        self.target_directory.join("rpc")
    }

    /// The package that is meant: the one that is named, or the one of the folder.
    pub(crate) fn package(&self, apis: &Apis) -> Result<&Package, Error> {
        let names = || self.packages.iter().map(|package| package.name.clone()).collect();
        if let Some(name) = &apis.package {
            let found = self.packages.iter().find(|package| package.name == *name);
            return found.ok_or_else(|| Error::NoPackage(name.clone(), names()));
        }
        let here = match &apis.manifest_path {
            Some(path) => path.canonicalize(),
            None => env::current_dir(),
        };
        let here = here.map_err(Error::Here)?;
        let inside = self
            .packages
            .iter()
            .filter(|package| here.starts_with(package.folder()));
        let innermost = inside.max_by_key(|package| package.folder().components().count());
        match (innermost, self.packages.as_slice()) {
            (Some(package), _) => Ok(package),
            (None, [only]) => Ok(only),
            (None, _) => Err(Error::WhichPackage(names())),
        }
    }
}

/// Compiles the package so that its APIs describe themselves, and has them do it.
pub(crate) fn have_described(
    package: &Package,
    apis: &Apis,
    target: &Path,
    folder: &Path,
) -> Result<(), Error> {
    let mut command = command(apis);
    command.args(["test", "--package", &package.name]);
    command.args(package.targets(apis));
    manifest(&mut command, apis);
    if let Some(features) = &apis.features {
        command.args(["--features", features]);
    }
    for (given, option) in [
        (apis.all_features, "--all-features"),
        (apis.no_default_features, "--no-default-features"),
        (apis.quiet, "--quiet"),
    ] {
        command.args(given.then_some(option));
    }
    command.arg("--target-dir").arg(target);
    // The tests that expansions have then, and no others.
    command.args(["--", "__describe_"]);
    // Expansions look whether it is there; the tests look at what it says.
    command.env("RPC_DESCRIBE", folder);
    // What tests print is not what was asked for.
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(Error::NoCargo)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Err(match said.is_empty() {
        true => Error::NotCompiled(package.name.clone()),
        false => Error::NotDescribed(package.name.clone(), said),
    })
}

fn command(apis: &Apis) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    if apis.offline {
        command.arg("--offline");
    }
    command
}

fn manifest(command: &mut Command, apis: &Apis) {
    if let Some(path) = &apis.manifest_path {
        command.arg("--manifest-path").arg(path);
    }
}
