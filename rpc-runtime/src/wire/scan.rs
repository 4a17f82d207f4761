//! Finds the members of a JSON object, and what a JSON string means.
//!
//! Strict in grammar, so that garbage is refused where a message enters; but it takes what Python's `json` takes:
//! `NaN`, `Infinity` and `-Infinity`, lone surrogates, numbers of any size. Values are not read here. Nothing is
//! recursive, whatever the depth of the input.

use std::borrow::Cow;

use super::{DecodeError, MAX_DEPTH};

/// A part of a text, in bytes. Half the size of a range; [`MAX_BODY`](super::MAX_BODY) keeps the numbers small.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        // Only a text of more than 4 GiB could be beyond, and that is refused before it is scanned.
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }

    /// The part of `text`.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The part of `bytes`.
    pub(super) fn of_bytes(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Without the first `bytes`.
    pub(super) fn without_prefix(self, bytes: usize) -> Self {
        Self::new(self.start as usize + bytes, self.end as usize)
    }
}

/// The inside of a JSON string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// Between the quotes.
    pub(super) span: Span,
    /// Whether it holds escapes, so that it means something else than it says.
    pub(super) escaped: bool,
}

impl Text {
    /// What it means. `text` is the one it was found in.
    pub(super) fn meaning(self, text: &str) -> Cow<'_, str> {
        if self.escaped {
            Cow::Owned(self.unescaped(text))
        } else {
            Cow::Borrowed(self.span.of(text))
        }
    }

    #[cold]
    fn unescaped(self, text: &str) -> String {
        let mut meaning = Vec::with_capacity(self.span.len());
        let rest = text.get(self.span.start as usize..).unwrap_or_default();
        // It was found to be a string, so it is one.
        let _ = unescape(rest.as_bytes(), &mut meaning);
        String::from_utf8(meaning).unwrap_or_default()
    }
}

/// What stands for a member.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A string.
    Text(Text),
    /// Null.
    Null(Span),
    /// Anything else, as JSON.
    Other(Span),
}

impl Value {
    /// The string it is.
    pub(super) fn text(self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null(_) | Self::Other(_) => None,
        }
    }

    /// Whether it is null.
    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Null(_))
    }

    /// The whole of it, as JSON.
    pub(super) fn json(self) -> Span {
        match self {
            Self::Text(Text { span, .. }) => Span {
                start: span.start - 1,
                end: span.end + 1,
            },
            Self::Null(span) | Self::Other(span) => span,
        }
    }
}

/// Why a text is not JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bad {
    /// The byte at this place cannot stand there; at the length of the text: it ends too early.
    At(usize),
    /// Objects and arrays nested too deep.
    Depth,
    /// JSON, but not an object.
    NotAnObject,
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
        }
    }
}

