//! Arguments and contexts as a terminal gives them: `key=value` words, and files with a JSON object.
//!
//! Values stay JSON texts: a number too large for any type here reaches the server as it was written.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::io::Read as _;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::exit::Failed;

/// Names with JSON values; no name twice.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    /// From words of the form `key=value`. A value that is not JSON is a text.
    pub(crate) fn from_words(words: &[String]) -> Result<Self, Failed> {
        let mut fields = Self::default();
        for (index, word) in words.iter().enumerate() {
            let (key, value) = match word.split_once('=') {
                Some((key, value)) if !key.is_empty() => (key, value),
                // The word itself is not shown: it may be a value that lost its key, and a secret.
                _ => {
                    return Err(Failed::usage(format!(
                        "argument {} is not of the form key=value",
                        index + 1
                    ))
                    .hint("write name=value, with quotes around blanks: name='two words'"));
                }
            };
            match fields.0.entry(key.to_owned()) {
                Entry::Vacant(free) => free.insert(json_or_text(value)?),
                Entry::Occupied(_) => return Err(Failed::usage(format!("argument '{key}' is given twice"))),
            };
        }
        Ok(fields)
    }

    /// From a file with a JSON object; `-` is the standard input. `option` is named in errors.
    pub(crate) fn from_file(option: &str, path: &str) -> Result<Self, Failed> {
        let mut text = String::new();
        let (name, read) = if path == "-" {
            ("the standard input", std::io::stdin().read_to_string(&mut text))
        } else {
            let read = std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text));
            (path, read)
        };
        read.map_err(|error| Failed::usage(format!("{option}: cannot read {name}: {error}")))?;
        serde_json::from_str(&text).map_err(|error| {
            Failed::usage(format!("{option}: {name}: {error}"))
                .hint(r#"a JSON object is wanted, as in {"name": "value", "count": 3}"#)
        })
    }

    /// Each name with its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Box<RawValue>)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

fn json_or_text(value: &str) -> Result<Box<RawValue>, Failed> {
    let json = serde_json::from_str(value).or_else(|_| serde_json::value::to_raw_value(value));
    json.map_err(Failed::usage)
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some(key) = map.next_key::<String>()? {
                    match fields.0.entry(key) {
                        Entry::Vacant(free) => free.insert(map.next_value()?),
                        Entry::Occupied(taken) => {
                            return Err(A::Error::custom(format_args!("'{}' is there twice", taken.key())));
                        }
                    };
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match Fields::from_words(&words) {
            Ok(fields) => Ok(serde_json::to_string(&fields).unwrap()),
            Err(failed) => Err(failed.to_string()),
        }
    }

    #[test]
    fn a_value_is_json_or_else_a_text() {
        let given = [
            "a=1",
            "b=one",
            "c=[1, 2]",
            "d=",
            r#"e="1""#,
            "f=x=y",
            "g=null",
            "h=123456789012345678901234567890",
        ];
        assert_eq!(
            words(&given).unwrap(),
            r#"{"a":1,"b":"one","c":[1, 2],"d":"","e":"1","f":"x=y","g":null,"h":123456789012345678901234567890}"#
        );
    }

    #[test]
    fn what_is_no_pair_is_refused_without_showing_it() {
        for bad in ["hunter2", "=hunter2"] {
            let error = words(&["a=1", bad]).unwrap_err();
            assert!(
                error.contains("argument 2") && !error.contains("hunter2"),
                "{error}"
            );
        }
        assert!(words(&["a=1", "a=2"]).unwrap_err().contains("'a' is given twice"));
    }

    #[test]
    fn errors_in_an_object_have_a_place() {
        let error = |text: &str| serde_json::from_str::<Fields>(text).unwrap_err().to_string();
        assert!(error("{\"a\": 1,\n \"a\": 2}").contains("'a' is there twice at line 2"));
        assert!(error("[1]").contains("expected an object"));
        assert!(error("{\"a\": }").contains("line 1 column 7"));
    }
}
