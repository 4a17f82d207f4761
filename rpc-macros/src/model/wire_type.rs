//! A type under `#[derive(Wire)]`.

use quote::format_ident;
use rpc_snapshot::Shape;
use syn::{Generics, Ident, Path, Type};

/// A type, as serde writes it.
pub(crate) struct WireType {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) runtime: Path,
    pub(crate) docs: String,
    pub(crate) body: Body,
    /// The types that it comes round to. In the types of fields their [`stand_in`]s are in their place.
    pub(crate) rounds: Vec<Ident>,
}

/// What stands for a type where its definition cannot, since it is inside of itself.
pub(crate) fn stand_in(name: &Ident) -> Ident {
    format_ident!("Round{}", name)
}

/// What it is in JSON.
pub(crate) enum Body {
    /// Just this.
    Same(Held),
    /// A list with a place for each.
    Tuple(Vec<Held>),
    /// `null`.
    Null,
    /// An object.
    Struct {
        fields: Vec<Field>,
        /// Whether serde refuses fields that it does not know.
        strict: bool,
    },
    /// One of several.
    Enum {
        tagging: Tagging,
        values: Vec<Value>,
        /// Whether a value takes the place of those that serde does not know.
        open: bool,
    },
}

/// What a field holds.
pub(crate) enum Held {
    /// A value of this type.
    Type(Box<Type>),
    /// A value of this shape, in a released API.
    Shape(Shape),
    /// Nobody asks what.
    Opaque,
}

/// A field with a name.
pub(crate) struct Field {
    /// Its key.
    pub(crate) name: String,
    /// Further keys by which serde reads it.
    pub(crate) aliases: Vec<String>,
    pub(crate) docs: String,
    pub(crate) held: Held,
    /// serde fills it in when it is absent. That it does so for an `Option` besides, its type says.
    pub(crate) default: bool,
    /// serde may leave it out.
    pub(crate) omittable: bool,
    pub(crate) flatten: bool,
}

/// How serde tells the values of an enum apart.
pub(crate) enum Tagging {
    External,
    Internal(String),
    Adjacent(String, String),
    Untagged,
}

/// A value of an enum.
pub(crate) struct Value {
    pub(crate) name: String,
    /// Further names by which serde reads it.
    pub(crate) aliases: Vec<String>,
    pub(crate) docs: String,
    pub(crate) content: Content,
}

/// What comes with a value.
pub(crate) enum Content {
    Unit,
    One(Held),
    Tuple(Vec<Held>),
    Fields(Vec<Field>),
}
