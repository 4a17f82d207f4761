//! Each rule, broken and kept: a released text, an edit of it, and what is told.

mod aliases;
mod api;
mod arguments;
mod directions;
mod fields;
mod history;
mod large;
mod methods;
mod values;
mod waivers;

use rpc_snapshot::{Rule, Snapshot, compare, read};

const OLD: &str = "\
api Tasks 1.4
topic conductor
namespace tasks
release zed 1.3

method move call cast since 1.2 alias shift idempotent
  arg instance Instance
  arg clean bool optional since 1.3 default true
  arg hosts [text]? optional since 1.4
  ok Report
  error nova.exception NotFound NotFound

method gone call removed 2.0
  ok null

type Flavor struct
  field name text
  field size u32
  field extra {text:text} optional

type Instance struct
  field uuid text
  field flavor Flavor
  field state State
  field parent Instance? optional

type Report struct
  field done u64
  field states [State]

type State enum
  value Up
  value Down
  value Moving is u8
";

/// What is told of the released text, edited by replacing; the version is raised unless the edit says otherwise.
fn told(edits: &[(&str, &str)]) -> Vec<(Option<Rule>, String)> {
    compared(OLD, &edited(&raised(OLD), edits))
}

/// The text with each edit made.
fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not there");
        text.replace(from, to)
    })
}

/// The text in the next minor version.
fn raised(text: &str) -> String {
    edited(text, &[("Tasks 1.4", "Tasks 1.5")])
}

/// Which rules a text breaks against a released one, and all that is told of it.
fn compared(old: &str, new: &str) -> Vec<(Option<Rule>, String)> {
    let changes = compare(&snapshot(old), &snapshot(new)).into_iter();
    changes.map(|change| (change.rule, change.text)).collect()
}

fn snapshot(text: &str) -> Snapshot {
    read(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[track_caller]
fn broken(edits: &[(&str, &str)], rule: Rule, text: &str) {
    let told = told(edits);
    let broken: Vec<_> = told.iter().filter(|(rule, _)| rule.is_some()).collect();
    assert!(
        broken
            .iter()
            .any(|(found, told)| *found == Some(rule) && told.contains(text)),
        "{broken:#?}"
    );
    assert!(
        broken.iter().all(|(found, _)| *found == Some(rule)),
        "{broken:#?}"
    );
}

#[track_caller]
fn kept(edits: &[(&str, &str)]) {
    let told = told(edits);
    assert!(told.iter().all(|(rule, _)| rule.is_none()), "{told:#?}");
    assert!(edits.is_empty() || !told.is_empty());
}
