//! The files: where they are, and how their notation is read.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rpc_runtime::wire::{MAX_BODY, decompress};
use serde_json::{Map, Value};

/// A case that did not come out as recorded.
pub(crate) type Checked = Result<(), String>;

/// A file.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) json: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Files that are no cases: the list of all, and one that other tests read.
const NO_CASES: &[&str] = &["index", "topology"];

/// The cases of a folder whose names begin with `prefix`: those that the index lists, and any others.
pub(crate) fn cases(sub: &str, prefix: &str) -> Vec<Vector> {
    let mut all: Vec<Vector> = fs::read_dir(folder().join(sub))
        .expect("a folder of vectors")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().expect("UTF-8").to_owned();
            Vector {
                json: read(&path),
                name,
            }
        })
        .filter(|vector| vector.name.starts_with(prefix) && !NO_CASES.contains(&vector.name.as_str()))
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let index = read(&folder().join("index.json"));
    let listed = index["vectors"].as_array().expect("an index").iter();
    let mut found = 0;
    for file in listed.map(|vector| vector["file"].as_str().expect("a name")) {
        let (place, name) = file.rsplit_once('/').unwrap_or(("", file));
        let name = name.trim_end_matches(".json");
        if place == sub && name.starts_with(prefix) && !NO_CASES.contains(&name) {
            assert!(all.iter().any(|vector| vector.name == name), "{file} is missing");
            found += 1;
        }
    }
    assert!(found > 0, "the index lists no {sub}/{prefix}*");
    all
}

/// A table's rows.
pub(crate) fn table(name: &str) -> Value {
    read(&folder().join("tables").join(name).with_extension("json"))["rows"].take()
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with every case that failed, by name.
pub(crate) fn report(results: Vec<(String, Checked)>) {
    let all = results.len();
    let failed: Vec<String> = results
        .into_iter()
        .filter_map(|(name, checked)| Some(format!("{name}: {}", checked.err()?)))
        .collect();
    assert!(all > 0, "no cases");
    assert!(
        failed.is_empty(),
        "{} of {all} cases\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// The messages of a conversation that have one of these roles.
pub(crate) fn messages<'a>(vector: &'a Vector, roles: &[&str]) -> Vec<&'a Value> {
    let all = vector.json["messages"].as_array().expect("messages");
    let role = |message: &&Value| roles.contains(&message["role"].as_str().unwrap_or_default());
    all.iter().filter(role).collect()
}

/// The body as it was on the wire.
pub(crate) fn body(message: &Value) -> Bytes {
    match (&message["body"], &message["body_base64"]) {
        (Value::String(text), _) => Bytes::copy_from_slice(text.as_bytes()),
        (_, Value::String(text)) => base64(text).into(),
        _ => panic!("a message without a body: {message}"),
    }
}

/// How the body is compressed.
pub(crate) fn compression(message: &Value) -> Option<&str> {
    message["headers"]["compression"].as_str()
}

/// The inner document of a recorded message, as text.
pub(crate) fn inner_text(message: &Value) -> String {
    let mut plain = body(message).to_vec();
    if let Some(compression) = compression(message) {
        plain = decompress(&plain, compression, MAX_BODY).expect("a compressed body");
    }
    inner_of(&plain).expect("a recorded message")
}

/// The inner document of a message in its envelope.
pub(crate) fn inner_of(body: &[u8]) -> Result<String, String> {
    let envelope: Map<String, Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match (envelope.get("oslo.version"), envelope.get("oslo.message")) {
        (Some(Value::String(version)), Some(Value::String(inner))) if version == "2.0" => Ok(inner.clone()),
        _ => Err(format!("no envelope 2.0: {envelope:?}")),
    }
}

/// JSON, with an error that names it.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))
}

/// Expands the notation for a long run of one character.
pub(crate) fn expanded(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get("$repeat").and_then(Value::as_array).map(Vec::as_slice) {
            Some([Value::String(text), times]) => {
                Value::String(text.repeat(times.as_u64().expect("a number") as usize))
            }
            _ => Value::Object(
                map.iter()
                    .map(|(key, value)| (key.clone(), expanded(value)))
                    .collect(),
            ),
        },
        Value::Array(items) => Value::Array(items.iter().map(expanded).collect()),
        other => other.clone(),
    }
}

/// The integers in a JSON text that a `Value` would read as floats.
pub(crate) fn long_integers(json: &str) -> Vec<&str> {
    json.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() > 18)
        .collect()
}

fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for c in text.bytes() {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
