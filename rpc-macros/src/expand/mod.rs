//! Model to tokens, one file an emitted item. Nothing here fails, and nothing here decides: every line of an
//! expansion that does work is a call of the runtime.

mod client;
mod declaration;
mod dispatch;
mod failure;
mod marker;
mod senders;
mod service;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Type};

use crate::model::{Api, Method};
use crate::types;

/// The trait and what stands beside it.
pub(crate) fn api(api: &Api) -> TokenStream {
    let parts = [
        declaration::expand(api),
        marker::expand(api),
        dispatch::expand(api),
        client::expand(api),
        senders::expand(api),
    ];
    parts.into_iter().collect()
}

pub(crate) use failure::expand as error_type;
pub(crate) use service::expand as service;

/// The names beside the trait's, all made of it.
struct Names<'a> {
    api: &'a Ident,
    marker: Ident,
    client: Ident,
    caller: Ident,
    caster: Ident,
    fanout: Ident,
}

impl<'a> Names<'a> {
    fn of(api: &'a Api) -> Self {
        let api = &api.item.ident;
        Self {
            api,
            marker: format_ident!("{api}Api"),
            client: format_ident!("{api}Client"),
            caller: format_ident!("{api}Caller"),
            caster: format_ident!("{api}Caster"),
            fanout: format_ident!("{api}Fanout"),
        }
    }
}

/// What a manager must be.
fn manager_bound(api: &Api) -> TokenStream {
    let shared = quote!(::core::marker::Send + ::core::marker::Sync + 'static);
    if api.sound {
        let name = &api.item.ident;
        quote!(#name + #shared)
    } else {
        shared
    }
}

/// The constant that holds the method's spec.
fn constant(method: &Method) -> Ident {
    let name = syn::ext::IdentExt::unraw(method.ident());
    Ident::new(&name.to_string().to_uppercase(), method.ident().span())
}

/// `#[cfg]`, which everything made of an item shares with it.
fn cfgs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> + Clone {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

/// What a client's method shares with the trait's: docs, `#[cfg]`, `#[deprecated]`.
fn shown(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| {
        ["doc", "cfg", "deprecated"]
            .iter()
            .any(|name| attr.path().is_ident(name))
    })
}

/// The value and the error of a method that answers.
fn answer(api: &Api, method: &Method) -> (TokenStream, TokenStream) {
    let runtime = &api.runtime;
    match types::output(&method.declared.sig.output) {
        None => (quote!(()), quote!(::core::convert::Infallible)),
        Some(ty) => match types::result(ty) {
            Some((value, Some(error))) => (quote!(#value), quote!(#error)),
            // An alias: the compiler knows what it stands for.
            _ => (
                quote!(<#ty as #runtime::__private::Outcome>::Value),
                quote!(<#ty as #runtime::__private::Outcome>::Error),
            ),
        },
    }
}

/// The type of the items that a stream answers with.
fn item(runtime: &syn::Path, value: &Type) -> TokenStream {
    match types::name_and_arguments(value) {
        Some((name, arguments)) if name == "Items" && arguments.len() == 2 => {
            let item = arguments.first();
            quote!(#item)
        }
        _ => quote!(<#value as #runtime::__private::Several>::Item),
    }
}
