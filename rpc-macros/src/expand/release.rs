//! `XRelease`: what an operator may name while clients and servers of several releases are about. Only of an API with
//! `releases(..)`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Names, at, doc, shared, visibility};
use crate::model::Api;

pub(super) fn expand(api: &Api) -> TokenStream {
    if api.releases.is_empty() {
        return TokenStream::new();
    }
    let Names {
        api: name,
        marker,
        release,
        ..
    } = &Names::of(api);
    let runtime = &api.runtime;
    let vis = visibility(api);
    let shared: Vec<_> = shared(&api.item.attrs).collect();
    let about = doc(&format!(
        "The releases that speak [`{name}`], as an operator names them."
    ));
    // Their names are the operators', of whom no lint asks another: 'stable_zed' is a good one.
    let variants: Vec<_> = api
        .releases
        .iter()
        .map(|release| {
            let mut variant = release.variant();
            variant.set_span(at(&variant));
            variant
        })
        .collect();
    let docs = api
        .releases
        .iter()
        .map(|release| doc(&format!("Speaks {}.", release.version.value)));
    quote! {
        #about
        #(#shared)*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::fmt::Debug)]
        #vis enum #release {
            #(#docs #variants,)*
        }

        #(#shared)*
        impl #runtime::Release for #release {
            type Api = #marker;
            const ALL: &'static [Self] = &[#(Self::#variants),*];

            fn index(self) -> usize {
                self as usize
            }
        }

        #(#shared)*
        impl ::core::str::FromStr for #release {
            type Err = #runtime::pin::UnknownLevel;

            fn from_str(name: &str) -> ::core::result::Result<Self, Self::Err> {
                <Self as #runtime::Release>::named(name)
            }
        }

        #(#shared)*
        impl ::core::convert::From<#release> for #runtime::Pin {
            fn from(release: #release) -> Self {
                <Self as ::core::convert::From<_>>::from(#runtime::Release::version(release))
            }
        }
    }
}
