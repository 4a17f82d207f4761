//! The trait as declared. The one rewrite: `async fn f() -> T` to a future that is `Send`, which whoever implements
//! the trait with `async fn` does not see, and which rustdoc does not show.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ReturnType, TraitItemFn};

use super::many;
use crate::model::{Api, Member, Method};

pub(super) fn expand(api: &Api) -> TokenStream {
    let item = &api.item;
    let syn::ItemTrait {
        attrs,
        vis,
        unsafety,
        trait_token,
        ident,
        generics,
        colon_token,
        supertraits,
        ..
    } = item;
    let bounds = &generics.where_clause;
    let members = api.members.iter().map(|member| match member {
        Member::Method(method) if method.sound => promised(method),
        Member::Method(method) => as_written(method),
        Member::Other(item) => item.to_token_stream(),
    });
    let unimplemented = unimplemented(api);
    quote! {
        #(#attrs)*
        #unimplemented
        #vis #unsafety #trait_token #ident #generics #colon_token #supertraits #bounds {
            #(#members)*
        }
    }
}

/// What rustc says of a manager that lacks the trait.
fn unimplemented(api: &Api) -> Option<TokenStream> {
    let own = api.item.attrs.iter().any(|attr| {
        let path = &attr.path().segments;
        path.first().is_some_and(|first| first.ident == "diagnostic")
            && path.last().is_some_and(|last| last.ident == "on_unimplemented")
    });
    if own {
        return None;
    }
    let name = &api.item.ident;
    let message = format!("`{{Self}}` does not serve `{name}`");
    let note = format!("write `impl {name} for {{Self}}`");
    Some(quote!(#[diagnostic::on_unimplemented(
        message = #message,
        label = "not a manager of this API",
        note = #note
    )]))
}

fn promised(method: &Method) -> TokenStream {
    let TraitItemFn { attrs, sig, .. } = &method.declared;
    let output = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let mut future = sig.clone();
    // A future that is not Send is blamed on this word of the user's.
    let send = quote_spanned!(sig.asyncness.span()=> ::core::marker::Send);
    let many = many(method);
    future.asyncness = None;
    future.output = ReturnType::Default;
    quote! {
        #(#attrs)*
        #many
        #[cfg(not(doc))]
        #future -> impl ::core::future::Future<Output = #output> + #send;
        #(#attrs)*
        #[cfg(doc)]
        #sig;
    }
}

/// A method that is told to be wrong: whatever else is written against it still finds it.
fn as_written(method: &Method) -> TokenStream {
    let declared = &method.declared;
    quote! {
        #[allow(async_fn_in_trait, unused_variables)]
        #declared
    }
}
