//! Values as JSON text, in the place where the text is to stand: serde's serializer of what is sent.
//!
//! It writes what Python's `json` writes: `NaN`, `Infinity` and `-Infinity` are numbers, which serde_json has no
//! words for. One serializer for every form, and not one each: every type that is sent is compiled once for it.

use std::fmt;

use serde::Serialize;
use serde::ser::{Error as _, Serializer};
use serde_json::{Error, Result};

use super::form::Form;
use super::parts::Parts;
use super::reader::RAW_VALUE;

/// Appends `value` in the form given. What was appended before an error is of no use.
pub(super) fn write<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>, form: Form) -> Result<()> {
    value.serialize(&mut Writer {
        out,
        form,
        role: Role::Value,
    })
}

/// Appends a map as further members of the inner document: a comma before each, and the prefix `_context_` before
/// its key. Null is the empty map; any other value is an error, and so is the key `self`.
pub(super) fn write_context<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    value.serialize(&mut Writer {
        out,
        form: Form::Inner,
        role: Role::Context,
    })?;
    // No value begins with a comma.
    match out.get(start) {
        None | Some(b',') => Ok(()),
        Some(_) => Err(Error::custom("a context is a map")),
    }
}

/// What serde_json's `Number` calls itself when any crate of the program has asked for its `arbitrary_precision`: a
/// struct whose one field is its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// See the module.
pub(super) struct Writer<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) form: Form,
    pub(super) role: Role,
}

/// What the next value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Value,
    /// The context itself.
    Context,
    /// A text that is JSON already.
    Json,
}

impl Writer<'_> {
    #[inline]
    fn string(&mut self, text: &str) {
        self.form.quote(self.out);
        self.form.inside(text, self.out);
        self.form.quote(self.out);
    }

    /// A number is the same in every form.
    #[inline]
    fn number(&mut self, number: impl Serialize) -> Result<()> {
        number.serialize(&mut serde_json::Serializer::new(&mut *self.out))
    }

    /// A float, if it has digits; otherwise the word that stands for it.
    fn float(&mut self, float: impl Serialize, rough: f64) -> Result<()> {
        let word: &[u8] = if rough.is_nan() {
            b"NaN"
        } else if rough == f64::INFINITY {
            b"Infinity"
        } else if rough == f64::NEG_INFINITY {
            b"-Infinity"
        } else {
            return self.number(float);
        };
        self.out.extend_from_slice(word);
        Ok(())
    }

    /// Opens the object that a variant with data is.
    fn variant(&mut self, name: &str) {
        self.out.push(b'{');
        self.string(name);
        self.out.push(b':');
    }

    fn null(&mut self) {
        if self.role != Role::Context {
            self.out.extend_from_slice(b"null");
        }
    }
}

macro_rules! integers {
    ($($serialize:ident $type:ty),*) => {$(
        fn $serialize(self, value: $type) -> Result<()> {
            self.number(value)
        }
    )*};
}

