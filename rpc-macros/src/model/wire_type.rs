//! A type under `#[derive(Wire)]`.

use quote::format_ident;
use rpc_snapshot::Shape;
use syn::{Generics, Ident, Path, Type};

use crate::types::{self, Part};

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

/// What stands for a type where its definition cannot, since it is inside of itself. Its name is nobody else's: it would
/// hide a type that a field is of.
pub(crate) fn stand_in(name: &Ident) -> Ident {
    format_ident!("__Round{}", name)
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

impl Body {
    /// Whether the shape is made of that of the parameter.
    pub(crate) fn asks_of(&self, parameter: &Ident) -> bool {
        let names = |part: Part<'_>| match part {
            Part::Type(Type::Path(of)) => of
                .path
                .segments
                .first()
                .is_some_and(|first| first.ident == *parameter),
            _ => false,
        };
        self.held().into_iter().any(|held| match held {
            Held::Type(ty) => types::find(ty, &names).is_some(),
            Held::Shape(_) | Held::Opaque => false,
        })
    }

    /// What is held somewhere in it.
    fn held(&self) -> Vec<&Held> {
        match self {
            Self::Null => Vec::new(),
            Self::Same(held) => vec![held],
            Self::Tuple(places) => places.iter().collect(),
            Self::Struct { fields, .. } => fields.iter().map(|field| &field.held).collect(),
            Self::Enum { values, .. } => values.iter().flat_map(|value| value.content.held()).collect(),
        }
    }
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

impl Content {
    fn held(&self) -> Vec<&Held> {
        match self {
            Self::Unit => Vec::new(),
            Self::One(held) => vec![held],
            Self::Tuple(places) => places.iter().collect(),
            Self::Fields(fields) => fields.iter().map(|field| &field.held).collect(),
        }
    }
}
