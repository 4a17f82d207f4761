//! Values on their way into an inner document: JSON inside a JSON string, written in one pass.

use serde::Serialize;

/// Anything that can be an argument, without its type: so that one function sends every method.
pub trait Argument: Send + Sync {
    /// Appends the value as JSON, escaped for the string it stands in.
    fn write_escaped(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;

    /// The value as plain JSON.
    fn to_json(&self) -> serde_json::Result<Vec<u8>>;
}

impl<T: Serialize + Send + Sync + ?Sized> Argument for T {
    fn write_escaped(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let text = serde_json::to_string(self)?;
        escape(&text, out);
        Ok(())
    }

    fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

/// Appends `text`, which is JSON, as the inside of a JSON string.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
}
