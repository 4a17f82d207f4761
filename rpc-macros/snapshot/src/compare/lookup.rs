//! What a name stands for, and what two parts of shapes have in common. Each can run in a constant.

use super::shapes::Role;
use crate::shape::{Body, Content, Definition, Field, Shape, Tagging, Text, Value, list, same, text};

/// The types that are being compared, from the innermost outwards.
pub(super) enum Inside<'w, 'a> {
    Nothing,
    Types {
        old: &'a Definition,
        new: &'a Definition,
        outer: &'w Inside<'w, 'a>,
    },
}

impl<'a> Inside<'_, 'a> {
    /// Whether these two are being compared already: then they need not be again.
    pub(super) const fn has(&self, old: &Definition, new: &Definition) -> bool {
        match self {
            Self::Nothing => false,
            Self::Types {
                old: o,
                new: n,
                outer,
            } => {
                (same(text(&o.name), text(&old.name)) && same(text(&n.name), text(&new.name)))
                    || outer.has(old, new)
            }
        }
    }

    /// The type of this name that a present shape is inside of.
    pub(super) const fn new_type(&self, name: &str) -> Option<&'a Definition> {
        match self {
            Self::Nothing => None,
            Self::Types { new, outer, .. } => {
                if same(text(&new.name), name) {
                    return Some(new);
                }
                outer.new_type(name)
            }
        }
    }
}

/// What a shape comes to when names are looked up.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    Plain(&'a Shape),
    /// Its fields, and whether a reader refuses others.
    Struct(&'a [Field], bool),
    /// Its values, and whether a reader has a place for others.
    Enum(&'a Tagging, &'a [Value], bool),
}

/// Looks through names, and through types that are just another shape.
pub(super) const fn seen<'a>(shape: &'a Shape, types: &'a [Definition], inside: &Inside<'_, 'a>) -> Seen<'a> {
    let mut shape = shape;
    // A type that is nothing but itself has no shape at all.
    let mut left = 64;
    while left > 0 {
        if !matches!(shape, Shape::Type(_) | Shape::Name(_)) {
            return Seen::Plain(shape);
        }
        match definition(shape, types, inside) {
            None => return Seen::Plain(&Shape::Any),
            Some(definition) => match &definition.body {
                Body::Same(inner) => shape = inner.get(),
                Body::Struct { fields, strict } => return Seen::Struct(list(fields), *strict),
                Body::Enum {
                    tagging,
                    values,
                    open,
                } => {
                    return Seen::Enum(tagging, list(values), *open);
                }
            },
        }
        left -= 1;
    }
    Seen::Plain(&Shape::Any)
}

/// The type that the shape is, by its name.
pub(super) const fn definition<'a>(
    shape: &'a Shape,
    types: &'a [Definition],
    inside: &Inside<'_, 'a>,
) -> Option<&'a Definition> {
    match shape {
        Shape::Type(definition) => Some(*definition),
        Shape::Name(name) => match inside.new_type(text(name)) {
            Some(definition) => Some(definition),
            None => match place(types, text(name)) {
                Some(at) => Some(&types[at]),
                None => None,
            },
        },
        _ => None,
    }
}

/// Where the type of this name is in the list.
pub(super) const fn place(types: &[Definition], name: &str) -> Option<usize> {
    let mut at = 0;
    while at < types.len() {
        if same(text(&types[at].name), name) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The names of a field or a value: one that is written, and those that are read besides.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) name: &'a str,
    aliases: &'a [Text],
}

impl<'a> Names<'a> {
    pub(super) const fn of_field(field: &'a Field) -> Self {
        Self {
            name: text(&field.name),
            aliases: list(&field.aliases),
        }
    }

    pub(super) const fn of_value(value: &'a Value) -> Self {
        Self {
            name: text(&value.name),
            aliases: list(&value.aliases),
        }
    }

