//! Arrays, objects and contexts as they are written, a part at a time.

use std::fmt::Display;

use serde::Serialize;
use serde::ser::{
    Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Error, Result};

use super::form::Form;
use super::writer::{Role, Writer, write};

/// The server of a Python peer calls a function with the context's keys by name; this one collides with its first
/// parameter, and costs the peer its channel.
const FORBIDDEN: &str = "self";

/// What is open.
pub(super) struct Parts<'w, 'a> {
    writer: &'w mut Writer<'a>,
    kind: Kind,
    first: bool,
    close: &'static [u8],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An array or an object.
    Usual,
    /// Members that others precede, each with a prefix.
    Context,
    /// A struct whose one field is a text that is JSON already.
    Json,
}

impl<'w, 'a> Parts<'w, 'a> {
    #[inline]
    fn new(writer: &'w mut Writer<'a>, kind: Kind, close: &'static [u8]) -> Self {
        Self {
            writer,
            kind,
            first: true,
            close,
        }
    }

    /// An array, which ends with `close`.
    #[inline]
    pub(super) fn array(writer: &'w mut Writer<'a>, close: &'static [u8]) -> Self {
        writer.out.push(b'[');
        Self::new(writer, Kind::Usual, close)
    }

    /// An object, which ends with `close`.
    #[inline]
    pub(super) fn object(writer: &'w mut Writer<'a>, close: &'static [u8]) -> Self {
        writer.out.push(b'{');
        Self::new(writer, Kind::Usual, close)
    }

    /// The context itself. What is in it are values.
    pub(super) fn context(writer: &'w mut Writer<'a>) -> Self {
        writer.role = Role::Value;
        Self::new(writer, Kind::Context, b"")
    }

    /// A text that is JSON already.
    pub(super) fn json(writer: &'w mut Writer<'a>) -> Self {
        Self::new(writer, Kind::Json, b"")
    }

    #[inline]
    fn separate(&mut self) {
        if self.kind == Kind::Context || !std::mem::take(&mut self.first) {
            self.writer.out.push(b',');
        }
    }

    #[inline]
    fn key(&mut self, key: &str) -> Result<()> {
        self.separate();
        let Writer { out, form, .. } = &mut *self.writer;
        form.quote(out);
        if self.kind == Kind::Context {
            if key == FORBIDDEN {
                return Err(Error::custom("a context must not have the key 'self'"));
            }
            out.extend_from_slice(b"_context_");
        }
        form.inside(key, out);
        form.end_key(out);
        Ok(())
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.separate();
        self.value(value)
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        if self.kind == Kind::Json {
            self.writer.role = Role::Json;
            self.value(value)?;
            self.writer.role = Role::Value;
            return Ok(());
        }
        self.key(name)?;
        self.value(value)
    }

    #[inline]
    fn close(self) -> Result<()> {
        match self.close {
            [byte] => self.writer.out.push(*byte),
            bytes => self.writer.out.extend_from_slice(bytes),
        }
        Ok(())
    }
}

/// The trait, and its function for a part, which is one of [`Parts`].
macro_rules! elements {
    ($($of:ident $part:ident),*) => {$(
        impl $of for Parts<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        }
    )*};
}

macro_rules! fields {
    ($($of:ident),*) => {$(
        impl $of for Parts<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.field(name, value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
}

fields! { SerializeStruct, SerializeStructVariant }

impl SerializeMap for Parts<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        key.serialize(Key(self))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.value(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

/// The key of a map: a string, or what can be written as one.
struct Key<'p, 'w, 'a>(&'p mut Parts<'w, 'a>);

impl Key<'_, '_, '_> {
    fn refused<T>(self) -> Result<T> {
        Err(Error::custom("key must be a string"))
    }
}

macro_rules! written_as_text {
    ($($serialize:ident $type:ty),*) => {$(
        fn $serialize(self, key: $type) -> Result<()> {
            let mut text = Vec::new();
            write(&key, &mut text, Form::Plain)?;
            self.0.key(&String::from_utf8_lossy(&text))
        }
    )*};
}

impl Serializer for Key<'_, '_, '_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    written_as_text! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_i128 i128, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_u128 u128, serialize_f32 f32, serialize_f64 f64
    }

    fn serialize_char(self, key: char) -> Result<()> {
        self.0.key(key.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, key: &str) -> Result<()> {
        self.0.key(key)
    }

    fn collect_str<T: Display + ?Sized>(self, key: &T) -> Result<()> {
        self.0.key(&key.to_string())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<()> {
        key.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.0.key(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, key: &T) -> Result<()> {
        key.serialize(self)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<()> {
        self.refused()
    }

    fn serialize_none(self) -> Result<()> {
        self.refused()
    }

    fn serialize_unit(self) -> Result<()> {
        self.refused()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.refused()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<()> {
        self.refused()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq> {
        self.refused()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple> {
        self.refused()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct> {
        self.refused()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        self.refused()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap> {
        self.refused()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct> {
        self.refused()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        self.refused()
    }
}
