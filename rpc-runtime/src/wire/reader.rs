//! Values out of JSON text, as Python's `json` writes it: serde's deserializer of what is received.
//!
//! It takes what strict JSON refuses: `NaN`, `Infinity`, `-Infinity`, lone surrogates (read as U+FFFD), floats beyond
//! the range of a double (read as infinite). Of any other text it makes the same as serde_json.

use std::borrow::Cow;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, Error as _, Expected, IntoDeserializer, MapAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Result};

use super::MAX_DEPTH;
use super::grammar::{Bad, scalar};
use super::source::{Plain, Source};

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

    /// What a string means, whose first quote is next.
    #[inline]
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

    /// The integer that is next, if it fits; its text, if it does not.
    #[inline]
    fn integer<T: FromStr>(&mut self) -> Result<std::result::Result<T, &'de str>> {
        let text = self.scalar()?;
        Ok(text.parse().map_err(|_| text))
    }
}

#[cold]
fn error(bad: Bad) -> Error {
    Error::custom(bad.of("the value"))
}

/// What a number or a word is, for an error.
fn unexpected(scalar: &str) -> Unexpected<'static> {
    match scalar {
        "null" => Unexpected::Unit,
        "true" => Unexpected::Bool(true),
        "false" => Unexpected::Bool(false),
        _ => match (scalar.parse(), scalar.parse()) {
            (Ok(number), _) => Unexpected::Unsigned(number),
            (_, Ok(number)) => Unexpected::Signed(number),
            _ => Unexpected::Float(scalar.parse().unwrap_or(f64::NAN)),
        },
    }
}

fn is_integer(number: &str) -> bool {
    number.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'))
}

/// The number nearest to a text, or what the words `NaN`, `Infinity` and `-Infinity` stand for.
fn float<T: FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::custom(format_args!("invalid type: {text}, expected a number")))
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

/// Any number, or what the visitor has against it.
#[cold]
fn number<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value> {
    // An integer has no negative zero.
    if is_integer(text) && text != "-0" {
        if let Ok(number) = text.parse() {
            return visitor.visit_u64(number);
        }
        if let Ok(number) = text.parse() {
            return visitor.visit_i64(number);
        }
    }
    visitor.visit_f64(float(text)?)
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
        if self.peek() != b'"' {
            return Err(self.mismatch(&visitor));
        }
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
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

/// What serde_json's `RawValue` calls itself, and the only key of the map it is read from.
pub(super) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// A text, for a `RawValue`.
struct Raw<'de>(Option<&'de str>);

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        match self.0 {
            Some(_) => seed.deserialize(StrDeserializer::new(RAW_VALUE)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let text = self.0.take().unwrap_or_default();
        seed.deserialize(BorrowedStrDeserializer::new(text))
    }
}

/// A variant with data: the only member of an object.
impl<'de> de::EnumAccess<'de> for &mut Reader<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self)?;
        self.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Reader<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_struct("", fields, visitor)
    }
}

/// What is between the brackets.
struct Elements<'a, 'de> {
    of: &'a mut Reader<'de>,
    first: bool,
}

impl<'a, 'de> Elements<'a, 'de> {
    fn of(of: &'a mut Reader<'de>) -> Self {
        Self { of, first: true }
    }

