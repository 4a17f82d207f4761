//! Values out of JSON text, as Python's `json` writes it: serde's deserializer of what is received.
//!
//! It takes what strict JSON refuses: `NaN`, `Infinity`, `-Infinity`, lone surrogates (read as U+FFFD), floats beyond
//! the range of a double (read as infinite). Of any other text it makes the same as serde_json.

mod access;
mod key;
mod number;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::CowStrDeserializer;
use serde::de::{self, Deserializer, Error as _, Expected, Unexpected, Visitor};
use serde_json::{Error, Result};

pub(super) use access::RAW_VALUE;
pub(super) use key::Key;

use super::MAX_DEPTH;
use super::escape::plain_run;
use super::grammar::{Bad, scalar};
use super::source::{Plain, Source};
use access::{Elements, Raw};
use number::{float, number, unexpected};

/// Reads the value that a text is.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// See the module.
pub(super) struct Reader<'de> {
    text: &'de str,
    source: Plain<'de>,
    depth: usize,
}

impl<'de> Reader<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self {
            text,
            source: Plain::new(text.as_bytes()),
            depth: 0,
        }
    }

    /// The place behind what was read.
    pub(super) fn place(&self) -> usize {
        self.source.place()
    }

    /// Nothing but blanks may follow what was read.
    pub(super) fn end(&mut self) -> Result<()> {
        self.peek();
        if self.source.ended() {
            return Ok(());
        }
        Err(self.bad())
    }

    /// The byte that the next token begins with.
    #[inline]
    fn peek(&mut self) -> u8 {
        loop {
            match self.source.peek() {
                b' ' | b'\n' | b'\t' | b'\r' => self.source.skip(),
                byte => return byte,
            }
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.peek() != byte {
            return Err(self.bad());
        }
        self.source.skip();
        Ok(())
    }

    /// The string that is next, if it is one without escapes: nearly always.
    fn plain_string(&mut self) -> Option<&'de str> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.place() + 1;
        let rest = self.text.as_bytes().get(start..)?;
        let length = plain_run(rest);
        if rest.get(length) != Some(&b'"') {
            return None;
        }
        self.source.pass_all(length + 2);
        self.text.get(start..start + length)
    }

    /// What a string means, whose first quote is next.
    fn string(&mut self) -> Result<Cow<'de, str>> {
        match self.source.string() {
            Ok(string) => Ok(string.meaning(self.text)),
            Err(bad) => Err(error(bad)),
        }
    }

    /// A number or a word, as its text, which begins here.
    #[inline]
    fn scalar(&mut self) -> Result<&'de str> {
        let start = self.source.place();
        match scalar(&mut self.source) {
            Ok(()) => Ok(self.text.get(start..self.source.place()).unwrap_or_default()),
            Err(bad) => Err(error(bad)),
        }
    }

    /// Reads what is between two brackets.
    #[inline]
    fn inside<T>(&mut self, close: u8, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(error(Bad::Depth));
        }
        self.source.skip();
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        self.expect(close)?;
        Ok(value)
    }

    #[cold]
    fn bad(&self) -> Error {
        error(self.source.bad())
    }

    /// The value that is next is not of the type expected.
    #[cold]
    fn mismatch(&mut self, expected: &dyn Expected) -> Error {
        let found = match self.peek() {
            b'"' => match self.string() {
                Ok(text) => return Error::invalid_type(Unexpected::Str(&text), expected),
                Err(error) => return error,
            },
            b'[' => Unexpected::Seq,
            b'{' => Unexpected::Map,
            _ => match self.scalar() {
                Ok(text) => unexpected(text),
                Err(error) => return error,
            },
        };
        Error::invalid_type(found, expected)
    }
}

#[cold]
fn error(bad: Bad) -> Error {
    Error::custom(bad.of("the value"))
}

/// Integers of a width: from digits; and what else may be a number, as anything.
macro_rules! integers {
    ($($deserialize:ident $visit:ident $type:ty),*) => {$(
        #[inline]
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            if !matches!(self.peek(), b'-' | b'0'..=b'9') {
                return Err(self.mismatch(&visitor));
            }
            match self.integer::<$type>()? {
                Ok(number) => visitor.$visit(number),
                Err(text) => number(text, visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'"' => self.deserialize_str(visitor),
            b'[' => self.deserialize_seq(visitor),
            b'{' => self.deserialize_map(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => number(self.scalar()?, visitor),
        }
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if !matches!(self.peek(), b't' | b'f') {
            return Err(self.mismatch(&visitor));
        }
        visitor.visit_bool(self.scalar()? == "true")
    }

    integers! {
        deserialize_i8 visit_i64 i64, deserialize_i16 visit_i64 i64, deserialize_i32 visit_i64 i64,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u64 u64, deserialize_u16 visit_u64 u64,
        deserialize_u32 visit_u64 u64, deserialize_u64 visit_u64 u64, deserialize_i128 visit_i128 i128,
        deserialize_u128 visit_u128 u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            // Rounded once, from the text.
            b'-' | b'0'..=b'9' | b'N' | b'I' => visitor.visit_f32(float(self.scalar()?)?),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'-' | b'0'..=b'9' | b'N' | b'I' => number(self.scalar()?, visitor),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Some(text) = self.plain_string() {
            return visitor.visit_borrowed_str(text);
        }
        match self.peek() {
            b'"' => visitor.visit_string(self.string()?.into_owned()),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'"' => match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
                Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
            },
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == b'n' {
            self.scalar()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() != b'n' {
            return Err(self.mismatch(&visitor));
        }
        self.scalar()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name == RAW_VALUE {
            let start = self.place();
            de::IgnoredAny::deserialize(&mut *self)?;
            let text = self.text.get(start..self.place()).unwrap_or_default();
            return visitor.visit_map(Raw(Some(text.trim())));
        }
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() != b'[' {
            return Err(self.mismatch(&visitor));
        }
        self.inside(b']', |this| visitor.visit_seq(&mut Elements::of(this)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() != b'{' {
            return Err(self.mismatch(&visitor));
        }
        self.inside(b'}', |this| visitor.visit_map(&mut Elements::of(this)))
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek() {
            b'[' => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek() {
            b'"' => visitor.visit_enum(CowStrDeserializer::new(self.string()?)),
            b'{' => self.inside(b'}', |this| visitor.visit_enum(&mut *this)),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests;
