//! The server's half: a `match` on the method's name; each arm reads the arguments, runs the method, answers.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Names, at, constant, manager_bound, shared};
use crate::model::{Api, Method};
use crate::types;

pub(super) fn expand(api: &Api) -> TokenStream {
    let Names { marker, .. } = Names::of(api);
    let runtime = &api.runtime;
    let shared = shared(&api.item.attrs);
    let bound = manager_bound(api);
    let locals = Locals::new();
    let Locals { manager, request, .. } = &locals;
    let asked = match &api.accepts {
        None => quote!(#request.method()),
        // A method may be in one major and not in the other.
        Some(_) => quote!(__rpc::method_of(&#request, <Self as #runtime::Api>::SPEC)),
    };
    let arms = api.sound_methods().map(|method| arm(api, method, &locals));
    let deprecated = deprecated(api);
    quote! {
        #(#shared)*
        #deprecated
        impl<__M> #runtime::Serve<__M> for #marker
        where
            __M: #bound,
        {
            fn dispatch(#manager: &__M, #request: #runtime::Incoming) -> #runtime::Dispatch<'_> {
                use #runtime::__private as __rpc;
                match #asked {
                    #(#arms)*
                    _ => __rpc::no_such_method(&#request),
                }
            }
        }
    }
}

/// A server serves what callers are told to leave.
fn deprecated(api: &Api) -> Option<TokenStream> {
    let attrs = api.methods().flat_map(|method| &method.declared.attrs);
    let mut attrs = api.item.attrs.iter().chain(attrs);
    let says = |attr: &syn::Attribute| attr.path().is_ident("deprecated") || attr.path().is_ident("cfg_attr");
    attrs.any(says).then(|| quote!(#[allow(deprecated)]))
}

/// Names of ours beside the user's argument names: hygiene keeps them apart.
struct Locals {
    manager: Ident,
    request: Ident,
    ctx: Ident,
}

impl Locals {
    fn new() -> Self {
        let local = |name| Ident::new(name, Span::mixed_site());
        Self {
            manager: local("manager"),
            request: local("request"),
            ctx: local("ctx"),
        }
    }
}

fn arm(api: &Api, method: &Method, locals: &Locals) -> TokenStream {
    let name = &api.item.ident;
    let Locals {
        manager,
        request,
        ctx,
    } = locals;
    let span = at(method.ident());
    let shared = shared(&method.declared.attrs);
    let names = [&method.wire].into_iter().chain(&method.aliases);
    let names = names.map(|name| &name.value);
    let (ident, constant) = (method.ident(), constant(method));
    let context = method.context.as_ref().map(|context| &context.ty);
    let take = format_ident!("take{}", method.arguments.len());
    let types = method.arguments.iter().map(|argument| &argument.ty);
    let arguments: Vec<&Ident> = method.arguments.iter().map(|argument| &argument.ident).collect();
    let arguments_of = quote!(#manager, &#ctx, #(#arguments),*);
    let returned = quote_spanned!(span=> #name::#ident(#arguments_of).await);
    let answer = answer(method, &returned);
    quote_spanned! {span=>
        #(#shared)*
        #(#names)|* => ::std::boxed::Box::pin(async move {
            let (#ctx, #(#arguments),*) =
                __rpc::#take::<Self, #context, #(#types),*>(&#request, Self::#constant)?;
            #answer
        }),
    }
}

/// What the runtime makes of what the method returned.
fn answer(method: &Method, returned: &TokenStream) -> TokenStream {
    let span = at(method.ident());
    let Some(ty) = types::output(&method.declared.sig.output).filter(|ty| !types::is_unit(ty)) else {
        return quote_spanned!(span=> __rpc::done(#returned));
    };
    if !method.kinds.answers() && types::result(ty).is_none_or(|(_, error)| error.is_none()) {
        return quote_spanned!(span=> __rpc::unanswered::<#ty>(#returned));
    }
    let stream = method.kinds.stream.is_some();
    let name = Ident::new(if stream { "stream" } else { "answer" }, span);
    // Types as written, where they are: rustc then points at one that does not travel.
    let types = match types::result(ty) {
        Some((value, Some(error))) if !stream => quote!(::<#value, #error>),
        Some((value, Some(error))) => match types::items(value) {
            Some(item) => quote!(::<#item, #error>),
            None => quote!(),
        },
        _ => quote!(),
    };
    quote_spanned!(span=> __rpc::#name #types(#returned))
}
