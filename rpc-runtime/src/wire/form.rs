//! How a value is written: as plain JSON, or as JSON that already stands inside a JSON string, in one pass.
//!
//! The inner document of an envelope is JSON in a string, and a failure is a string in that document. Nothing is
//! written first and escaped afterwards: the formatter writes `\"` where JSON has `"`.
//!
//! One formatter for every form, and not one each: every type that is sent is compiled once for it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

use super::escape::plain_run;

/// Appends `value` in the form given. What was appended before an error is of no use.
pub(super) fn write<T: Serialize + ?Sized>(
    value: &T,
    out: &mut Vec<u8>,
    form: Form,
) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(Sink(out), form))
}

/// A vector, as a writer. Most writes are of one byte, which is no work for a function that copies any number.
struct Sink<'a>(&'a mut Vec<u8>);

impl Write for Sink<'_> {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match bytes {
            [byte] => self.0.push(*byte),
            _ => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Appends the inside of the string of the inner document that means `text`.
pub(super) fn write_inside(text: &str, out: &mut Vec<u8>) {
    if plain_run(text.as_bytes()) == text.len() {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_inside_with_escapes(text, out);
    }
}

#[cold]
fn write_inside_with_escapes(text: &str, out: &mut Vec<u8>) {
    let mut string = Vec::new();
    // Writing a text into memory cannot fail.
    let _ = write(text, &mut string, Form::INNER);
    let quote = br#"\""#;
    let inside = string
        .strip_prefix(quote)
        .and_then(|rest| rest.strip_suffix(quote));
    out.extend_from_slice(inside.unwrap_or_default());
}

/// A JSON formatter; see the module.
#[derive(Clone, Debug)]
pub(super) struct Form {
    kind: Kind,
    /// Containers open.
    depth: usize,
    key: Key,
}

/// Where the text is to stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// By itself.
    Plain,
    /// In the envelope's string.
    Inner,
    /// The same, and the outermost object is a context.
    Context,
    /// In the failure's string, in the envelope's string.
    Document,
}

/// Where the writer stands in a key of a context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key {
    /// In none.
    Outside,
    /// Before its first quote.
    Due,
    /// Inside; so many bytes of it spell the beginning of `self`, and nothing else was written.
    SoFar(usize),
    /// Inside one that is not `self`.
    Other,
}

/// The server of a Python peer calls a function with the context's keys by name; this one collides with its first
/// parameter, and costs the peer its channel.
const FORBIDDEN: &str = "self";

impl Form {
    /// Plain JSON.
    pub(super) const PLAIN: Self = Self::of(Kind::Plain);
    /// A value of the inner document.
    pub(super) const INNER: Self = Self::of(Kind::Inner);
    /// The document inside a failure.
    pub(super) const DOCUMENT: Self = Self::of(Kind::Document);
    /// A map, as further members of the inner document: each with a comma before it, its key prefixed `_context_`.
    /// Null writes nothing. Anything else than these two begins with another byte than a comma.
    pub(super) const CONTEXT: Self = Self::of(Kind::Context);

    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            depth: 0,
            key: Key::Outside,
        }
    }

    #[inline]
    fn quote<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        match self.kind {
            Kind::Inner | Kind::Context => writer.write_all(br#"\""#),
            Kind::Plain => writer.write_all(br#"""#),
            Kind::Document => writer.write_all(br#"\\\""#),
        }
    }

    #[inline]
    fn backslash<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        match self.kind {
            Kind::Inner | Kind::Context => writer.write_all(br"\\"),
            Kind::Plain => writer.write_all(br"\"),
            Kind::Document => writer.write_all(br"\\\\"),
        }
    }

    /// Whether what stands here, so many containers deep, is the context itself, which has no braces.
    #[inline]
    fn is_context(&self, depth: usize) -> bool {
        self.kind == Kind::Context && self.depth == depth
    }

    fn in_key(&mut self, fragment: &str) {
        if let Key::SoFar(length) = self.key {
            let rest = FORBIDDEN.get(length..).unwrap_or_default();
            self.key = if rest.starts_with(fragment) {
                Key::SoFar(length + fragment.len())
            } else {
                Key::Other
            };
        }
    }

    fn end_key(&mut self) -> io::Result<()> {
        let key = std::mem::replace(&mut self.key, Key::Outside);
        if key == Key::SoFar(FORBIDDEN.len()) {
            return Err(io::Error::other("a context must not have the key 'self'"));
        }
        Ok(())
    }
}

impl Formatter for Form {
    #[inline]
    fn write_null<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.is_context(0) {
            return Ok(());
        }
        writer.write_all(b"null")
    }

    #[inline]
    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.quote(writer)?;
        if self.key == Key::Due {
            self.key = Key::SoFar(0);
            writer.write_all(b"_context_")?;
        }
        Ok(())
    }

    #[inline]
    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.kind == Kind::Context {
            self.end_key()?;
        }
        self.quote(writer)
    }

    #[inline]
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if self.kind == Kind::Context {
            self.in_key(fragment);
        }
        writer.write_all(fragment.as_bytes())
    }

    #[inline]
    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        if self.kind == Kind::Context {
            self.in_key("\\");
        }
        self.backslash(writer)?;
        let letter = match escape {
            CharEscape::Quote => return self.quote(writer),
            CharEscape::ReverseSolidus => return self.backslash(writer),
            CharEscape::Solidus => b'/',
            CharEscape::Backspace => b'b',
            CharEscape::FormFeed => b'f',
            CharEscape::LineFeed => b'n',
            CharEscape::CarriageReturn => b'r',
            CharEscape::Tab => b't',
            CharEscape::AsciiControl(byte) => {
                let digit = |value: u8| char::from_digit(u32::from(value), 16).map_or(b'0', |d| d as u8);
                return writer.write_all(&[b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
        };
        writer.write_all(&[letter])
    }

    #[inline]
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"[")
    }

    #[inline]
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"]")
    }

    #[inline]
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        if self.is_context(1) {
            return Ok(());
        }
        writer.write_all(b"{")
    }

    #[inline]
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.is_context(0) {
            return Ok(());
        }
        writer.write_all(b"}")
    }

    #[inline]
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.is_context(1) {
            self.key = Key::Due;
        } else if first {
            return Ok(());
        }
        writer.write_all(b",")
    }

    /// A `RawValue`: JSON already, so it is escaped as text. A control character in it is insignificant space.
    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if self.kind == Kind::Plain {
            return writer.write_all(fragment.as_bytes());
        }
        for &byte in fragment.as_bytes() {
            match byte {
                b'"' => self.quote(writer)?,
                b'\\' => self.backslash(writer)?,
                0..0x20 => writer.write_all(b" ")?,
                _ => writer.write_all(&[byte])?,
            }
        }
        Ok(())
    }
}
