//! Model to tokens, one file an emitted item. Nothing here fails, and nothing here decides: every line of an
//! expansion that does work is a call of the runtime.

mod client;
mod declaration;
mod described;
mod dispatch;
mod failure;
mod marker;
mod periodic;
mod release;
mod released;
mod senders;
mod service;
mod shape;
mod wire_type;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Meta, Path, Type};

use crate::errors::Place;
use crate::model::{Api, Method};
use crate::types;

/// The trait and what stands beside it.
pub(crate) fn api(api: &Api) -> TokenStream {
    let parts = [
        declaration::expand(api),
        marker::expand(api),
        release::expand(api),
        dispatch::expand(api),
        client::expand(api),
        senders::expand(api),
        released::expand(api),
    ];
    let mut tokens: TokenStream = parts.into_iter().collect();
    tokens.extend(described::expand(api, &tokens));
    tokens
}

pub(crate) use failure::expand as error_type;
pub(crate) use periodic::expand as periodic_tasks;
pub(crate) use service::expand as service;
pub(crate) use wire_type::expand as wire_type;

/// The names beside the trait's, all made of it.
struct Names<'a> {
    api: &'a Ident,
    marker: Ident,
    client: Ident,
    caller: Ident,
    caster: Ident,
    fanout: Ident,
    release: Ident,
}

impl<'a> Names<'a> {
    fn of(api: &'a Api) -> Self {
        let api = &api.item.ident;
        // Made names: lints that a user would have to answer for do not see them.
        let named = |kind| format_ident!("{api}{kind}", span = at(api));
        Self {
            api,
            marker: named("Api"),
            client: named("Client"),
            caller: named("Caller"),
            caster: named("Caster"),
            fanout: named("Fanout"),
            release: named("Release"),
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

/// Where the user wrote `ident`. What rustc finds wrong with tokens that stand there, it says there.
fn at(ident: &Ident) -> Span {
    Span::call_site().located_at(ident.span())
}

/// The visibility that all shares with the trait: the first token of an item, whose lints are then no more the user's than
/// the rest of it.
fn visibility(api: &Api) -> TokenStream {
    let tokens = api.item.vis.to_token_stream().into_iter().map(|mut token| {
        token.set_span(Span::call_site().located_at(token.span()));
        token
    });
    tokens.collect()
}

/// The path of the runtime, standing at `span`.
fn runtime_at(runtime: &Path, span: Span) -> TokenStream {
    let tokens = quote!(#runtime).into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    tokens.collect()
}

/// A doc comment, as a user would write it: a line each, after a space.
fn doc(text: &str) -> TokenStream {
    text.lines()
        .map(|line| {
            let line = if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        })
        .collect()
}

/// What everything made of an item shares with it: `#[cfg]`, and the lints that its author lets pass. What is expected
/// there need not come up here.
fn shared(attrs: &[Attribute]) -> impl Iterator<Item = TokenStream> + Clone {
    attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(#[allow(#lints)]))
        }
        meta => meta.path().is_ident("cfg").then(|| quote!(#attr)),
    })
}

/// What a client's method shares with the trait's besides: docs and `#[deprecated]`.
fn shown(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc") || attr.path().is_ident("deprecated"))
}

/// Clippy counts to 7, with `&self` and the context. Here a count is a matter of the wire, where names tell arguments
/// apart.
fn many(method: &Method) -> Option<TokenStream> {
    (method.arguments.len() > 5).then(|| quote!(#[allow(clippy::too_many_arguments)]))
}

/// The value and the error of a method that answers.
fn answer(api: &Api, method: &Method) -> (TokenStream, TokenStream) {
    let Some(ty) = types::output(&method.declared.sig.output) else {
        return (quote!(()), quote!(::core::convert::Infallible));
    };
    match types::result(ty) {
        Some((value, Some(error))) => (quote!(#value), quote!(#error)),
        // An alias: the compiler knows what it stands for.
        _ => {
            let runtime = &api.runtime;
            let part = |part| projection(ty, &quote!(#runtime::__private::Outcome), part);
            (part("Value"), part("Error"))
        }
    }
}

/// The value that a method answers with, or what each item of its answer is; and the error.
fn answered(api: &Api, method: &Method) -> (TokenStream, TokenStream) {
    let (value, error) = answer(api, method);
    if method.kinds.stream.is_none() {
        return (value, error);
    }
    let value = types::output(&method.declared.sig.output)
        .and_then(types::result)
        .map_or(value, |(items, _)| item(&api.runtime, items));
    (value, error)
}

/// The type of the items that a stream answers with.
fn item(runtime: &Path, value: &Type) -> TokenStream {
    match types::items(value) {
        Some(item) => quote!(#item),
        None => projection(value, &quote!(#runtime::__private::Several), "Item"),
    }
}

/// `<ty as of>::part`, with its ends where `ty` has them: rustc then points at the type if it is not `of`.
fn projection(ty: &Type, of: &TokenStream, part: &str) -> TokenStream {
    let place = Place::of(ty);
    let open = quote_spanned!(place.start()=> <);
    let part = Ident::new(part, place.end());
    quote!(#open #ty as #of>::#part)
}
