//! `RpcServer` for a struct of managers: a request goes to the first API it is for. Two APIs of one namespace and
//! major version do not compile.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Generics, parse_quote};

use super::{at, runtime_at};
use crate::model::{Served, Service};
use crate::print;

pub(crate) fn expand(service: &Service) -> TokenStream {
    let Service {
        ident,
        runtime,
        served,
        ..
    } = service;
    let generics = bounded(service);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let request = Ident::new("request", Span::mixed_site());
    let specs: Vec<TokenStream> = served
        .iter()
        .map(|Served { api, .. }| quote!(<#api as #runtime::Api>::SPEC))
        .collect();
    let keys = served.iter().map(|Served { api, member, .. }| {
        let name = print::text(member);
        quote!((<#api as #runtime::Api>::SPEC, #name))
    });
    let tries = served.iter().map(|Served { api, member, manager }| {
        quote! {
            if #request.is_for(<#api as #runtime::Api>::SPEC) {
                return <#api as #runtime::Serve<#manager>>::dispatch(&self.#member, #request);
            }
        }
    });
    // Two of one key are a mistake of the struct: it gets the caret.
    let span = at(ident);
    let there = runtime_at(runtime, span);
    let keys = quote_spanned!(span=> (&[#(#keys),*]));
    let assert_disjoint = quote_spanned!(span=> #there::__private::assert_disjoint #keys);
    quote! {
        impl #parameters #runtime::RpcServer for #ident #arguments #bounds {
            fn apis(&self) -> &[&'static #runtime::ApiSpec] {
                const APIS: &[&#runtime::ApiSpec] = &[#(#specs),*];
                APIS
            }

            fn dispatch(&self, #request: #runtime::Incoming) -> #runtime::Dispatch<'_> {
                #(#tries)*
                #runtime::__private::unsupported_version(&#request)
            }
        }

        const _: () = #assert_disjoint;
    }
}

/// The struct's generics. With parameters, that its managers serve is for whoever fills them in.
fn bounded(service: &Service) -> Generics {
    let mut generics = service.generics.clone();
    if generics.params.is_empty() {
        return generics;
    }
    let runtime = &service.runtime;
    let bounds = generics.make_where_clause();
    bounds.predicates.push(parse_quote! {
        Self: ::core::marker::Send + ::core::marker::Sync + 'static
    });
    for Served { api, manager, .. } in &service.served {
        bounds
            .predicates
            .push(parse_quote!(#api: #runtime::Serve<#manager>));
    }
    generics
}