/// A place in a JSON text.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Enters the object that the text is.
    pub(super) fn enter(&mut self) -> Result<(), Bad> {
        self.space();
        if self.peek() == Some(b'{') {
            self.at += 1;
            return Ok(());
        }
        self.value()?;
        self.end()?;
        Err(Bad::NotAnObject)
    }

    /// The key of the next member; `None` after the last, when nothing may follow the object.
    #[inline]
    pub(super) fn key(&mut self, first: bool) -> Result<Option<Text>, Bad> {
        self.space();
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                self.end()?;
                return Ok(None);
            }
            Some(b',') if !first => {
                self.at += 1;
                self.space();
            }
            _ if first => {}
            _ => return Err(self.bad()),
        }
        let key = self.string()?;
        self.colon()?;
        Ok(Some(key))
    }

    /// Nothing but space may follow.
    pub(super) fn end(&mut self) -> Result<(), Bad> {
        self.space();
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(self.bad())
    }

    /// The value that stands here, which is the value of a member.
    #[inline]
    pub(super) fn value(&mut self) -> Result<Value, Bad> {
        if self.peek() == Some(b'"') {
            return self.string().map(Value::Text);
        }
        let start = self.at;
        match self.peek() {
            Some(b'{' | b'[') => self.container()?,
            Some(b'n') => {
                self.scalar()?;
                return Ok(Value::Null(Span::new(start, self.at)));
            }
            _ => self.scalar()?,
        }
        Ok(Value::Other(Span::new(start, self.at)))
    }

    /// If a string stands here, appends what it means, which need not be UTF-8 if the text is not.
    pub(super) fn meaning(&mut self, out: &mut Vec<u8>) -> Result<bool, Bad> {
        if self.peek() != Some(b'"') {
            return Ok(false);
        }
        self.at += 1;
        self.at += unescape(self.rest(), out).map_err(|within| Bad::At(self.at + within))?;
        Ok(true)
    }

    /// Passes an object or array. One bit for each that is open says which of the two it is.
    fn container(&mut self) -> Result<(), Bad> {
        let mut objects = 0_u128;
        let mut depth = 0;
        loop {
            // A value stands here.
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                }
                Some(open @ (b'{' | b'[')) => {
                    self.at += 1;
                    self.space();
                    let object = open == b'{';
                    if depth == MAX_DEPTH {
                        return Err(Bad::Depth);
                    }
                    if self.peek() == Some(if object { b'}' } else { b']' }) {
                        self.at += 1;
                    } else {
                        depth += 1;
                        objects = objects << 1 | u128::from(object);
                        if object {
                            self.string()?;
                            self.colon()?;
                        }
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            // It ended; and with it, perhaps, what it is in.
            loop {
                if depth == 0 {
                    return Ok(());
                }
                self.space();
                let object = objects & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.space();
                        if object {
                            self.string()?;
                            self.colon()?;
                        }
                        break;
                    }
                    Some(b'}') if object => {}
                    Some(b']') if !object => {}
                    _ => return Err(self.bad()),
                }
                self.at += 1;
                depth -= 1;
                objects >>= 1;
            }
        }
    }

    fn colon(&mut self) -> Result<(), Bad> {
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.bad());
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// Passes a string.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Text, Bad> {
        if self.peek() != Some(b'"') {
            return Err(self.bad());
        }
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_run(self.rest());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => escaped = true,
                _ => return Err(self.bad()),
            }
            self.at += 1;
            match self.peek() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                Some(b'u') if hex4(self.rest().get(1..)).is_some() => self.at += 5,
                _ => return Err(self.bad()),
            }
        }
        let span = Span::new(start, self.at);
        self.at += 1;
        Ok(Text { span, escaped })
    }

    /// Passes a number or a word.
    pub(super) fn scalar(&mut self) -> Result<(), Bad> {
        let word: &[u8] = match self.peek() {
            Some(b't') => b"true",
            Some(b'f') => b"false",
            Some(b'n') => b"null",
            Some(b'N') => b"NaN",
            Some(b'I') => b"Infinity",
            Some(b'-') if self.rest().get(1) == Some(&b'I') => b"-Infinity",
            _ => return self.number(),
        };
        if !self.rest().starts_with(word) {
            return Err(self.bad());
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Bad> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Bad> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.bad()) } else { Ok(()) }
    }

    #[inline]
    pub(super) fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// The byte that stands here.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes a byte that [`peek`](Self::peek) showed.
    pub(super) fn pass(&mut self) {
        self.at += 1;
    }

    /// The place, in bytes from the beginning.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn bad(&self) -> Bad {
        Bad::At(self.at)
    }
}

/// The number of bytes before the first that ends or interrupts a JSON string: a quote, a backslash, a control
/// character.
#[inline]
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut before = 0;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return before + (special.trailing_zeros() / 8) as usize;
        }
        before += 8;
        rest = after;
    }
    let tail = rest
        .iter()
        .take_while(|&&byte| !matches!(byte, b'"' | b'\\' | 0..0x20));
    before + tail.count()
}

/// The high bit of the lowest byte that is special is set, and of no lower one. Eight bytes are tested at a time:
/// subtraction borrows into the high bit of a byte that is too small.
#[inline]
const fn special(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Of the bytes below 0x80, exactly the control characters and the quote are below 0x21 once bit 1 is flipped.
    let quote_or_control = (word ^ (EACH * 0x02)).wrapping_sub(EACH * 0x21);
    let backslash = (word ^ (EACH * 0x5c)).wrapping_sub(EACH);
    (quote_or_control | backslash) & !word & (EACH * 0x80)
}

