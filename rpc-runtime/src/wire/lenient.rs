//! A deserializer of the JSON that Python's `json` writes and strict JSON refuses: `NaN`, `Infinity`, `-Infinity`,
//! lone surrogates (read as U+FFFD), floats beyond the range of a double (read as infinite).
//!
//! Only ever used on a text that serde_json refused. On any other it gives the same as serde_json.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Result};

use super::MAX_DEPTH;
use super::grammar::{Bad, scalar};
use super::source::{Plain, Source};

/// See the module.
pub(super) struct Lenient<'de> {
    text: &'de str,
    source: Plain<'de>,
    depth: usize,
}

impl<'de> Lenient<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self {
            text,
            source: Plain::new(text.as_bytes()),
            depth: 0,
        }
    }

    /// Nothing but space may follow what was read.
    pub(super) fn end(&mut self) -> Result<()> {
        self.peek();
        if self.source.ended() {
            return Ok(());
        }
        Err(bad(self.source.bad()))
    }

    fn peek(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\t' | b'\r' = self.source.peek() {
            self.source.skip();
        }
        self.source.peek()
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.peek() != byte {
            return Err(bad(self.source.bad()));
        }
        self.source.skip();
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'de, str>> {
        self.peek();
        Ok(self.source.string().map_err(bad)?.meaning(self.text))
    }

    /// A number or a word, as its text.
    fn scalar(&mut self) -> Result<&'de str> {
        self.peek();
        let start = self.source.length();
        scalar(&mut self.source).map_err(bad)?;
        Ok(self.text.get(start..self.source.length()).unwrap_or_default())
    }

    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(bad(Bad::Depth));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn integer<T: std::str::FromStr>(&mut self) -> Result<T> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(Error::custom("invalid type: expected an integer"));
        }
        let text = self.scalar()?;
        text.parse().map_err(|_| {
            Error::custom(format_args!(
                "invalid value: {text}, expected an integer of fewer bits"
            ))
        })
    }
}

#[cold]
fn bad(bad: Bad) -> Error {
    Error::custom(bad.of("the value"))
}

fn is_integer(number: &str) -> bool {
    number.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'))
}

/// The number nearest to a text, or what the words `NaN`, `Infinity` and `-Infinity` stand for.
fn float<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::custom(format_args!("invalid type: {text}, expected a number")))
}

impl<'de> Deserializer<'de> for &mut Lenient<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'"' => match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            b'[' => self.inside(|this| {
                this.source.skip();
                let value = visitor.visit_seq(&mut Elements::of(this))?;
                this.expect(b']')?;
                Ok(value)
            }),
            b'{' => self.inside(|this| {
                this.source.skip();
                let value = visitor.visit_map(&mut Elements::of(this))?;
                this.expect(b'}')?;
                Ok(value)
            }),
            _ => match self.scalar()? {
                "null" => visitor.visit_unit(),
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                // An integer has no negative zero.
                text if is_integer(text) && text != "-0" => {
                    if let Ok(number) = text.parse() {
                        return visitor.visit_u64(number);
                    }
                    if let Ok(number) = text.parse() {
                        return visitor.visit_i64(number);
                    }
                    visitor.visit_f64(float(text)?)
                }
                text => visitor.visit_f64(float(text)?),
            },
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return self.deserialize_any(visitor);
        }
        // Rounded once, from the text.
        visitor.visit_f32(float(self.scalar()?)?)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_i128(self.integer()?)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u128(self.integer()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == b'n' {
            self.scalar()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() != b'"' {
            return self.deserialize_any(visitor);
        }
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek() {
            b'"' => visitor.visit_enum(CowStrDeserializer::new(self.string()?)),
            b'{' => self.inside(|this| {
                this.source.skip();
                let value = visitor.visit_enum(&mut *this)?;
                this.expect(b'}')?;
                Ok(value)
            }),
            _ => Err(Error::custom(
                "invalid type: expected the name of a variant, or an object",
            )),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f64 char str string unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// A variant with data: the only member of an object.
impl<'de> de::EnumAccess<'de> for &mut Lenient<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self)?;
        self.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Lenient<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        de::Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }
}

/// What is between the brackets.
struct Elements<'a, 'de> {
    of: &'a mut Lenient<'de>,
    first: bool,
}

impl<'a, 'de> Elements<'a, 'de> {
    fn of(of: &'a mut Lenient<'de>) -> Self {
        Self { of, first: true }
    }

    /// Passes the comma, unless the end is here.
    fn next(&mut self, close: u8) -> Result<bool> {
        if self.of.peek() == close {
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.of.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.next(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.of).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        let key = self.of.string()?;
        seed.deserialize(Key(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.of.expect(b':')?;
        seed.deserialize(&mut *self.of)
    }
}

/// A key. Always a string in JSON; a number or a boolean is read from it where one is wanted.
pub(super) struct Key<'de>(pub(super) Cow<'de, str>);

macro_rules! keys {
    ($($deserialize:ident $visit:ident $type:ty),*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Error::invalid_type(Unexpected::Str(&self.0), &visitor)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Cow::Borrowed(text) => BorrowedStrDeserializer::new(text).deserialize_any(visitor),
            Cow::Owned(text) => text.into_deserializer().deserialize_any(visitor),
        }
    }

    keys! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64, deserialize_u128 visit_u128 u128,
        deserialize_f32 visit_f32 f32, deserialize_f64 visit_f64 f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(CowStrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
