//! An error as it travels: the document in a reply's `failure`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reader::read;
use crate::version::MalformedVersion;

/// How much of a received traceback is kept, in bytes: the end of it, which tells most.
const MAX_TRACEBACK: usize = 64 * 1024;

/// A remote exception: class, module, text and what its constructor takes.
///
/// The layout is that of oslo.messaging's `serialize_remote_exception`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// The class name, as `InstanceNotFound`.
    pub class: String,
    /// The module of the class, as `nova.exception`, or `builtins`.
    pub module: String,
    /// The text of the error.
    pub message: String,
    /// The traceback, an entry a line; may be empty.
    #[serde(rename = "tb")]
    pub traceback: Vec<String>,
    /// What the class's constructor takes by position.
    pub args: Vec<Value>,
    /// What the class's constructor takes by name.
    pub kwargs: Map<String, Value>,
}

impl Failure {
    /// A failure whose only constructor argument is its text.
    pub fn new(module: &str, class: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            class: class.to_owned(),
            module: module.to_owned(),
            args: vec![Value::String(message.clone())],
            message,
            traceback: Vec::new(),
            kwargs: Map::new(),
        }
    }

    /// Arguments that do not fit the method: Python's `TypeError`.
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new("builtins", "TypeError", message)
    }

    /// No endpoint has the namespace and version asked for.
    pub fn unsupported_version(version: &str, method: &str) -> Self {
        let text = format!("Endpoint does not support RPC version {version}. Attempted method: {method}");
        Self::new("oslo_messaging.rpc.dispatcher", "UnsupportedVersion", text)
    }

    /// An endpoint has the version, but not the method.
    pub fn no_such_method(method: &str) -> Self {
        let text = format!("Endpoint does not support RPC method {method}");
        Self::new("oslo_messaging.rpc.dispatcher", "NoSuchMethod", text)
    }

    /// Reads a failure document. What is missing or of another type is empty; `None` if it is not an object.
    pub(super) fn parse(document: &str) -> Option<Self> {
        let mut document: Map<String, Value> = read(document).ok()?;
        let mut text = |key: &str| match document.remove(key) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let (class, module, message) = (text("class"), text("module"), text("message"));
        let traceback = match document.remove("tb") {
            Some(Value::Array(entries)) => cut(entries),
            _ => Vec::new(),
        };
        let args = match document.remove("args") {
            Some(Value::Array(args)) => args,
            _ => Vec::new(),
        };
        let kwargs = match document.remove("kwargs") {
            Some(Value::Object(kwargs)) => kwargs,
            _ => Map::new(),
        };
        Some(Self {
            class,
            // The name that the module of builtins had in Python 2.
            module: if module == "exceptions" {
                "builtins".to_owned()
            } else {
                module
            },
            message,
            traceback,
            args,
            kwargs,
        })
    }
}

/// The last entries of a traceback, as many as are kept.
fn cut(entries: Vec<Value>) -> Vec<String> {
    let mut room = MAX_TRACEBACK;
    let mut kept: Vec<String> = entries
        .into_iter()
        .rev()
        .filter_map(|entry| match entry {
            Value::String(entry) => Some(entry),
            _ => None,
        })
        .map_while(|entry| {
            room = room.checked_sub(entry.len())?;
            Some(entry)
        })
        .collect();
    kept.reverse();
    kept
}

/// What Python's dispatcher raises for a version it cannot read.
impl From<MalformedVersion> for Failure {
    fn from(error: MalformedVersion) -> Self {
        let class = match error {
            MalformedVersion::TooShort => "IndexError",
            MalformedVersion::NotANumber(_) => "ValueError",
        };
        Self::new("builtins", class, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_of_another_type_is_empty() {
        let minimal =
            Failure::parse(r#"{"class": "ValueError", "module": "builtins", "message": "m"}"#).unwrap();
        assert_eq!(
            (&*minimal.class, &*minimal.module, &*minimal.message),
            ("ValueError", "builtins", "m")
        );
        assert!(minimal.traceback.is_empty() && minimal.args.is_empty() && minimal.kwargs.is_empty());
        let odd =
            r#"{"class": null, "module": 1, "message": [], "tb": null, "args": {}, "kwargs": [], "more": 1}"#;
        assert_eq!(Failure::parse(odd), Some(Failure::default()));
        for bad in ["", "null", "[]", "{", "not JSON"] {
            assert_eq!(Failure::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_builtins_of_python_2_are_builtins() {
        let failure = Failure::parse(r#"{"class": "KeyError", "module": "exceptions"}"#).unwrap();
        assert_eq!(failure.module, "builtins");
    }

    #[test]
    fn the_end_of_a_long_traceback_is_kept() {
        let entries: Vec<String> = (0..3000).map(|n| format!("entry {n:>26}")).collect();
        let failure = Failure::parse(&json!({"tb": entries}).to_string()).unwrap();
        assert_eq!(failure.traceback.len(), MAX_TRACEBACK / 32);
        assert_eq!(failure.traceback.last(), entries.last());
        let huge = "x".repeat(MAX_TRACEBACK + 1);
        assert!(
            Failure::parse(&json!({"tb": [huge]}).to_string())
                .unwrap()
                .traceback
                .is_empty()
        );
        let mixed = Failure::parse(r#"{"tb": ["a", 1, null, "b"]}"#).unwrap();
        assert_eq!(mixed.traceback, ["a", "b"]);
    }
}
