//! The context of a request as serde sees it: one map, though it is scattered over the members of the document.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Result};

use super::reader::{Key, Reader};
use super::span::{Span, Text};

/// The key that a receiver adds.
const CLIENT_TIMEOUT: &str = "client_timeout";

/// See the module.
pub(super) struct Context<'de> {
    /// What the spans are parts of.
    pub(super) text: &'de str,
    /// Keys, and values as JSON.
    pub(super) members: &'de [(Text, Span)],
    /// The value of the key that is added, as JSON.
    pub(super) client_timeout: &'de str,
}

impl<'de> Deserializer<'de> for Context<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(Unread { context: self, at: 0 })
    }

    /// The type that needs nothing of a context takes any.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple
        tuple_struct map struct enum identifier
    }
}

/// The members from a place on, and the one that is added.
struct Unread<'de> {
    context: Context<'de>,
    at: usize,
}

impl<'de> MapAccess<'de> for Unread<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let members = self.context.members;
        let key = match members.get(self.at) {
            Some((key, _)) => key.meaning(self.context.text),
            None if self.at == members.len() => Cow::Borrowed(CLIENT_TIMEOUT),
            None => return Ok(None),
        };
        seed.deserialize(Key(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        let value = match self.context.members.get(self.at) {
            Some((_, value)) => value.of(self.context.text),
            None => self.context.client_timeout,
        };
        self.at += 1;
        let mut value = Reader::new(value);
        let read = seed.deserialize(&mut value)?;
        value.end()?;
        Ok(read)
    }
}
