//! The fields are those that the README tells of.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::describe::Description;
use crate::export::EVERYTHING;

const README: &str = include_str!("../../README.md");

/// What is found in a document.
#[derive(Default)]
struct Found {
    /// Where values are.
    fields: BTreeSet<String>,
    /// The fields of shapes, wherever these are.
    of_shapes: BTreeSet<String>,
    /// The words that tell which of several forms something has.
    words: BTreeSet<String>,
}

impl Found {
    fn value(&mut self, at: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if at.is_empty() { "" } else { "." };
                    self.field(&format!("{at}{dot}{name}"), name, value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(&format!("{at}[]"), item)),
            _ => {
                self.fields.insert(at.to_owned());
            }
        }
    }

    fn field(&mut self, at: &str, name: &str, value: &Value) {
        match (name, value) {
            ("shape", Value::Object(shape)) => {
                self.fields.insert(at.to_owned());
                self.shape(shape);
            }
            // As those of a struct.
            ("fields", _) if at == "types[].values[].fields" => {
                self.fields.insert(format!("{at}[]"));
                self.value("types[].fields", value);
            }
            _ => {
                if let (true, Some(word)) =
                    (name == "kind" || at == "types[].values[].content", value.as_str())
                {
                    self.words.insert(word.to_owned());
                }
                self.value(at, value);
            }
        }
    }

    fn shape(&mut self, shape: &serde_json::Map<String, Value>) {
        for (name, value) in shape {
            self.of_shapes.insert(name.clone());
            match value {
                Value::Object(inner) => self.shape(inner),
                Value::Array(inner) => inner
                    .iter()
                    .filter_map(Value::as_object)
                    .for_each(|of| self.shape(of)),
                _ => {}
            }
            if let ("kind", Some(word)) = (name.as_str(), value.as_str()) {
                self.words.insert(word.to_owned());
            }
        }
    }
}

/// The fields that a table of the README tells of.
fn documented(head: &str) -> BTreeSet<String> {
    let rows = README
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {head} |")));
    let rows = rows.skip(2).map_while(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect()
}

#[test]
fn an_api_is_as_documented() {
    let api = Description {
        snapshot: rpc_snapshot::read(EVERYTHING).unwrap_or_else(|error| panic!("{error}")),
        module: "calc".to_owned(),
        bin: Some("calc".to_owned()),
        released: PathBuf::new(),
        says_so: false,
        expansion: String::new(),
    };
    let mut found = Found::default();
    let json = serde_json::to_value(super::description(&api)).expect("JSON");
    found.value("", &json);
    assert_eq!(found.fields, documented("field"));
    assert_eq!(found.of_shapes, documented("field of a shape"));
    for word in found.words {
        assert!(README.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn a_change_is_as_documented() {
    let [old, new] = ["a", "b"].map(|argument| {
        let text = format!("api Calc 1.0\n\nmethod add call\n  arg {argument} u32\n  ok u32\n");
        rpc_snapshot::read(&text).unwrap_or_else(|error| panic!("{error}"))
    });
    let changes = rpc_snapshot::compare(&old, &new);
    let json = serde_json::to_value(super::changes(&changes)).expect("JSON");
    let fields = json[0].as_object().expect("a change").keys().cloned();
    assert_eq!(fields.collect::<BTreeSet<_>>(), documented("field of a change"));
}
