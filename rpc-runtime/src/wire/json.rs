//! Values out of JSON text. serde_json decides; what it refuses but Python writes is tried a second time.

use serde::Deserialize;

use super::lenient::Lenient;

/// Reads a value. Strict JSON first; if its grammar is not kept, the grammar of Python's `json`.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    match serde_json::from_str(text) {
        Err(error) if error.is_syntax() => read_leniently(text),
        result => result,
    }
}

#[cold]
fn read_leniently<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    let mut lenient = Lenient::new(text);
    let value = T::deserialize(&mut lenient)?;
    lenient.end()?;
    Ok(value)
}
