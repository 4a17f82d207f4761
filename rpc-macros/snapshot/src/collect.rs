//! From what the compiler knows to what a file holds: types by name, each once.

use crate::expression;
use crate::shape::{Body, Content, Definition, Field, Link, List, Shape, Text, Value};

/// Collects the types that shapes are made of.
#[derive(Default, Debug)]
pub struct Collector {
    types: Vec<Definition>,
    /// The types that are being looked into: the name in Rust, and the one here.
    inside: Vec<(String, String)>,
    /// The outermost of them that was come round to.
    round_to: usize,
    /// The names here of those that came round to none outside: origin, name in Rust, and name here.
    closed: Vec<(Text, Text, String)>,
}

impl Collector {
    /// The shape with names in the place of types.
    pub fn shape(&mut self, shape: &Shape) -> Shape {
        match shape {
            Shape::Optional(inner) => Shape::Optional(self.link(inner)),
            Shape::List(inner) => Shape::List(self.link(inner)),
            Shape::Array(inner, len) => Shape::Array(self.link(inner), *len),
            Shape::Map(key, value) => Shape::Map(self.link(key), self.link(value)),
            Shape::Tuple(parts) => Shape::Tuple(parts.iter().map(|part| self.link(part)).collect()),
            Shape::Type(definition) => Shape::Name(self.definition(definition).into()),
            Shape::Name(name) => {
                let round = self.inside.iter().rposition(|(rust, _)| rust == name);
                self.round_to = self.round_to.min(round.unwrap_or_default());
                let round = round.and_then(|at| self.inside.get(at));
                round.map_or(Shape::Any, |(_, here)| Shape::Name(here.clone().into()))
            }
            plain => plain.clone(),
        }
    }

    /// The types, by name.
    pub fn into_types(mut self) -> Vec<Definition> {
        self.types.sort_by(|a, b| a.name.cmp(&b.name));
        self.types
    }

    fn link(&mut self, link: &Link) -> Link {
        self.shape(link.get()).into()
    }

    /// The name of the type here. One that many share is looked into once.
    fn definition(&mut self, definition: &Definition) -> String {
        let Definition { name, origin, .. } = definition;
        let known = self
            .closed
            .iter()
            .find(|known| (&known.0, &known.1) == (origin, name));
        if let Some((_, _, here)) = known {
            return here.clone();
        }
        let outer = std::mem::replace(&mut self.round_to, usize::MAX);
        let here = self.named(definition);
        if self.round_to >= self.inside.len() && !origin.is_empty() {
            self.closed.push((origin.clone(), name.clone(), here.clone()));
        }
        self.round_to = self.round_to.min(outer);
        here
    }

    /// Its own name, or a numbered one when that is another's.
    fn named(&mut self, definition: &Definition) -> String {
        let mut number = 1;
        loop {
            let name = match number {
                1 if expression::is_reserved(&definition.name) => format!("{}#1", definition.name),
                1 => definition.name.to_string(),
                number => format!("{}#{number}", definition.name),
            };
            let body = self.body(definition, &name);
            let candidate = Definition {
                name: name.clone().into(),
                origin: Text::default(),
                docs: definition.docs.clone(),
                body,
            };
            match self.types.iter().find(|known| known.name == name) {
                None => {
                    self.types.push(candidate);
                    return name;
                }
                // Their text says all there is to say.
                Some(known) if format!("{:?}", known.body) == format!("{:?}", candidate.body) => return name,
                Some(_) => number += 1,
            }
        }
    }

    fn body(&mut self, definition: &Definition, name: &str) -> Body {
        self.inside.push((definition.name.to_string(), name.to_owned()));
        let body = match &definition.body {
            Body::Same(shape) => Body::Same(self.link(shape)),
            Body::Struct { fields, strict } => Body::Struct {
                fields: self.fields(fields),
                strict: *strict,
            },
            Body::Enum {
                tagging,
                values,
                open,
            } => Body::Enum {
                tagging: tagging.clone(),
                values: values.iter().map(|value| self.value(value)).collect(),
                open: *open,
            },
        };
        self.inside.pop();
        body
    }

    fn value(&mut self, value: &Value) -> Value {
        Value {
            content: match &value.content {
                Content::Unit => Content::Unit,
                Content::Shape(shape) => Content::Shape(self.link(shape)),
                Content::Fields(fields) => Content::Fields(self.fields(fields)),
            },
            ..value.clone()
        }
    }

    fn fields(&mut self, fields: &List<Field>) -> List<Field> {
        let fields = fields.iter().map(|field| Field {
            shape: self.link(&field.shape),
            ..field.clone()
        });
        fields.collect()
    }
}
