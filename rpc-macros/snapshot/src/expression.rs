//! Shapes as text: `u32`, `text?`, `[Host]`, `[u8;4]`, `{text:any}`, `(bool,text)`, and the names of types.

use std::fmt;

use crate::shape::{Link, Shape};

/// The words that are shapes, and so no names of types.
pub(crate) fn is_reserved(name: &str) -> bool {
    plain(name).is_some()
}

fn plain(word: &str) -> Option<Shape> {
    let integer = |signed, bits| Some(Shape::Integer { signed, bits });
    match word {
        "any" => Some(Shape::Any),
        "null" => Some(Shape::Null),
        "bool" => Some(Shape::Bool),
        "char" => Some(Shape::Char),
        "text" => Some(Shape::Text),
        "f32" => Some(Shape::Float { bits: 32 }),
        "f64" => Some(Shape::Float { bits: 64 }),
        "u8" => integer(false, 8),
        "u16" => integer(false, 16),
        "u32" => integer(false, 32),
        "u64" => integer(false, 64),
        "u128" => integer(false, 128),
        "i8" => integer(true, 8),
        "i16" => integer(true, 16),
        "i32" => integer(true, 32),
        "i64" => integer(true, 64),
        "i128" => integer(true, 128),
        _ => None,
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Char => f.write_str("char"),
            Self::Text => f.write_str("text"),
            Self::Integer { signed, bits } => write!(f, "{}{bits}", if *signed { 'i' } else { 'u' }),
            Self::Float { bits } => write!(f, "f{bits}"),
            Self::Optional(inner) => write!(f, "{}?", inner.get()),
            Self::List(inner) => write!(f, "[{}]", inner.get()),
            Self::Array(inner, len) => write!(f, "[{};{len}]", inner.get()),
            Self::Map(key, value) => write!(f, "{{{}:{}}}", key.get(), value.get()),
            Self::Tuple(parts) => {
                f.write_str("(")?;
                for (at, part) in parts.iter().enumerate() {
                    write!(f, "{}{}", if at > 0 { "," } else { "" }, part.get())?;
                }
                f.write_str(")")
            }
            Self::Type(definition) => f.write_str(&definition.name),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Reads a shape; `None` for what is none.
pub(crate) fn read(text: &str) -> Option<Shape> {
    let mut reader = Reader { rest: text, depth: 0 };
    let shape = reader.shape()?;
    reader.rest.is_empty().then_some(shape)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Deeper ones are no types of anybody's, and would cost the stack.
    const DEEPEST: usize = 64;

    fn shape(&mut self) -> Option<Shape> {
        self.depth += 1;
        if self.depth > Self::DEEPEST {
            return None;
        }
        let mut shape = if self.eat("[") {
            self.list()?
        } else if self.eat("{") {
            let key = self.shape()?;
            self.expect(":")?;
            let value = self.shape()?;
            self.expect("}")?;
            Shape::Map(key.into(), value.into())
        } else if self.eat("(") {
            let mut parts = Vec::new();
            while !self.eat(")") {
                if !parts.is_empty() {
                    self.expect(",")?;
                }
                parts.push(self.shape()?.into());
            }
            Shape::Tuple(parts.into())
        } else {
            let word = self.word();
            match plain(word) {
                Some(shape) => shape,
                None if word.is_empty() => return None,
                None => Shape::Name(word.to_owned().into()),
            }
        };
        let mut optional = 0;
        while self.eat("?") {
            optional += 1;
            if optional > Self::DEEPEST {
                return None;
            }
            shape = Shape::Optional(shape.into());
        }
        self.depth -= 1;
        Some(shape)
    }

    fn list(&mut self) -> Option<Shape> {
        let inner: Link = self.shape()?.into();
        if self.eat("]") {
            return Some(Shape::List(inner));
        }
        self.expect(";")?;
        let len = self.word().parse().ok()?;
        self.expect("]")?;
        Some(Shape::Array(inner, len))
    }

    fn word(&mut self) -> &'a str {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '#'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        self.eat(token).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "any",
            "text?",
            "[[u8;4]]",
            "{text:[Host?]}?",
            "(bool,(i64),())",
            "Page#2",
            "u128",
            "char",
            "f32",
        ] {
            assert_eq!(read(text).map(|shape| shape.to_string()).as_deref(), Some(text));
        }
        assert!(is_reserved("text") && !is_reserved("Text"));
    }

    #[test]
    fn what_is_no_shape_is_refused() {
        let deep = format!("{}u8{}", "[".repeat(100_000), "]".repeat(100_000));
        let doubtful = format!("u8{}", "?".repeat(100_000));
        for text in [
            "", "[", "[u8", "[u8;]", "[u8;x]", "{u8}", "(u8", "(u8,)", "u8 ", "?", "a-b", &deep, &doubtful,
        ] {
            assert!(read(text).is_none(), "{text:.20}");
        }
    }
}
