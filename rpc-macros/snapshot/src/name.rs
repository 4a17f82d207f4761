//! Names as words of the text form. Nearly all are words as they are; on the wire a name may be any text.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The name as a word: `\u{20}` stands for a blank, and `\u{}` for a name that is empty.
pub(crate) fn written(name: &str) -> Cow<'_, str> {
    if name.is_empty() {
        return Cow::Borrowed(r"\u{}");
    }
    let is_odd = |char: char| char.is_whitespace() || char == '\\';
    if !name.contains(is_odd) {
        return Cow::Borrowed(name);
    }
    let mut word = String::with_capacity(name.len() + 8);
    for char in name.chars() {
        if is_odd(char) {
            // Into memory.
            let _ = write!(word, "{}", char.escape_unicode());
        } else {
            word.push(char);
        }
    }
    Cow::Owned(word)
}

/// The name that a word stands for; `None` for one that nobody writes.
pub(crate) fn read(word: &str) -> Option<String> {
    if word == r"\u{}" {
        return Some(String::new());
    }
    let mut parts = word.split('\\');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (code, after) = part.strip_prefix("u{")?.split_once('}')?;
        name.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        name.push_str(after);
    }
    Some(name)
}
