//! An error as it travels: the document in a reply's `failure`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
}
