//! Released interfaces as files: reads them, and writes what is released now, unless it breaks what is there.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use rpc_snapshot::{Malformed, Snapshot, compare};

use crate::changes;
use crate::command::{Error, Outcome};
use crate::describe::{self, Description, usual_path};

/// What stands above each file.
const HEADER: &str = "# The released interface, which callers rely on: 'cargo rpc release' writes it, and it is reviewed as code is.\n";

/// Reads a released interface.
pub(crate) fn read(path: &Path) -> Result<Snapshot, Error> {
    let bytes = fs::read(path).map_err(|error| Error::Read {
        path: path.to_path_buf(),
        error,
    })?;
    let text = str::from_utf8(&bytes).map_err(|error| Malformed {
        line: bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count(),
        text: "this is no text in UTF-8".to_owned(),
    });
    text.and_then(rpc_snapshot::read)
        .map_err(|error| Error::Malformed {
            path: path.to_path_buf(),
            error,
        })
}

/// Writes the released interface of each API. One that breaks what is there already is written only if that is
/// accepted.
pub(crate) fn release(apis: &[Description], accept: bool, out: &mut impl Write) -> Result<Outcome, Error> {
    describe::each_has_its_own(apis, |api| api.released.clone())?;
    let mut outcome = Outcome::Done;
    for api in apis {
        if !one(api, accept, out)? {
            outcome = Outcome::Breaks;
        }
    }
    Ok(outcome)
}

/// What is released already. A file that is malformed is none, if that is accepted.
fn before(api: &Description, accept: bool, out: &mut impl Write) -> Result<Option<Snapshot>, Error> {
    match read(&api.released) {
        Err(Error::Read { error, .. }) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error @ Error::Malformed { .. }) if accept => {
            writeln!(out, "nothing is compared: {error}")?;
            Ok(None)
        }
        Err(error @ Error::Malformed { .. }) => Err(Error::Spoilt {
            error: Box::new(error),
            name: api.snapshot.name.clone(),
        }),
        read => read.map(Some),
    }
}

/// Returns whether the API is released now.
fn one(api: &Description, accept: bool, out: &mut impl Write) -> Result<bool, Error> {
    let Description {
        snapshot, released, ..
    } = api;
    let (name, version, path) = (&snapshot.name, snapshot.version, released.display());
    let mut waived = false;
    if let Some(before) = before(api, accept, out)? {
        let changes = compare(&before, snapshot);
        let breaks = changes::outcome(&changes) == Outcome::Breaks;
        changes::tell(&changes, out)?;
        waived = changes.iter().any(|change| change.waived.is_some());
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
    if waived {
        writeln!(
            out,
            "  take its waivers away: they were for this step, and what comes is compared with this release"
        )?;
    }
    if !api.says_so {
        writeln!(
            out,
            "  the compiler compares with it once the trait says so: #[rpc_api(released = \"{}\")]",
            usual_path(name).display()
        )?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use rpc_snapshot::Version;

    use super::*;

    fn calc(folder: &Path, says_so: bool) -> Description {
        Description {
            snapshot: Snapshot::new("Calc", Version { major: 1, minor: 2 }),
            module: String::new(),
            bin: None,
            released: folder.join("calc.rpc"),
            says_so,
            expansion: String::new(),
        }
    }

    #[test]
    fn the_option_that_the_trait_lacks_is_told_in_full() {
        let folder = std::env::temp_dir().join(format!("cargo-rpc-option-{}", std::process::id()));
        let mut told = Vec::new();
        release(&[calc(&folder, false)], false, &mut told).expect("released");
        fs::remove_dir_all(&folder).expect("the folder goes");
        let told = String::from_utf8(told).expect("text");
        assert!(
            told.contains(r#"#[rpc_api(released = "api/calc.rpc")]"#),
            "{told}"
        );
    }

    #[test]
    fn a_file_that_is_malformed_is_replaced_when_that_is_accepted() {
        let folder = std::env::temp_dir().join(format!("cargo-rpc-release-{}", std::process::id()));
        let released = folder.join("calc.rpc");
        fs::create_dir_all(&folder).expect("a folder");
        let api = calc(&folder, true);
        for (there, line) in [
            (&b"<<<<<<< ours\n"[..], "line 1"),
            (b"api Calc 1.0\n\xff\n", "line 2"),
        ] {
            fs::write(&released, there).expect("a file");
            let mut told = Vec::new();
            let error = release(std::slice::from_ref(&api), false, &mut told).expect_err("refused");
            let text = error.to_string();
            assert!(
                text.contains(line) && text.contains("'cargo rpc accept Calc'"),
                "{text}"
            );
            assert!(told.is_empty());
            let outcome = release(std::slice::from_ref(&api), true, &mut told).expect("accepted");
            let read = read(&released).expect("a released interface");
            assert_eq!((outcome, &*read.name), (Outcome::Done, "Calc"));
            let told = String::from_utf8(told).expect("text");
            assert!(
                told.contains("nothing is compared") && told.contains(line),
                "{told}"
            );
        }
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
}
