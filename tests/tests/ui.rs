//! What the macros say of a mistake: the text, and the place it points at. One mistake a file, in `ui/`, a folder a
//! theme.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the expected messages anew; read the difference.

use std::fs;
use std::path::Path;

#[test]
fn mistakes_are_told_where_they_are_made() {
    place_snapshots().expect("the snapshots in the crate that trybuild makes");
    let cases = trybuild::TestCases::new();
    for theme in [
        "attribute",
        "trait",
        "joined",
        "method",
        "argument",
        "server",
        "manager",
        "client",
        "error",
        "released",
        "shape",
        "periodic",
    ] {
        cases.compile_fail(format!("ui/{theme}/*.rs"));
    }
}

/// A released API is read from the folder of the crate, which is one that trybuild makes.
fn place_snapshots() -> std::io::Result<()> {
    let theme = Path::new("ui/released");
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/rpc-tests");
    fs::create_dir_all(made.join(theme))?;
    for file in fs::read_dir(theme)? {
        let file = file?.path();
        if file.extension().is_some_and(|ending| ending == "rpc") {
            fs::copy(&file, made.join(&file))?;
        }
    }
    Ok(())
}