    /// Passes the comma, unless the end is here.
    #[inline]
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

impl<'de> MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        if self.of.peek() != b'"' {
            return Err(self.of.bad());
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde_json::Value;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Deserialize, PartialEq, Debug)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(i8, Option<bool>),
        Struct { a: char, b: () },
    }

    #[derive(Deserialize, PartialEq, Debug)]
    #[serde(default)]
    struct Fields {
        text: String,
        list: Vec<f32>,
        pair: (i64, u128),
    }

    impl Default for Fields {
        fn default() -> Self {
            Self {
                text: "default".to_owned(),
                list: Vec::new(),
                pair: (1, 2),
            }
        }
    }

    const TEXTS: &[&str] = &[
        "null",
        " true",
        "false ",
        "0",
        "-7",
        "255",
        "256",
        "18446744073709551616",
        "-170141183460469231731687303715884105728",
        "1.5",
        "-0.0",
        "2e3",
        "\"\"",
        "\"a\"",
        "\"\\u00e9\\n\"",
        "\"Unit\"",
        "[]",
        "[1, 2]",
        "[ 1.5 , true ]",
        "[[],[]]",
        "{}",
        "{\"Newtype\": 7}",
        "{\"Tuple\": [1, null]}",
        "{\"Struct\": {\"a\": \"x\", \"b\": null}}",
        "{\"Struct\": [\"x\", null]}",
        "{\"Newtype\": 7, \"Unit\": 1}",
        "{\"text\": \"t\", \"more\": {\"x\": [1, {}]}, \"pair\": [-1, 1]}",
        "{\"1\": 2, \"-3\": 4}",
        "{\"a\\\"b\": \"c\\\\\"}",
        "[1, 2",
        "[1 2]",
        "[1, 2,]",
        "{\"a\": 1,}",
        "{\"a\" 1}",
        "{1: 1}",
        "1 1",
        "",
        "nul",
    ];

    /// The same as serde_json: the value, or that there is none.
    fn compare<'de, T: Deserialize<'de> + PartialEq + Debug>() {
        for &text in TEXTS {
            let expected = serde_json::from_str::<T>(text);
            assert_eq!(read::<T>(text).ok(), expected.ok(), "{text}");
        }
    }

    #[test]
    fn strict_json_is_read_as_by_serde_json() {
        compare::<Value>();
        compare::<Option<bool>>();
        compare::<()>();
        compare::<u8>();
        compare::<i64>();
        compare::<u64>();
        compare::<i128>();
        compare::<f64>();
        compare::<f32>();
        compare::<char>();
        compare::<String>();
        compare::<&str>();
        compare::<Vec<u8>>();
        compare::<(i64, i64)>();
        compare::<(f64, bool)>();
        compare::<Shape>();
        compare::<Fields>();
        compare::<BTreeMap<i32, Value>>();
        compare::<BTreeMap<String, String>>();
    }

    #[test]
    fn what_does_not_fit_is_told_as_by_serde_json() {
        fn error<'de, T: Deserialize<'de> + Debug>(text: &'de str) -> (String, String) {
            let expected = serde_json::from_str::<T>(text).unwrap_err().to_string();
            let (expected, _) = expected.split_once(" at line ").unwrap();
            (read::<T>(text).unwrap_err().to_string(), expected.to_owned())
        }
        for (ours, theirs) in [
            error::<i64>("\"1\""),
            error::<i64>("1.5"),
            error::<u8>("-1"),
            error::<u8>("256"),
            error::<bool>("null"),
            error::<String>("[1]"),
            error::<Vec<u8>>("{}"),
            error::<()>("0"),
            error::<Shape>("\"Other\""),
            error::<(u8, u8)>("[1]"),
        ] {
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_raw_value_is_its_text() {
        for text in ["1", "[ NaN, {\"a\": \"\\u0041\"} ]", "null"] {
            let padded = format!(" {text} ");
            let raw: &RawValue = read(&padded).unwrap();
            assert_eq!(raw.get(), text);
            let raws: Vec<Box<RawValue>> = read(&format!("[{text} , {text}]")).unwrap();
            assert!(raws.len() == 2 && raws.iter().all(|raw| raw.get() == text));
        }
        assert!(read::<&RawValue>("[1").is_err());
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read::<Value>(&nested(MAX_DEPTH)).is_ok());
        assert!(read::<Value>(&nested(MAX_DEPTH + 1)).is_err());
        assert!(read::<Value>(&"[".repeat(100_000)).is_err());
    }
}
