//! Writes what is released.

use std::fs;
use std::io::Write;
use std::path::Path;

use rpc_snapshot::{Snapshot, compare};

use crate::changes;
use crate::command::{Error, Outcome};
use crate::describe::Description;

/// What stands above each file.
const HEADER: &str = "# The released interface, which callers rely on: 'cargo rpc release' writes it, and it is reviewed as code is.\n";

/// Reads a released interface.
pub(crate) fn read(path: &Path) -> Result<Snapshot, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::Read {
        path: path.to_path_buf(),
        error,
    })?;
    rpc_snapshot::read(&text).map_err(|error| Error::Malformed {
        path: path.to_path_buf(),
        error,
    })
}

/// Writes the released interface of each API. One that breaks what is there already is written only if that is
/// accepted.
pub(crate) fn release(apis: &[Description], accept: bool, out: &mut impl Write) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Done;
    for api in apis {
        if !one(api, accept, out)? {
            outcome = Outcome::Breaks;
        }
    }
    Ok(outcome)
}

/// Returns whether the API is released now.
fn one(api: &Description, accept: bool, out: &mut impl Write) -> Result<bool, Error> {
    let Description {
        snapshot, released, ..
    } = api;
    let (name, version, path) = (&snapshot.name, snapshot.version, released.display());
    if released.exists() {
        let changes = compare(&read(released)?, snapshot);
        let breaks = changes::outcome(&changes) == Outcome::Breaks;
        changes::tell(&changes, out)?;
        if breaks && !accept {
            writeln!(
                out,
                "{name} {version} breaks callers of what is released: {path} stays as it is"
            )?;
            writeln!(out, "  'cargo rpc accept {name}' leaves those callers behind")?;
            return Ok(false);
        }
    }
    let text = format!("{HEADER}{}", snapshot.clone().released());
    if fs::read_to_string(released).is_ok_and(|there| there == text) {
        writeln!(out, "{name} {version} is released as it is: {path}")?;
    } else {
        let write = |error| Error::Write {
            path: released.clone(),
            error,
        };
        if let Some(folder) = released.parent() {
            fs::create_dir_all(folder).map_err(write)?;
        }
        fs::write(released, text).map_err(write)?;
        writeln!(out, "{name} {version} is released: {path}")?;
    }
    if !api.says_so {
        writeln!(
            out,
            "  the compiler compares with it once the trait says so: #[rpc_api(released = \"..\")]"
        )?;
    }
    Ok(true)
}