/// Appends what the inside of a JSON string means, and tells where it continues after the closing quote. A lone
/// surrogate becomes U+FFFD. The error is the place of the offence.
pub(super) fn unescape(bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, usize> {
    let mut at = 0;
    loop {
        // A run is copied eight bytes at a time, and what was too much is taken back.
        while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            out.extend_from_slice(word);
            let special = special(u64::from_le_bytes(*word));
            if special == 0 {
                at += 8;
                continue;
            }
            let run = (special.trailing_zeros() / 8) as usize;
            out.truncate(out.len() - 8 + run);
            at += run;
            break;
        }
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => {}
            Some(0x20..) => {
                // The last few bytes.
                out.extend(bytes.get(at));
                at += 1;
                continue;
            }
            _ => return Err(at),
        }
        let meant = match bytes.get(at + 1) {
            Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'u') => {
                at += unicode(bytes.get(at..).unwrap_or_default(), out).ok_or(at)?;
                continue;
            }
            _ => return Err(at + 1),
        };
        out.push(meant);
        at += 2;
    }
}

/// Appends the character of a `\uXXXX`, or of two that are a surrogate pair, and tells how long it was.
#[cold]
fn unicode(bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let first = hex4(bytes.get(2..))?;
    let (code, length) = match first {
        0xd800..0xdc00 => {
            let low = bytes
                .get(6..)
                .and_then(|next| next.strip_prefix(br"\u"))
                .and_then(|digits| hex4(Some(digits)))
                .filter(|low| (0xdc00..0xe000).contains(low));
            match low {
                Some(low) => (0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12),
                None => (first, 6),
            }
        }
        _ => (first, 6),
    };
    let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    Some(length)
}

fn hex4(bytes: Option<&[u8]>) -> Option<u32> {
    bytes?
        .first_chunk::<4>()?
        .iter()
        .try_fold(0, |code, &byte| Some(code << 4 | char::from(byte).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(json: &str) -> bool {
        let mut scanner = Scanner::new(json.as_bytes());
        scanner.value().is_ok() && scanner.end().is_ok()
    }

    fn meaning(inside: &str) -> Result<String, usize> {
        let mut out = Vec::new();
        let end = unescape(format!("{inside}\"").as_bytes(), &mut out)?;
        assert_eq!(end, inside.len() + 1);
        Ok(String::from_utf8(out).unwrap())
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
        let result = |json: String| Scanner::new(json.as_bytes()).value().map(|_| ());
        assert_eq!(result(nested(MAX_DEPTH)), Ok(()));
        assert_eq!(result(nested(MAX_DEPTH + 1)), Err(Bad::Depth));
        assert_eq!(result("[".repeat(10_000)), Err(Bad::Depth));
        assert_eq!(result("{\"a\":".repeat(10_000)), Err(Bad::Depth));
    }

    #[test]
    fn every_place_of_a_special_byte_is_found() {
        for special in 0..=255_u8 {
            let found = matches!(special, b'"' | b'\\' | 0..0x20);
            for length in 0..20 {
                for place in 0..length {
                    let mut bytes = vec![b'a'; length];
                    bytes[place] = special;
                    assert_eq!(
                        plain_run(&bytes),
                        if found { place } else { length },
                        "{special} {length} {place}"
                    );
                }
            }
        }
    }

    #[test]
    fn escapes_mean_what_they_mean_in_json() {
        for (inside, meant) in [
            ("", ""),
            ("plain", "plain"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"caf\u00e9 \u2603 \ud83d\ude00!", "café ☃ 😀!"),
            (r"\uD83D\uDE00", "😀"),
            (r"a\ud800b", "a\u{fffd}b"),
            (r"\udc00\ud800", "\u{fffd}\u{fffd}"),
            (r"\ud800\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud800\u0041", "\u{fffd}A"),
            (
                r"a long run of text, then \n and more of it",
                "a long run of text, then \n and more of it",
            ),
            ("café ☃ 😀", "café ☃ 😀"),
            (r"\u0000", "\0"),
        ] {
            assert_eq!(meaning(inside).as_deref(), Ok(meant), "{inside}");
        }
        for bad in [r"\x", r"\u12", r"\u12g4", "a\nb", "\u{1}", "123456789\n"] {
            assert!(meaning(bad).is_err(), "{bad}");
        }
        assert!(unescape(b"never closed, though long", &mut Vec::new()).is_err());
        assert!(unescape(b"", &mut Vec::new()).is_err());
    }
}
