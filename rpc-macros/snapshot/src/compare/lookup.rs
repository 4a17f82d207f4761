//! What a name stands for, and what two parts of shapes have in common. Each can run in a constant.

use crate::shape::{Body, Definition, Field, Shape, Tagging, Value, list, same, text};

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

/// The field of this name, also among those that stand in the place of another.
pub(super) const fn find<'a>(
    types: &'a [Definition],
    fields: &'a [Field],
    name: &str,
    inside: &Inside<'_, 'a>,
) -> Option<&'a Field> {
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        if field.flatten {
            if let Seen::Struct(within, _) = seen(field.shape.get(), types, inside)
                && let Some(field) = find(types, within, name, inside)
            {
                return Some(field);
            }
        } else if same(text(&field.name), name) {
            return Some(field);
        }
        at += 1;
    }
    None
}

/// The value of this name, or at this place when names do not travel.
pub(super) const fn value<'a>(
    values: &'a [Value],
    at: usize,
    name: &str,
    untagged: bool,
) -> Option<&'a Value> {
    if untagged {
        return if at < values.len() {
            Some(&values[at])
        } else {
            None
        };
    }
    let mut at = 0;
    while at < values.len() {
        if same(text(&values[at].name), name) {
            return Some(&values[at]);
        }
        at += 1;
    }
    None
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
