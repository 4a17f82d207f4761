//! Values on their way into an inner document: JSON inside a JSON string, written in one pass.

use serde::Serialize;

use super::form::Form;
use super::writer::{write, write_context};

/// Anything that can be an argument, without its type: so that one function sends every method.
///
/// A float that is not finite is written as Python writes it: `NaN`, `Infinity`, `-Infinity`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not travel on the wire",
    label = "this type does not travel",
    note = "for a type of your own, add `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Argument: Send + Sync {
    /// Appends the value as JSON, escaped for the string it stands in.
    fn write_escaped(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;

    /// Appends a map as members of an inner document that has others before: a comma before each, and the prefix
    /// `_context_` before its key. Null is the empty map; any other value is an error, and so is the key `self`.
    fn write_context(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;

    /// The value as plain JSON.
    fn to_json(&self) -> serde_json::Result<Vec<u8>>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync + ?Sized> Argument for T {
    fn write_escaped(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        write(self, out, Form::Inner)
    }

    fn write_context(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        write_context(self, out)
    }

    fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut json = Vec::new();
        write(self, &mut json, Form::Plain)?;
        Ok(json)
    }
}
