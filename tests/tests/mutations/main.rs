//! Edits of released APIs: each that breaks a caller must fail `cargo check` by the rule it breaks, and each that breaks
//! none must pass. The APIs are the conductor's tasks, and one whose types are written out.
//!
//! The edits are crates of one workspace, so that one run of cargo checks them all. It prints the score:
//! `cargo test -p rpc-tests --test mutations -- --nocapture`.

mod edits;
mod rechecked;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rpc_snapshot::Rule;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use edits::{Edit, edits};

/// All of it, with everything that the crates depend on still to be compiled, on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

#[tokio::test]
async fn what_breaks_a_caller_does_not_compile() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutations");
    let edits = edits();
    write_workspace(&home, &edits).expect("a workspace of edits");
    let checked = check(&home, &home.join("target")).await;

    let mut wrong = Vec::new();
    for edit in &edits {
        let told = checked.errors.get(edit.name).cloned().unwrap_or_default();
        // Every error is of a rule that is broken: another would be a second mistake, or none of ours.
        let is_of = |text: &String, rule: &Rule| text.contains(&format!("[{rule}]"));
        let right = match edit.breaks {
            [] => told.is_empty() && checked.passed.contains(edit.name),
            rules => {
                rules.iter().all(|rule| told.iter().any(|text| is_of(text, rule)))
                    && told.iter().all(|text| rules.iter().any(|rule| is_of(text, rule)))
            }
        };
        if !right {
            wrong.push(format!(
                "{}: {:?} expected, and told is {told:#?}",
                edit.name, edit.breaks
            ));
        }
    }
    let breaking = edits.iter().filter(|edit| !edit.breaks.is_empty()).count();
    eprintln!(
        "{} of {} edits are judged rightly: {breaking} break a caller, {} do not",
        edits.len() - wrong.len(),
        edits.len(),
        edits.len() - breaking
    );
    assert!(breaking >= 30 && edits.len() >= 50);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What cargo found.
struct Checked {
    /// The crates without an error.
    passed: BTreeSet<String>,
    /// What the compiler told of each of the others.
    errors: BTreeMap<String, Vec<String>>,
}

async fn check(home: &Path, target: &Path) -> Checked {
    let mut command = Command::new(env!("CARGO"));
    command
        .args([
            "check",
            "--quiet",
            "--workspace",
            "--keep-going",
            "--offline",
            "--message-format=json",
        ])
        .arg("--manifest-path")
        .arg(home.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, command.output())
        .await
        .expect("cargo ends in time");
    let output = String::from_utf8(output.expect("cargo runs").stdout).expect("JSON");
    let mut checked = Checked {
        passed: BTreeSet::new(),
        errors: BTreeMap::new(),
    };
    for line in output.lines() {
        let message: Value = serde_json::from_str(line).expect("a message of cargo");
        let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                checked.passed.insert(name);
            }
            Some("compiler-message") if message["message"]["level"] == "error" => {
                let text = message["message"]["message"].as_str().unwrap_or_default();
                // Its count of errors is none.
                if !text.starts_with("aborting") && !text.starts_with("could not compile") {
                    checked.errors.entry(name).or_default().push(text.to_owned());
                }
            }
            _ => {}
        }
    }
    checked
}

fn write_workspace(home: &Path, edits: &[&Edit]) -> io::Result<()> {
    let names: Vec<&str> = edits.iter().map(|edit| edit.name).collect();
    write_manifest(home, &names)?;
    let (tasks, typed) = (tasks()?, typed()?);
    for edit in edits {
        let sources = if edit.file == edits::TYPED { &typed } else { &tasks };
        write_crate(home, edit.name, &edited(edit, sources))?;
    }
    Ok(())
}

/// This project.
fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the project")
}

/// What a workspace of these crates has besides them.
fn write_manifest(home: &Path, members: &[&str]) -> io::Result<()> {
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
         [workspace.dependencies]\nrpc-runtime = {{ path = {:?} }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\nthiserror = \"2\"\n\n\
         [profile.dev]\ndebug = false\nincremental = false\n",
        project().join("rpc-runtime")
    );
    write(&home.join("Cargo.toml"), &manifest)?;
    // The versions that are there.
    write(
        &home.join("Cargo.lock"),
        &fs::read_to_string(project().join("Cargo.lock"))?,
    )
}

/// The files of a crate, by their paths in it.
type Sources = BTreeMap<PathBuf, String>;

/// The conductor's tasks, and what they are made of.
fn tasks() -> io::Result<Sources> {
    let api = project().join("conductor/api");
    let mut sources = Sources::new();
    for file in [
        "src/object.rs",
        "src/plain.rs",
        "src/havana/errors.rs",
        "src/compute_task/mod.rs",
        "src/compute_task/error.rs",
        "src/compute_task/legacy.rs",
        "api/compute_task.rpc",
    ] {
        sources.insert(file.into(), fs::read_to_string(api.join(file))?);
    }
    let lib = "//! An edit.\nmod compute_task;\nmod havana { mod errors; pub use errors::*; }\nmod object;\nmod plain;\n\
               pub use compute_task::*;\npub use object::*;\npub use plain::*;\n";
    sources.insert("src/lib.rs".into(), lib.to_owned());
    Ok(sources)
}

/// The API whose types are written out.
fn typed() -> io::Result<Sources> {
    let here = project().join("tests/tests/mutations");
    let mut sources = Sources::new();
    sources.insert("src/typed.rs".into(), fs::read_to_string(here.join("typed.rs"))?);
    sources.insert(
        "api/typed.rpc".into(),
        fs::read_to_string(here.join("typed.rpc"))?,
    );
    sources.insert("src/lib.rs".into(), "//! An edit.\npub mod typed;\n".to_owned());
    Ok(sources)
}

/// The sources after the edit.
fn edited(edit: &Edit, sources: &Sources) -> Sources {
    let mut sources = sources.clone();
    let text = sources.entry(Path::new("src").join(edit.file)).or_default();
    for (from, to) in edit.changes {
        assert!(
            text.contains(from),
            "{}: {from:?} is not in {}",
            edit.name,
            edit.file
        );
        *text = text.replace(from, to);
    }
    sources
}

fn write_crate(home: &Path, name: &str, sources: &Sources) -> io::Result<()> {
    let home = home.join(name);
    let manifest = format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nrpc-runtime.workspace = true\nserde.workspace = true\nserde_json.workspace = true\n\
         thiserror.workspace = true\n"
    );
    write(&home.join("Cargo.toml"), &manifest)?;
    for (path, text) in sources {
        write(&home.join(path), text)?;
    }
    Ok(())
}

/// Writes a file that is not so already: cargo checks anew what is newer.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
