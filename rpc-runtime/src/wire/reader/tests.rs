//! The reader beside serde_json: the same values, and the same errors, but for what Python writes beyond JSON.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::Value;
use serde_json::value::RawValue;

use super::*;

#[derive(Deserialize, PartialEq, Debug)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(i8, Option<bool>),
    Struct { a: char, b: () },
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(default)]
struct Fields {
    text: String,
    list: Vec<f32>,
    pair: (i64, u128),
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            text: "default".to_owned(),
            list: Vec::new(),
            pair: (1, 2),
        }
    }
}

const TEXTS: &[&str] = &[
    "null",
    " true",
    "false ",
    "0",
    "-7",
    "255",
    "256",
    "18446744073709551616",
    "-170141183460469231731687303715884105728",
    "1.5",
    "-0.0",
    "2e3",
    "\"\"",
    "\"a\"",
    "\"\\u00e9\\n\"",
    "\"Unit\"",
    "[]",
    "[1, 2]",
    "[0,7,255]",
    "[10,256]",
    "[00,1]",
    "[01]",
    "[99999999999,100000000000,18446744073709551615]",
    "[1.5,2]",
    "[1e1,2]",
    "[-1,0]",
    "[ 1.5 , true ]",
    "[[],[]]",
    "{}",
    "{\"Newtype\": 7}",
    "{\"Tuple\": [1, null]}",
    "{\"Struct\": {\"a\": \"x\", \"b\": null}}",
    "{\"Struct\": [\"x\", null]}",
    "{\"Newtype\": 7, \"Unit\": 1}",
    "{\"text\": \"t\", \"more\": {\"x\": [1, {}]}, \"pair\": [-1, 1]}",
    "{\"1\": 2, \"-3\": 4}",
    "{\"01\": 2}",
    "{\"+1\": 2}",
    "{\"a\\\"b\": \"c\\\\\"}",
    "[1, 2",
    "[1 2]",
    "[1, 2,]",
    "{\"a\": 1,}",
    "{\"a\" 1}",
    "{1: 1}",
    "1 1",
    "",
    "nul",
];

/// The same as serde_json: the value, or that there is none.
fn compare<'de, T: Deserialize<'de> + PartialEq + Debug>() {
    for &text in TEXTS {
        let expected = serde_json::from_str::<T>(text);
        assert_eq!(read::<T>(text).ok(), expected.ok(), "{text}");
    }
}

#[test]
fn strict_json_is_read_as_by_serde_json() {
    compare::<Value>();
    compare::<Option<bool>>();
    compare::<()>();
    compare::<u8>();
    compare::<i64>();
    compare::<u64>();
    compare::<i128>();
    compare::<f64>();
    compare::<f32>();
    compare::<char>();
    compare::<String>();
    compare::<&str>();
    compare::<Vec<u8>>();
    compare::<Vec<i32>>();
    compare::<Vec<u64>>();
    compare::<Vec<i128>>();
    compare::<(i64, i64)>();
    compare::<(f64, bool)>();
    compare::<Shape>();
    compare::<Fields>();
    compare::<BTreeMap<i32, Value>>();
    compare::<BTreeMap<String, String>>();
}

#[test]
fn what_does_not_fit_is_told_as_by_serde_json() {
    fn error<'de, T: Deserialize<'de> + Debug>(text: &'de str) -> (String, String) {
        let expected = serde_json::from_str::<T>(text).unwrap_err().to_string();
        let (expected, _) = expected.split_once(" at line ").unwrap();
        (read::<T>(text).unwrap_err().to_string(), expected.to_owned())
    }
    for (ours, theirs) in [
        error::<i64>("\"1\""),
        error::<i64>("1.5"),
        error::<u8>("-1"),
        error::<u8>("256"),
        error::<bool>("null"),
        error::<String>("[1]"),
        error::<Vec<u8>>("{}"),
        error::<()>("0"),
        error::<Shape>("\"Other\""),
        error::<(u8, u8)>("[1]"),
    ] {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_raw_value_is_its_text() {
    for text in ["1", "[ NaN, {\"a\": \"\\u0041\"} ]", "null"] {
        let padded = format!(" {text} ");
        let raw: &RawValue = read(&padded).unwrap();
        assert_eq!(raw.get(), text);
        let raws: Vec<Box<RawValue>> = read(&format!("[{text} , {text}]")).unwrap();
        assert!(raws.len() == 2 && raws.iter().all(|raw| raw.get() == text));
    }
    assert!(read::<&RawValue>("[1").is_err());
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read::<Value>(&nested(MAX_DEPTH)).is_ok());
    assert!(read::<Value>(&nested(MAX_DEPTH + 1)).is_err());
    assert!(read::<Value>(&"[".repeat(100_000)).is_err());
}
