//! What an absent argument is: the Rust that the trait has for it, as Python.

use rpc_snapshot::{Argument, Body, Content, Definition, Shape, Tagging};
use syn::{Expr, ExprCall, ExprLit, ExprMacro, ExprMethodCall, ExprUnary, Lit, Token, UnOp};

use super::words::quoted;

/// What stands for an argument that is absent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Default {
    /// This literal.
    Value(String),
    /// This literal, made anew for each call: Python would share it between them.
    Fresh(String),
    /// It is written in words of Rust that only its compiler understands.
    Rust(String),
}

impl Default {
    /// Of an optional argument, in an API of these types.
    pub(super) fn of(argument: &Argument, types: &[Definition]) -> Self {
        let shape = argument.shape.as_ref();
        let (written, literal) = match argument.default.as_deref() {
            None => return Self::Value("None".to_owned()),
            Some("") => ("the default of its type", shape.and_then(of_shape)),
            Some(text) => {
                let expression = syn::parse_str(text).ok();
                let literal = expression.and_then(|of| Reader { types }.expression(&of, shape));
                (text, literal)
            }
        };
        let nullable = matches!(shape, None | Some(Shape::Any | Shape::Optional(_)));
        match literal {
            Some(literal) if !literal.starts_with(['[', '{']) => Self::Value(literal),
            // Where null is a value, it cannot stand for an absent one.
            Some(literal) if !nullable => Self::Fresh(literal),
            _ => Self::Rust(written.to_owned()),
        }
    }
}

/// What `Default` makes of a shape.
fn of_shape(shape: &Shape) -> Option<String> {
    let literal = match shape {
        Shape::Null | Shape::Any | Shape::Optional(_) => "None",
        Shape::Bool => "False",
        Shape::Char => "'\\x00'",
        Shape::Text => "''",
        Shape::Integer { .. } => "0",
        Shape::Float { .. } => "0.0",
        Shape::List(_) => "[]",
        Shape::Map(..) => "{}",
        Shape::Array(inner, len) => return of_shape(inner.get()).map(|one| list(&vec![one; *len])),
        Shape::Tuple(parts) => {
            let parts = parts.iter().map(|part| of_shape(part.get()));
            return parts.collect::<Option<Vec<_>>>().map(|elements| list(&elements));
        }
        // It may have any.
        Shape::Type(_) | Shape::Name(_) => return None,
    };
    Some(literal.to_owned())
}

/// Reads expressions of Rust, as far as they are literals at heart.
struct Reader<'a> {
    types: &'a [Definition],
}

impl Reader<'_> {
    fn expression(&self, expression: &Expr, shape: Option<&Shape>) -> Option<String> {
        match expression {
            Expr::Lit(ExprLit { lit, .. }) => of_literal(lit),
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_),
                expr,
                ..
            }) => self.expression(expr, shape).map(|number| format!("-{number}")),
            Expr::Reference(of) => self.expression(&of.expr, shape),
            Expr::Paren(of) => self.expression(&of.expr, shape),
            Expr::Group(of) => self.expression(&of.expr, shape),
            Expr::Array(of) => self.all(&of.elems, shape),
            Expr::Tuple(of) if of.elems.is_empty() => Some("None".to_owned()),
            Expr::Tuple(of) => self.all(&of.elems, None),
            Expr::Macro(ExprMacro { mac, .. }) if mac.path.is_ident("vec") => {
                let parser = syn::punctuated::Punctuated::<Expr, Token![,]>::parse_terminated;
                self.all(&mac.parse_body_with(parser).ok()?, shape)
            }
            // 'to_owned' and its like are of no concern to Python.
            Expr::MethodCall(ExprMethodCall {
                receiver,
                method,
                args,
                ..
            }) if args.is_empty() => {
                let keeps = ["to_owned", "to_string", "into", "to_vec"];
                let keeps = keeps.iter().any(|keeps| method == keeps);
                keeps.then(|| self.expression(receiver, shape))?
            }
            Expr::Call(ExprCall { func, args, .. }) => {
                let path = words(func)?;
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                match (path.as_slice(), args.len()) {
                    ([.., "Some"], 1) => self.expression(args.first()?, shape.map(inner)),
                    ([.., "from" | "new"], 1) => self.expression(args.first()?, shape),
                    ([.., "String", "new"], 0) => Some("''".to_owned()),
                    ([.., "Vec" | "HashSet" | "BTreeSet" | "VecDeque", "new"], 0) => Some("[]".to_owned()),
                    ([.., "HashMap" | "BTreeMap" | "Map", "new"], 0) => Some("{}".to_owned()),
                    ([.., "default"], 0) => of_shape(shape?),
                    _ => None,
                }
            }
            Expr::Path(_) => {
                let path = words(expression)?;
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                match path.as_slice() {
                    [.., "None"] | [.., "Value", "Null"] => Some("None".to_owned()),
                    [.., of, variant] => self.unit(of, variant),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn all<'e>(&self, elements: impl IntoIterator<Item = &'e Expr>, shape: Option<&Shape>) -> Option<String> {
        let elements = elements.into_iter();
        let elements = elements.map(|element| self.expression(element, shape.map(inner)));
        elements
            .collect::<Option<Vec<_>>>()
            .map(|elements| list(&elements))
    }

    /// A value of an enum that is sent as its name, however the wire spells that.
    fn unit(&self, of: &str, variant: &str) -> Option<String> {
        let named = self.types.iter().find(|found| found.name == of)?;
        let Body::Enum {
            tagging: Tagging::External,
            values,
            ..
        } = &named.body
        else {
            return None;
        };
        let mut found = values
            .iter()
            .filter(|value| folded(&value.name) == folded(variant) && matches!(value.content, Content::Unit));
        match (found.next(), found.next()) {
            (Some(only), None) => Some(quoted(&only.name)),
            _ => None,
        }
    }
}

fn of_literal(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(quoted(&text.value())),
        Lit::Char(letter) => Some(quoted(&letter.value().to_string())),
        Lit::Bool(bool) => Some(if bool.value { "True" } else { "False" }.to_owned()),
        Lit::Int(number) => Some(number.base10_digits().to_owned()),
        Lit::Float(number) => Some(number.base10_digits().to_owned()),
        _ => None,
    }
}

fn list(elements: &[String]) -> String {
    format!("[{}]", elements.join(", "))
}

/// What is within, or the shape where nothing is.
fn inner(shape: &Shape) -> &Shape {
    match shape {
        Shape::Optional(inner) | Shape::List(inner) | Shape::Array(inner, _) => inner.get(),
        shape => shape,
    }
}

/// The words of a path.
fn words(expression: &Expr) -> Option<Vec<String>> {
    let Expr::Path(path) = expression else { return None };
    let words = path.path.segments.iter();
    Some(words.map(|word| word.ident.to_string()).collect())
}

/// Without what conventions of names differ in.
fn folded(name: &str) -> String {
    name.replace(['_', '-'], "").to_lowercase()
}
