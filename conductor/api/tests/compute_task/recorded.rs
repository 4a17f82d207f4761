//! The recorded cases.

use std::fs;
use std::path::Path;

use rpc_runtime::Version;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A recorded case.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) method: String,
    pub(crate) kind: Kind,
    /// The arguments as they travel today.
    pub(crate) given: Map<String, Value>,
    pub(crate) sent: Vec<Range>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Call,
    Cast,
}

/// What Nova's client does under a range of caps.
#[derive(Deserialize)]
pub(crate) struct Range {
    from: String,
    to: String,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Refused {
        refused: String,
    },
    Sent {
        version: String,
        left_out: Vec<String>,
        changed: Map<String, Value>,
    },
}

impl Case {
    /// The arguments of Nova's message.
    pub(crate) fn args(&self, left_out: &[String], changed: &Map<String, Value>) -> Map<String, Value> {
        let mut args = self.given.clone();
        args.retain(|name, _| !left_out.contains(name));
        args.extend(changed.clone());
        args
    }
}

impl Range {
    /// The minor versions of the caps.
    pub(crate) fn caps(&self) -> std::ops::RangeInclusive<u32> {
        let minor = |cap: &str| cap.parse::<Version>().unwrap().minor;
        minor(&self.from)..=minor(&self.to)
    }
}

/// All of them, by name.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/compute_task");
    let mut cases: Vec<(String, Case)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let case = serde_json::from_slice(&fs::read(&path).unwrap());
            let case = case.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_stem().unwrap().to_string_lossy().into_owned(), case)
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}