    /// Whether what is written by this name is read.
    pub(super) const fn read(self, name: &str) -> bool {
        let mut found = same(self.name, name);
        let mut at = 0;
        while at < self.aliases.len() && !found {
            found = same(text(&self.aliases[at]), name);
            at += 1;
        }
        found
    }

    /// The first of its aliases from this one on by which the other is not read, and where it is.
    pub(super) const fn unread_alias(self, other: Self, from: usize) -> Option<(usize, &'a str)> {
        let mut at = from;
        while at < self.aliases.len() {
            let alias = text(&self.aliases[at]);
            if !other.read(alias) {
                return Some((at, alias));
            }
            at += 1;
        }
        None
    }
}

/// A field or value whose counterpart is looked for.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// The present one of this released one.
    OfOld(Names<'a>),
    /// The released one of this present one.
    OfNew(Names<'a>),
}

impl Wanted<'_> {
    /// Whether it is this one: what one side writes, the other reads.
    const fn is(self, other: Names<'_>, role: Role) -> bool {
        let (old, new) = match self {
            Self::OfOld(old) => (old, other),
            Self::OfNew(new) => (other, new),
        };
        match role {
            Role::Argument => new.read(old.name),
            Role::Answer => old.read(new.name),
        }
    }
}

/// The field that is wanted, also among those that stand in the place of another.
pub(super) const fn find<'a>(
    types: &'a [Definition],
    fields: &'a [Field],
    wanted: Wanted<'_>,
    role: Role,
    inside: &Inside<'_, 'a>,
) -> Option<&'a Field> {
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        if field.flatten {
            if let Seen::Struct(within, _) = seen(field.shape.get(), types, inside)
                && let Some(field) = find(types, within, wanted, role, inside)
            {
                return Some(field);
            }
        } else if wanted.is(Names::of_field(field), role) {
            return Some(field);
        }
        at += 1;
    }
    None
}

/// The value that is wanted.
pub(super) const fn value<'a>(values: &'a [Value], wanted: Wanted<'_>, role: Role) -> Option<&'a Value> {
    let mut at = 0;
    while at < values.len() {
        if wanted.is(Names::of_value(&values[at]), role) {
            return Some(&values[at]);
        }
        at += 1;
    }
    None
}

/// Whether each of the values is written as its name alone.
pub(super) const fn are_words(values: &[Value]) -> bool {
    let mut at = 0;
    while at < values.len() {
        if !matches!(values[at].content, Content::Unit) {
            return false;
        }
        at += 1;
    }
    true
}

pub(super) const fn same_tagging(a: &Tagging, b: &Tagging) -> bool {
    match (a, b) {
        (Tagging::External, Tagging::External) | (Tagging::Untagged, Tagging::Untagged) => true,
        (Tagging::Internal(a), Tagging::Internal(b)) => same(text(a), text(b)),
        (Tagging::Adjacent(a, x), Tagging::Adjacent(b, y)) => {
            same(text(a), text(b)) && same(text(x), text(y))
        }
        _ => false,
    }
}

pub(super) const fn is_same_number(a: &Shape, b: &Shape) -> bool {
    match (a, b) {
        (Shape::Integer { signed, bits }, Shape::Integer { signed: s, bits: b }) => {
            *signed == *s && *bits == *b
        }
        (Shape::Float { bits }, Shape::Float { bits: b }) => *bits == *b,
        _ => false,
    }
}

/// Whether `wide` holds every value of `narrow`.
pub(super) const fn is_wider(narrow: &Shape, wide: &Shape) -> bool {
    match (narrow, wide) {
        (Shape::Integer { signed, bits }, Shape::Integer { signed: s, bits: b }) => {
            *bits < *b && (*signed == *s || !*signed)
        }
        (Shape::Float { bits }, Shape::Float { bits: b }) => *bits < *b,
        (Shape::Char, Shape::Text) => true,
        _ => false,
    }
}
