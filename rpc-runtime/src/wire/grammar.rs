//! The grammar of JSON, and where the members of an object stand.
//!
//! Strict, so that garbage is refused where a message enters; but it takes what Python's `json` takes: `NaN`,
//! `Infinity` and `-Infinity`, lone surrogates, numbers of any size. Values are not read here. Nothing is recursive,
//! whatever the depth of the input.

use super::source::Source;
use super::span::{Span, Text, Value};
use super::{DecodeError, MAX_DEPTH};

/// Why a text is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bad {
    /// The byte at this place cannot stand there; at the length of the text: it ends too early.
    At(usize),
    /// Objects and arrays nested too deep.
    Depth,
    /// JSON, but not an object.
    NotAnObject,
    /// Too many of what the text names.
    Many(&'static str),
}

impl Bad {
    /// The error to report, for the document named.
    #[cold]
    pub(super) fn of(self, what: &'static str) -> DecodeError {
        match self {
            Self::At(place) => DecodeError::Json {
                what,
                detail: format!("unexpected byte, or end, at {place}"),
            },
            Self::Depth => DecodeError::Limit(format!("{what} is nested deeper than {MAX_DEPTH}")),
            Self::NotAnObject => DecodeError::Shape(format!("{what} is not an object")),
            Self::Many(of_what) => DecodeError::Limit(format!("{what} has too many {of_what}")),
        }
    }
}

/// Is told of the members of an object.
pub(super) trait Members<S> {
    /// The value of a member begins here. May pass the value itself, and tells whether it did.
    #[inline]
    fn begin(&mut self, _key: Text, _source: &mut S) -> Result<bool, Bad> {
        Ok(false)
    }

    /// A member. `text` is the one that key and value stand in.
    fn member(&mut self, key: Text, value: Value, text: &[u8]) -> Result<(), Bad>;
}

/// Passes the object that the whole of `source` is.
pub(super) fn object<S: Source>(mut source: S, members: &mut impl Members<S>) -> Result<S, Bad> {
    if token(&mut source) != b'{' {
        return Err(no_object(source));
    }
    source.pass(b'{');
    let mut more = token(&mut source) != b'}';
    while more {
        let key = key(&mut source)?;
        let first = token(&mut source);
        let start = source.length();
        let value = if members.begin(key, &mut source)? {
            Value::Other(Span::new(start, source.length()))
        } else if first == S::QUOTE {
            Value::Text(source.string()?)
        } else {
            value(&mut source)?;
            let span = Span::new(start, source.length());
            if first == b'n' {
                Value::Null(span)
            } else {
                Value::Other(span)
            }
        };
        members.member(key, value, source.text())?;
        more = token(&mut source) == b',';
        if more {
            source.pass(b',');
        }
    }
    if token(&mut source) != b'}' {
        return Err(source.bad());
    }
    source.pass(b'}');
    end(&mut source)?;
    Ok(source)
}

/// What is wrong with a text that does not begin as an object.
#[cold]
#[inline(never)]
fn no_object(mut source: impl Source) -> Bad {
    match value(&mut source).and_then(|()| end(&mut source)) {
        Ok(()) => Bad::NotAnObject,
        Err(bad) => bad,
    }
}

/// Passes a value. Inlined, so that the parts of the source stay in registers.
#[inline(always)]
fn value<S: Source>(source: &mut S) -> Result<(), Bad> {
    // One bit for each object or array that is open, set for an object.
    let mut objects = 0_u128;
    let mut depth = 0;
    'values: loop {
        // A value begins here, after its key if it is in an object.
        if objects & 1 == 1 {
            key(source)?;
        }
        match token(source) {
            byte if byte == S::QUOTE => {
                source.string()?;
            }
            open @ (b'{' | b'[') => {
                if depth == MAX_DEPTH {
                    return Err(Bad::Depth);
                }
                source.pass(open);
                depth += 1;
                objects = objects << 1 | u128::from(open == b'{');
                if token(source) != closing(open) {
                    continue;
                }
            }
            _ => scalar(source)?,
        }
        // A value ended here; and perhaps what it stands in.
        while depth > 0 {
            match (token(source), objects & 1) {
                (b',', _) => {
                    source.pass(b',');
                    continue 'values;
                }
                (close @ b'}', 1) | (close @ b']', 0) => source.pass(close),
                _ => return Err(source.bad()),
            }
            objects >>= 1;
            depth -= 1;
        }
        return Ok(());
    }
}

/// Passes a key and its colon.
#[inline(always)]
fn key<S: Source>(source: &mut S) -> Result<Text, Bad> {
    if token(source) != S::QUOTE {
        return Err(source.bad());
    }
    let key = source.string()?;
    if token(source) != b':' {
        return Err(source.bad());
    }
    source.pass(b':');
    Ok(key)
}

/// Nothing but blanks may follow.
#[inline(always)]
fn end(source: &mut impl Source) -> Result<(), Bad> {
    token(source);
    if source.ended() { Ok(()) } else { Err(source.bad()) }
}

