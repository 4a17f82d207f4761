//! What a value is in JSON: a tree that the compiler can hold in a constant, and a reader can build.
//!
//! `Cow` and [`Link`] are what lets one type be both: a constant borrows, what is read owns.

use std::borrow::Cow;
use std::collections::HashSet;

/// A text of a constant, or one that was read.
pub type Text = Cow<'static, str>;

/// A list of a constant, or one that was read.
pub type List<T> = Cow<'static, [T]>;

/// A shape inside another.
#[derive(Clone, Debug)]
pub enum Link {
    /// In a constant.
    Known(&'static Shape),
    /// Read from a file.
    Read(Box<Shape>),
}

impl Link {
    /// The shape itself.
    pub const fn get(&self) -> &Shape {
        match self {
            Self::Known(shape) => shape,
            Self::Read(shape) => shape,
        }
    }
}

impl From<Shape> for Link {
    fn from(shape: Shape) -> Self {
        Self::Read(Box::new(shape))
    }
}

/// What a value is in JSON.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Whatever JSON can hold.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A text of one character.
    Char,
    /// A text.
    Text,
    /// A whole number.
    Integer {
        /// Whether it may be below zero.
        signed: bool,
        /// Its size.
        bits: u8,
    },
    /// A number with a fraction.
    Float {
        /// Its size.
        bits: u8,
    },
    /// This, or `null`.
    Optional(Link),
    /// Any number of these.
    List(Link),
    /// So many of these.
    Array(Link, usize),
    /// An object whose keys are data.
    Map(Link, Link),
    /// A list of which each place has its own shape.
    Tuple(List<Link>),
    /// A type with a name, as the compiler knows it.
    Type(&'static Definition),
    /// A type by its name: in a file, and where a recursive type comes round to itself.
    Name(Text),
}

/// A type with a name. The name is not on the wire: it tells where something is, and closes circles.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The type's name.
    pub name: Text,
    /// Where it is declared, by which the compiler tells it from others of its name; empty where that is not known.
    pub origin: Text,
    /// What it is for.
    pub docs: Text,
    /// What it is.
    pub body: Body,
}

/// What a type with a name is.
#[derive(Clone, Debug)]
pub enum Body {
    /// On the wire just this.
    Same(Link),
    /// An object with these fields.
    Struct {
        /// Its fields, in their order.
        fields: List<Field>,
        /// Whether a reader refuses fields that it does not know.
        strict: bool,
    },
    /// One of these values.
    Enum {
        /// How a reader knows which.
        tagging: Tagging,
        /// The values, in their order.
        values: List<Value>,
        /// Whether a reader has a place for values that it does not know.
        open: bool,
    },
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its key.
    pub name: Text,
    /// Further keys by which it is read.
    pub aliases: List<Text>,
    /// What it is for.
    pub docs: Text,
    /// What it holds.
    pub shape: Link,
    /// A reader does without it.
    pub optional: bool,
    /// A writer may leave it out.
    pub omittable: bool,
    /// Its own fields stand in its place.
    pub flatten: bool,
}

/// How a reader knows which value of an enum it has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tagging {
    /// `"Unit"`, or `{"Value": content}`.
    External,
    /// A field of this name, beside those of the content.
    Internal(Text),
    /// A field of the first name, and the content in one of the second.
    Adjacent(Text, Text),
    /// By trying.
    Untagged,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its name.
    pub name: Text,
    /// Further names by which it is read.
    pub aliases: List<Text>,
    /// What it means.
    pub docs: Text,
    /// What comes with it.
    pub content: Content,
}

/// What comes with a value of an enum.
#[derive(Clone, Debug)]
pub enum Content {
    /// Nothing.
    Unit,
    /// One shape; several without names are a tuple.
    Shape(Link),
    /// Fields.
    Fields(List<Field>),
}

/// The text, also in a constant, where `Deref` cannot be called.
pub(crate) const fn text(text: &Text) -> &str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.as_str(),
    }
}

/// The items, also in a constant.
pub(crate) const fn list<T: Clone>(list: &List<T>) -> &[T] {
    match list {
        Cow::Borrowed(list) => list,
        Cow::Owned(list) => list.as_slice(),
    }
}

/// Whether two texts are one, also in a constant.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl Definition {
    /// Drops what it is for, and what its parts are for.
    pub(crate) fn forget_docs(&mut self) {
        self.docs = Text::default();
        match &mut self.body {
            Body::Same(_) => {}
            Body::Struct { fields, .. } => forget(fields),
            Body::Enum { values, .. } => {
                for value in values.to_mut() {
                    value.docs = Text::default();
                    if let Content::Fields(fields) = &mut value.content {
                        forget(fields);
                    }
                }
            }
        }
    }
}

fn forget(fields: &mut List<Field>) {
    for field in fields.to_mut() {
        field.docs = Text::default();
    }
}

/// The first type whose fields stand more than once among those of this one: no object has a key twice, and what comes
/// round to itself has no end of fields.
pub(crate) fn flattened_twice<'a>(of: &'a Definition, types: &'a [Definition]) -> Option<&'a str> {
    let Body::Struct { fields, .. } = &of.body else {
        return None;
    };
    let mut seen = HashSet::from([&*of.name]);
    let mut ahead = flattened(fields);
    while let Some(name) = ahead.pop() {
        if !seen.insert(name) {
            return Some(name);
        }
        match types
            .iter()
            .find(|other| other.name == name)
            .map(|other| &other.body)
        {
            Some(Body::Struct { fields, .. }) => ahead.extend(flattened(fields)),
            Some(Body::Same(shape)) => ahead.extend(name_of(shape)),
            _ => {}
        }
    }
    None
}

fn flattened(fields: &[Field]) -> Vec<&str> {
    let flattened = fields.iter().filter(|field| field.flatten);
    flattened.filter_map(|field| name_of(&field.shape)).collect()
}

fn name_of(shape: &Link) -> Option<&str> {
    match shape.get() {
        Shape::Name(name) => Some(name),
        _ => None,
    }
}

/// Every name of a type that the shape holds.
pub(crate) fn collect_names(shape: &Shape, names: &mut Vec<String>) {
    match shape {
        Shape::Optional(inner) | Shape::List(inner) | Shape::Array(inner, _) => {
            collect_names(inner.get(), names);
        }
        Shape::Map(key, value) => {
            collect_names(key.get(), names);
            collect_names(value.get(), names);
        }
        Shape::Tuple(parts) => parts.iter().for_each(|part| collect_names(part.get(), names)),
        Shape::Name(name) => names.push(name.to_string()),
        _ => {}
    }
}