impl<'w, 'a> Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Parts<'w, 'a>;
    type SerializeTuple = Parts<'w, 'a>;
    type SerializeTupleStruct = Parts<'w, 'a>;
    type SerializeTupleVariant = Parts<'w, 'a>;
    type SerializeMap = Parts<'w, 'a>;
    type SerializeStruct = Parts<'w, 'a>;
    type SerializeStructVariant = Parts<'w, 'a>;

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    integers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.float(value, f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.float(value, value)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        if self.role == Role::Json {
            self.form.json(value, self.out);
        } else {
            self.string(value);
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<()> {
        self.null();
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.null();
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.string(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'w, 'a>> {
        Ok(Parts::array(self, b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'w, 'a>> {
        Ok(Parts::array(self, b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'w, 'a>> {
        Ok(Parts::array(self, b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w, 'a>> {
        self.variant(variant);
        Ok(Parts::array(self, b"]}"))
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'w, 'a>> {
        Ok(match self.role {
            Role::Context => Parts::context(self),
            _ => Parts::object(self, b"}"),
        })
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, fields: usize) -> Result<Parts<'w, 'a>> {
        if matches!(name, RAW_VALUE | NUMBER) {
            return Ok(Parts::json(self));
        }
        self.serialize_map(Some(fields))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w, 'a>> {
        self.variant(variant);
        Ok(Parts::object(self, b"}}"))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<()> {
        self.form.quote(self.out);
        let mut inside = Inside(self);
        fmt::Write::write_fmt(&mut inside, format_args!("{value}"))
            .map_err(|_| Error::custom("the text cannot be formatted"))?;
        let Inside(writer) = inside;
        writer.form.quote(writer.out);
        Ok(())
    }
}

/// The inside of a string, as it is formatted.
struct Inside<'w, 'a>(&'w mut Writer<'a>);

impl fmt::Write for Inside<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.form.inside(text, self.0.out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::IpAddr;

    use serde_json::json;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(i8, Option<bool>),
        Struct { a: char, b: () },
    }

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct Wrapped(f32);

    #[derive(Serialize)]
    struct Everything<'a> {
        #[serde(rename = "na\"me\n")]
        text: &'a str,
        shapes: [Shape; 4],
        wrapped: (Wrapped, Unit, u128, i64),
        float: f64,
        none: Option<u8>,
        empty: (Vec<u8>, BTreeMap<u8, u8>),
        numbers: BTreeMap<i32, &'a str>,
        truths: BTreeMap<bool, &'a str>,
        letters: BTreeMap<char, IpAddr>,
        addresses: BTreeMap<IpAddr, ()>,
        tree: serde_json::Value,
        raw: Box<RawValue>,
        after: bool,
    }

    fn everything() -> Everything<'static> {
        Everything {
            text: "a \"quote\", a \\, a\ttab, \u{1} and é😀 and a long run of text",
            shapes: [
                Shape::Unit,
                Shape::Newtype(1),
                Shape::Tuple(-1, Some(true)),
                Shape::Struct { a: '"', b: () },
            ],
            wrapped: (Wrapped(0.1), Unit, u128::MAX, i64::MIN),
            float: 1e300,
            none: None,
            empty: (vec![], BTreeMap::new()),
            numbers: BTreeMap::from([(-7, "x"), (8, "")]),
            truths: BTreeMap::from([(true, "yes")]),
            letters: BTreeMap::from([('\\', "127.0.0.1".parse().unwrap())]),
            addresses: BTreeMap::from([("::1".parse().unwrap(), ())]),
            tree: json!({"a": [1, -2.5, null, {"b": "\\"}], "": {}}),
            raw: RawValue::from_string(r#"{"raw": [1, "\"\u0007"]}"#.to_owned()).unwrap(),
            after: false,
        }
    }

    fn written<T: Serialize>(value: &T, form: Form) -> String {
        let mut out = Vec::new();
        write(value, &mut out, form).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_finite_is_written_as_by_serde_json() {
        let everything = everything();
        let plain = serde_json::to_string(&everything).unwrap();
        assert_eq!(written(&everything, Form::Plain), plain);
        let inside = |text: &str| {
            let json = serde_json::to_string(text).unwrap();
            json[1..json.len() - 1].to_owned()
        };
        assert_eq!(written(&everything, Form::Inner), inside(&plain));
        assert_eq!(written(&everything, Form::Document), inside(&inside(&plain)));
    }

    #[test]
    fn what_is_not_finite_is_written_as_by_python() {
        let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0];
        for form in [Form::Plain, Form::Inner, Form::Document] {
            assert_eq!(written(&floats, form), "[NaN,Infinity,-Infinity,1.0]");
            assert_eq!(written(&f32::NEG_INFINITY, form), "-Infinity");
        }
        let read: [f64; 4] = crate::wire::reader::read(&written(&floats, Form::Plain)).unwrap();
        assert!(read[0].is_nan());
        assert_eq!(read[1..], floats[1..]);
    }

    #[test]
    fn a_number_of_arbitrary_precision_is_its_digits() {
        #[derive(Serialize)]
        #[serde(rename = "$serde_json::private::Number")]
        struct Number<'a> {
            #[serde(rename = "$serde_json::private::Number")]
            digits: &'a str,
        }
        let digits = "12345678901234567890.12345678901234567890";
        let numbers = (Number { digits }, "text");
        for (form, quote) in [(Form::Plain, "\""), (Form::Inner, "\\\"")] {
            let expected = format!("[{digits},{quote}text{quote}]");
            assert_eq!(written(&numbers, form), expected);
        }
    }

    #[test]
    fn a_key_that_is_no_text_is_refused() {
        let keys = [BTreeMap::from([(vec![1], 1)])];
        let error = write(&keys, &mut Vec::new(), Form::Plain).unwrap_err();
        assert_eq!(error.to_string(), "key must be a string");
    }
}