/// The byte that the next token begins with.
#[inline(always)]
fn token<S: Source>(source: &mut S) -> u8 {
    loop {
        match source.peek() {
            byte if S::is_blank(byte) => source.skip(),
            byte => return byte,
        }
    }
}

/// What closes that which `open` opens.
const fn closing(open: u8) -> u8 {
    if open == b'{' { b'}' } else { b']' }
}

/// Passes a number or a word.
#[inline(always)]
pub(super) fn scalar(source: &mut impl Source) -> Result<(), Bad> {
    let word: &[u8] = match source.peek() {
        b't' => b"true",
        b'f' => b"false",
        b'n' => b"null",
        b'N' => b"NaN",
        b'I' => b"Infinity",
        b'-' => {
            source.pass(b'-');
            match source.peek() {
                b'I' => b"Infinity",
                _ => return number(source),
            }
        }
        _ => return number(source),
    };
    for &byte in word {
        if source.peek() != byte {
            return Err(source.bad());
        }
        source.pass(byte);
    }
    Ok(())
}

#[inline(always)]
fn number(source: &mut impl Source) -> Result<(), Bad> {
    match source.peek() {
        b'0' => source.pass(b'0'),
        _ => digits(source)?,
    }
    if source.peek() == b'.' {
        source.pass(b'.');
        digits(source)?;
    }
    if let byte @ (b'e' | b'E') = source.peek() {
        source.pass(byte);
        if let sign @ (b'+' | b'-') = source.peek() {
            source.pass(sign);
        }
        digits(source)?;
    }
    Ok(())
}

#[inline(always)]
fn digits(source: &mut impl Source) -> Result<(), Bad> {
    let mut any = false;
    while let digit @ b'0'..=b'9' = source.peek() {
        source.pass(digit);
        any = true;
    }
    if any { Ok(()) } else { Err(source.bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::wire::source::{Nested, Plain};

    struct Nobody;

    impl<S> Members<S> for Nobody {
        fn member(&mut self, _: Text, _: Value, _: &[u8]) -> Result<(), Bad> {
            Ok(())
        }
    }

    fn plain(json: &str) -> Result<(), Bad> {
        object(Plain::new(json.as_bytes()), &mut Nobody).map(|_| ())
    }

    /// The same from every source.
    fn result(json: &str) -> Result<(), Bad> {
        let nested = serde_json::to_string(json).unwrap();
        let mut bytes = vec![0; Nested::LEAD - 1];
        bytes.extend_from_slice(nested.as_bytes());
        let end = bytes.len() - 1;
        let mut bytes = Nested::room(&bytes);
        let source = object(Nested::new(&mut bytes), &mut Nobody);
        // Nested text has no raw control characters, not even for blanks.
        if !json.contains(['\n', '\t', '\r']) {
            assert_eq!(source.is_ok(), plain(json).is_ok(), "{nested}");
        }
        if let Ok(source) = source {
            assert_eq!(source.place(), end);
            let text = str::from_utf8(source.text()).unwrap();
            assert_eq!(plain(text), Ok(()), "{text}");
        }
        plain(json)
    }

    fn passes(value: &str) -> bool {
        let as_member = result(&format!("{{\"a\":{value}}}")).is_ok();
        let as_element = result(&format!(" {{\"a\" : [ 0 , {value} ] }} ")).is_ok();
        assert_eq!(as_member, as_element, "{value}");
        assert_eq!(
            result(value) == Err(Bad::NotAnObject) || result(value).is_ok(),
            as_member,
            "{value}"
        );
        as_member
    }

    #[test]
    fn takes_what_python_takes_and_nothing_else() {
        for good in [
            "0",
            "-0",
            "10",
            "1.5",
            "1e5",
            "1E+5",
            "-1.5e-7",
            "1e400",
            "NaN",
            "Infinity",
            "-Infinity",
            "true",
            "false",
            "null",
            "\"\"",
            r#""\ud800""#,
            "[]",
            "{}",
            "[ ]",
            "{ }",
            "[1, [2], {}]",
            r#"{"a": {"b": [{}, []]}, "c":1}"#,
        ] {
            assert!(passes(good), "{good}");
        }
        for bad in [
            "",
            "01",
            "1.",
            ".5",
            "1e",
            "+1",
            "-",
            "nan",
            "Inf",
            "truefalse",
            "tru",
            "nulls",
            "\"",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[,]",
            "[1 2]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{1:1}",
            "[}",
            "{]",
            "{\"a\":1]",
            "[1}",
            "1 1",
            "\u{feff}1",
            "[1,,2]",
        ] {
            assert!(!passes(bad), "{bad}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let member = |value: String| result(&format!("{{\"a\":{value}}}"));
        assert_eq!(member(nested(MAX_DEPTH)), Ok(()));
        assert_eq!(member(nested(MAX_DEPTH + 1)), Err(Bad::Depth));
        assert_eq!(result(&"[".repeat(10_000)), Err(Bad::Depth));
        assert_eq!(result(&"{\"a\":".repeat(10_000)), Err(Bad::Depth));
    }
}
