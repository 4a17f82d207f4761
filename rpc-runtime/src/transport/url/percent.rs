//! Percent-encoding, as Python's `urllib.parse` reads it: once, and leniently.

use super::UrlError;

/// Decodes `%XX` once. A `%` that starts no escape stays, as in Python.
pub(super) fn decode(text: &str, what: impl Fn() -> String) -> Result<String, UrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escape = match (byte, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escape {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| {
        UrlError::new(
            format!("{} is not UTF-8 after percent-decoding", what()),
            "encode its UTF-8 bytes, as in %C3%A9",
        )
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes all but letters, digits, `-._~` and `keep`.
pub(super) fn encode(text: &str, keep: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || "-._~".contains(character) || keep.contains(character) {
            encoded.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Names and values of a query, decoded. An empty value is dropped; values of a repeated name are joined with
/// commas.
pub(super) fn query(text: &str) -> Result<Vec<(String, String)>, UrlError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for element in text.split('&').filter(|element| !element.is_empty()) {
        let (name, value) = element.split_once('=').unwrap_or((element, ""));
        let name = decode(&name.replace('+', " "), || "the name of an option".into())?;
        let value = decode(&value.replace('+', " "), || {
            format!("the value of option '{name}'")
        })?;
        if value.is_empty() {
            continue;
        }
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => pairs.push((name, value)),
        }
    }
    Ok(pairs)
}
