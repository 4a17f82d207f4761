//! Shapes and types as constants, in the words of the runtime's `shape`.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use rpc_snapshot::{Link, Shape};
use syn::Path;

use crate::model::wire_type::{Body, Content, Field, Held, Tagging, Value};

/// A type. `origin` is a text that tells it from all others of its name.
pub(super) fn definition(
    runtime: &Path,
    name: &str,
    origin: &TokenStream,
    docs: &str,
    body: &Body,
) -> TokenStream {
    let body = self::body(runtime, body);
    quote!(#runtime::shape::Definition {
        name: #runtime::shape::Text::Borrowed(#name),
        origin: #runtime::shape::Text::Borrowed(#origin),
        docs: #runtime::shape::Text::Borrowed(#docs),
        body: #runtime::shape::Body::#body,
    })
}

/// A shape that a snapshot holds.
pub(super) fn shape(runtime: &Path, shape: &Shape) -> TokenStream {
    let known = |link: &Link| {
        let shape = self::shape(runtime, link.get());
        quote!(#runtime::shape::Link::Known(&#shape))
    };
    let shape = match shape {
        Shape::Any => quote!(Any),
        Shape::Null => quote!(Null),
        Shape::Bool => quote!(Bool),
        Shape::Char => quote!(Char),
        Shape::Text => quote!(Text),
        Shape::Integer { signed, bits } => {
            let bits = Literal::u8_unsuffixed(*bits);
            quote!(Integer { signed: #signed, bits: #bits })
        }
        Shape::Float { bits } => {
            let bits = Literal::u8_unsuffixed(*bits);
            quote!(Float { bits: #bits })
        }
        Shape::Optional(inner) => {
            let inner = known(inner);
            quote!(Optional(#inner))
        }
        Shape::List(inner) => {
            let inner = known(inner);
            quote!(List(#inner))
        }
        Shape::Array(inner, len) => {
            let (inner, len) = (known(inner), Literal::usize_unsuffixed(*len));
            quote!(Array(#inner, #len))
        }
        Shape::Map(key, value) => {
            let (key, value) = (known(key), known(value));
            quote!(Map(#key, #value))
        }
        Shape::Tuple(parts) => {
            let parts = list(runtime, parts.iter().map(known));
            quote!(Tuple(#parts))
        }
        Shape::Type(definition) => {
            let name = &*definition.name;
            quote!(Name(#runtime::shape::Text::Borrowed(#name)))
        }
        Shape::Name(name) => {
            let name = &**name;
            quote!(Name(#runtime::shape::Text::Borrowed(#name)))
        }
    };
    quote!(#runtime::shape::Shape::#shape)
}

fn body(runtime: &Path, body: &Body) -> TokenStream {
    match body {
        Body::Same(held) => {
            let link = link(runtime, held);
            quote!(Same(#link))
        }
        Body::Tuple(places) => {
            let link = tuple(runtime, places);
            quote!(Same(#link))
        }
        Body::Null => quote!(Same(#runtime::shape::Link::Known(&#runtime::shape::Shape::Null))),
        Body::Struct { fields, strict } => {
            let fields = self::fields(runtime, fields);
            quote!(Struct { fields: #fields, strict: #strict })
        }
        Body::Enum {
            tagging,
            values,
            open,
        } => {
            let tagging = self::tagging(runtime, tagging);
            let values = list(runtime, values.iter().map(|value| self::value(runtime, value)));
            quote!(Enum { tagging: #tagging, values: #values, open: #open })
        }
    }
}

fn link(runtime: &Path, held: &Held) -> TokenStream {
    let shape = match held {
        Held::Type(ty) => quote!(<#ty as #runtime::Wire>::SHAPE),
        Held::Shape(shape) => {
            let shape = self::shape(runtime, shape);
            quote!(&#shape)
        }
        Held::Opaque => quote!(&#runtime::shape::Shape::Any),
    };
    quote!(#runtime::shape::Link::Known(#shape))
}

fn tuple(runtime: &Path, places: &[Held]) -> TokenStream {
    let places = list(runtime, places.iter().map(|place| link(runtime, place)));
    quote!(#runtime::shape::Link::Known(&#runtime::shape::Shape::Tuple(#places)))
}

fn tagging(runtime: &Path, tagging: &Tagging) -> TokenStream {
    let text = |text| quote!(#runtime::shape::Text::Borrowed(#text));
    let tagging = match tagging {
        Tagging::External => quote!(External),
        Tagging::Internal(tag) => {
            let tag = text(tag);
            quote!(Internal(#tag))
        }
        Tagging::Adjacent(tag, content) => {
            let (tag, content) = (text(tag), text(content));
            quote!(Adjacent(#tag, #content))
        }
        Tagging::Untagged => quote!(Untagged),
    };
    quote!(#runtime::shape::Tagging::#tagging)
}

fn value(runtime: &Path, value: &Value) -> TokenStream {
    let Value {
        name,
        aliases,
        docs,
        content,
    } = value;
    let aliases = self::aliases(runtime, aliases);
    let content = match content {
        Content::Unit => quote!(Unit),
        Content::One(held) => {
            let link = link(runtime, held);
            quote!(Shape(#link))
        }
        Content::Tuple(places) => {
            let link = tuple(runtime, places);
            quote!(Shape(#link))
        }
        Content::Fields(fields) => {
            let fields = self::fields(runtime, fields);
            quote!(Fields(#fields))
        }
    };
    quote!(#runtime::shape::Value {
        name: #runtime::shape::Text::Borrowed(#name),
        aliases: #aliases,
        docs: #runtime::shape::Text::Borrowed(#docs),
        content: #runtime::shape::Content::#content,
    })
}

fn fields(runtime: &Path, fields: &[Field]) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let Field {
            name,
            aliases,
            docs,
            held,
            default,
            omittable,
            flatten,
        } = field;
        let aliases = self::aliases(runtime, aliases);
        let link = link(runtime, held);
        // serde does without an `Option`, whatever it is called.
        let optional = match held {
            Held::Type(ty) if !default => {
                quote!(#runtime::__private::is_optional(<#ty as #runtime::Wire>::SHAPE))
            }
            _ => default.to_token_stream(),
        };
        quote!(#runtime::shape::Field {
            name: #runtime::shape::Text::Borrowed(#name),
            aliases: #aliases,
            docs: #runtime::shape::Text::Borrowed(#docs),
            shape: #link,
            optional: #optional,
            omittable: #omittable,
            flatten: #flatten,
        })
    });
    list(runtime, fields)
}

fn aliases(runtime: &Path, aliases: &[String]) -> TokenStream {
    let aliases = aliases
        .iter()
        .map(|alias| quote!(#runtime::shape::Text::Borrowed(#alias)));
    list(runtime, aliases)
}

/// A list that lives as long as the program, also in a type with parameters.
fn list(runtime: &Path, items: impl Iterator<Item = TokenStream>) -> TokenStream {
    quote!(#runtime::shape::List::Borrowed(const { &[#(#items),*] }))
}
