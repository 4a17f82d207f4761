//! `Wire` for a type: what serde makes of it, as a constant.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;
use syn::ext::IdentExt;

use crate::model::wire_type::{Body, Content, Field, Held, Tagging, Value, WireType, stand_in};

pub(crate) fn expand(ty: &WireType) -> TokenStream {
    let WireType {
        ident,
        runtime,
        docs,
        rounds,
        ..
    } = ty;
    let mut generics = ty.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(syn::parse_quote!(#runtime::Wire));
    }
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let name = ident.unraw().to_string();
    let body = body(runtime, &ty.body);
    let rounds = rounds.iter().map(|name| {
        let (stand_in, name) = (stand_in(name), name.unraw().to_string());
        quote! {
            struct #stand_in;

            impl #runtime::Wire for #stand_in {
                const SHAPE: &'static #runtime::shape::Shape =
                    &#runtime::shape::Shape::Name(#runtime::shape::Text::Borrowed(#name));
            }
        }
    });
    quote! {
        const _: () = {
            #(#rounds)*

            impl #parameters #runtime::Wire for #ident #arguments #bounds {
                const SHAPE: &'static #runtime::shape::Shape =
                    &#runtime::shape::Shape::Type(&#runtime::shape::Definition {
                        name: #runtime::shape::Text::Borrowed(#name),
                        docs: #runtime::shape::Text::Borrowed(#docs),
                        body: #runtime::shape::Body::#body,
                    });
            }
        };
    }
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
    let Value { name, docs, content } = value;
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
        docs: #runtime::shape::Text::Borrowed(#docs),
        content: #runtime::shape::Content::#content,
    })
}

fn fields(runtime: &Path, fields: &[Field]) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let Field {
            name,
            docs,
            held,
            default,
            omittable,
            flatten,
        } = field;
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
            docs: #runtime::shape::Text::Borrowed(#docs),
            shape: #link,
            optional: #optional,
            omittable: #omittable,
            flatten: #flatten,
        })
    });
    list(runtime, fields)
}

/// A list that lives as long as the program, also in a type with parameters.
fn list(runtime: &Path, items: impl Iterator<Item = TokenStream>) -> TokenStream {
    quote!(#runtime::shape::List::Borrowed(const { &[#(#items),*] }))
}
