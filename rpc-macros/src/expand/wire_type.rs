//! `Wire` for a type: what serde makes of it, as a constant.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::shape;
use crate::model::wire_type::{WireType, stand_in};

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
        // Of what is opaque or left out, nobody asks what it is.
        if ty.body.asks_of(&parameter.ident) {
            parameter.bounds.push(syn::parse_quote!(#runtime::Wire));
        }
    }
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let name = ident.unraw().to_string();
    // A generic type is as many as it has arguments.
    let is_one = ty.generics.type_params().next().is_none() && ty.generics.const_params().next().is_none();
    let origin = match is_one {
        true => quote!(::core::concat!(
            ::core::module_path!(),
            ":",
            ::core::line!(),
            ":",
            ::core::column!()
        )),
        false => quote!(""),
    };
    let definition = shape::definition(runtime, &name, &origin, docs, &ty.body);
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
                    &#runtime::shape::Shape::Type(&#definition);
            }
        };
    }
}
