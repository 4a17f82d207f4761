//! What types look like on the wire, as constants: what the compiler compares with a released API, and what
//! descriptions of an API are made of. Nothing here runs when messages travel.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use rpc_snapshot::{Body, Content, Definition, Field, Link, List, Shape, Tagging, Text, Value};

/// A type of which the compiler knows what serde makes of it: `#[derive(Wire)]` says so.
///
/// An API that is [`released`](macro@crate::rpc_api) asks it of every type that travels, so that a change of one is
/// told where it breaks a caller.
#[diagnostic::on_unimplemented(
    message = "what `{Self}` looks like on the wire is not known",
    label = "this type has no known shape",
    note = "for a type of your own, add `#[derive(rpc_runtime::Wire)]`",
    note = "a `released` API asks it of every type that travels, and `Wire` of every field",
    note = "for a field of another crate's type, say what it is on the wire: `#[rpc(as = String)]`",
    note = "or mark the argument or field `#[rpc(opaque)]`: its shape is then not compared"
)]
pub trait Wire {
    /// What it is in JSON.
    const SHAPE: &'static Shape;
}

macro_rules! plain {
    ($($ty:ty = $shape:expr;)*) => {
        $(impl Wire for $ty {
            const SHAPE: &'static Shape = &$shape;
        })*
    };
}

macro_rules! integers {
    ($($ty:ty = $signed:literal $bits:literal;)*) => {
        plain! { $($ty = Shape::Integer { signed: $signed, bits: $bits };)* }
    };
}

plain! {
    () = Shape::Null;
    bool = Shape::Bool;
    char = Shape::Char;
    str = Shape::Text;
    String = Shape::Text;
    PathBuf = Shape::Text;
    IpAddr = Shape::Text;
    Ipv4Addr = Shape::Text;
    Ipv6Addr = Shape::Text;
    uuid::Uuid = Shape::Text;
    f32 = Shape::Float { bits: 32 };
    f64 = Shape::Float { bits: 64 };
    serde_json::Value = Shape::Any;
    serde_json::Number = Shape::Any;
}

integers! {
    u8 = false 8;
    u16 = false 16;
    u32 = false 32;
    u64 = false 64;
    u128 = false 128;
    usize = false 64;
    i8 = true 8;
    i16 = true 16;
    i32 = true 32;
    i64 = true 64;
    i128 = true 128;
    isize = true 64;
}

macro_rules! holders {
    ($($ty:ident<$($parameter:ident),+> = $shape:expr;)*) => {
        $(impl<$($parameter: Wire),+> Wire for $ty<$($parameter),+> {
            const SHAPE: &'static Shape = $shape;
        })*
    };
}

holders! {
    Box<T> = T::SHAPE;
    Arc<T> = T::SHAPE;
    Option<T> = &Shape::Optional(Link::Known(T::SHAPE));
    Vec<T> = &Shape::List(Link::Known(T::SHAPE));
    VecDeque<T> = &Shape::List(Link::Known(T::SHAPE));
    BTreeSet<T> = &Shape::List(Link::Known(T::SHAPE));
    BTreeMap<K, V> = &Shape::Map(Link::Known(K::SHAPE), Link::Known(V::SHAPE));
}

impl<T: Wire, S> Wire for HashSet<T, S> {
    const SHAPE: &'static Shape = &Shape::List(Link::Known(T::SHAPE));
}

impl<K: Wire, V: Wire, S> Wire for HashMap<K, V, S> {
    const SHAPE: &'static Shape = &Shape::Map(Link::Known(K::SHAPE), Link::Known(V::SHAPE));
}

impl Wire for serde_json::Map<String, serde_json::Value> {
    const SHAPE: &'static Shape = &Shape::Map(Link::Known(&Shape::Text), Link::Known(&Shape::Any));
}

impl<T: Wire + ToOwned + ?Sized> Wire for Cow<'_, T> {
    const SHAPE: &'static Shape = T::SHAPE;
}

impl<T: Wire> Wire for [T] {
    const SHAPE: &'static Shape = &Shape::List(Link::Known(T::SHAPE));
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    const SHAPE: &'static Shape = &Shape::Array(Link::Known(T::SHAPE), N);
}

/// As serde has it.
impl Wire for Duration {
    const SHAPE: &'static Shape = &Shape::Type(&Definition {
        name: Text::Borrowed("Duration"),
        origin: Text::Borrowed(concat!(module_path!(), "::Duration")),
        docs: Text::Borrowed(""),
        body: Body::Struct {
            fields: List::Borrowed(
                const {
                    &[
                        whole("secs", <u64 as Wire>::SHAPE),
                        whole("nanos", <u32 as Wire>::SHAPE),
                    ]
                },
            ),
            strict: false,
        },
    });
}

const fn whole(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name: Text::Borrowed(name),
        aliases: List::Borrowed(&[]),
        docs: Text::Borrowed(""),
        shape: Link::Known(shape),
        optional: false,
        omittable: false,
        flatten: false,
    }
}

macro_rules! tuples {
    ($($($parameter:ident)+;)*) => {
        $(impl<$($parameter: Wire),+> Wire for ($($parameter,)+) {
            const SHAPE: &'static Shape = &Shape::Tuple(List::Borrowed(&[$(Link::Known($parameter::SHAPE)),+]));
        })*
    };
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
