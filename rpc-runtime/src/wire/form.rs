//! Where JSON text is to stand: by itself, or inside a JSON string, which has escapes of its own.
//!
//! The inner document of an envelope is JSON in a string, and a failure is a string in that document. Nothing is
//! written first and escaped afterwards: `\"` is written where JSON has `"`.

use super::escape::{special, word};

/// How deep in strings a text stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// By itself.
    Plain,
    /// In the envelope's string.
    Inner,
    /// In the failure's string, in the envelope's string.
    Document,
}

impl Form {
    /// Appends the quote that begins or ends a string.
    #[inline]
    pub(super) fn quote(self, out: &mut Vec<u8>) {
        match self {
            Self::Inner => out.extend_from_slice(br#"\""#),
            Self::Plain => out.push(b'"'),
            Self::Document => out.extend_from_slice(br#"\\\""#),
        }
    }

    /// Appends the quote that ends a key, and the colon behind it.
    #[inline]
    pub(super) fn end_key(self, out: &mut Vec<u8>) {
        match self {
            Self::Inner => out.extend_from_slice(br#"\":"#),
            Self::Plain => out.extend_from_slice(br#"":"#),
            Self::Document => out.extend_from_slice(br#"\\\":"#),
        }
    }

    /// Appends the backslash that begins an escape.
    fn backslash(self, out: &mut Vec<u8>) {
        match self {
            Self::Inner => out.extend_from_slice(br"\\"),
            Self::Plain => out.push(b'\\'),
            Self::Document => out.extend_from_slice(br"\\\\"),
        }
    }

    /// Appends the inside of the string that means `text`.
    #[inline]
    pub(super) fn inside(self, text: &str, out: &mut Vec<u8>) {
        let plain = copy_run(text.as_bytes(), out);
        if plain < text.len() {
            self.escaped(text.as_bytes().get(plain..).unwrap_or_default(), out);
        }
    }

    #[cold]
    fn escaped(self, mut rest: &[u8], out: &mut Vec<u8>) {
        while let Some((&byte, after)) = rest.split_first() {
            self.escape(byte, out);
            let plain = copy_run(after, out);
            rest = after.get(plain..).unwrap_or_default();
        }
    }

    /// Appends what stands for a byte that cannot stand in a string by itself.
    fn escape(self, byte: u8, out: &mut Vec<u8>) {
        self.backslash(out);
        match byte {
            b'"' => self.quote(out),
            b'\\' => self.backslash(out),
            0x08 => out.push(b'b'),
            b'\t' => out.push(b't'),
            b'\n' => out.push(b'n'),
            0x0c => out.push(b'f'),
            b'\r' => out.push(b'r'),
            control => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |value: u8| DIGITS[usize::from(value & 15)];
                out.extend_from_slice(&[b'u', b'0', b'0', digit(control >> 4), digit(control)]);
            }
        }
    }

    /// Appends a text that is JSON already. A control character in it is a blank between two tokens.
    pub(super) fn json(self, text: &str, out: &mut Vec<u8>) {
        if self == Self::Plain {
            return out.extend_from_slice(text.as_bytes());
        }
        for &byte in text.as_bytes() {
            match byte {
                b'"' => self.quote(out),
                b'\\' => self.backslash(out),
                0..0x20 => out.push(b' '),
                _ => out.push(byte),
            }
        }
    }
}

/// Appends bytes up to the first that is special in a string, and tells how many. Whole words are copied, and what
/// is too much is taken back: most strings are shorter than a call to a function that copies any number.
#[inline]
fn copy_run(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let start = out.len();
    let mut rest = bytes;
    while !rest.is_empty() {
        let word = word(rest);
        out.extend_from_slice(&word.to_le_bytes());
        let special = special(word);
        if special != 0 {
            let run = bytes.len() - rest.len() + (special.trailing_zeros() / 8) as usize;
            out.truncate(start + run);
            return run;
        }
        rest = rest.get(8..).unwrap_or_default();
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(form: Form, text: &str) -> String {
        let mut out = b"before".to_vec();
        form.inside(text, &mut out);
        String::from_utf8(out.split_off(6)).unwrap()
    }

    #[test]
    fn a_string_is_escaped_once_for_each_string_around_it() {
        let once = |text: &str| {
            let json = serde_json::to_string(text).unwrap();
            json[1..json.len() - 1].to_owned()
        };
        for length in 0..20 {
            for byte in 0..0x80_u8 {
                for place in 0..=length {
                    let mut text = "a".repeat(length);
                    text.insert(place, char::from(byte));
                    text.push('é');
                    assert_eq!(inside(Form::Plain, &text), once(&text));
                    assert_eq!(inside(Form::Inner, &text), once(&once(&text)));
                    assert_eq!(inside(Form::Document, &text), once(&once(&once(&text))));
                }
            }
        }
    }

    #[test]
    fn json_is_escaped_but_for_blanks() {
        let text = "{\"a\\\"\\u0001\":\n\t1}";
        let mut out = Vec::new();
        Form::Inner.json(text, &mut out);
        let meant: String = serde_json::from_str(&format!("\"{}\"", str::from_utf8(&out).unwrap())).unwrap();
        assert_eq!(meant, "{\"a\\\"\\u0001\":  1}");
    }
}
