//! The server's half: a `match` on the method's name; each arm reads the arguments, runs the method, answers.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Names, cfgs, constant, manager_bound};
use crate::model::{Api, Method};
use crate::types;

pub(super) fn expand(api: &Api) -> TokenStream {
    let Names { marker, .. } = Names::of(api);
    let runtime = &api.runtime;
    let cfg = cfgs(&api.item.attrs);
    let bound = manager_bound(api);
    let locals = Locals::new();
    let Locals { manager, request, .. } = &locals;
    let arms = api.sound_methods().map(|method| arm(api, method, &locals));
    quote! {
        #(#cfg)*
        #[allow(deprecated)]
        impl<__M> #runtime::Serve<__M> for #marker
        where
            __M: #bound,
        {
            fn dispatch(#manager: &__M, #request: #runtime::Incoming) -> #runtime::Dispatch<'_> {
                match #request.method() {
                    #(#arms)*
                    _ => #runtime::__private::no_such_method(&#request),
                }
            }
        }
    }
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
    let Names {
        api: name, marker, ..
    } = Names::of(api);
    let Locals {
        manager,
        request,
        ctx,
    } = locals;
    let runtime = &api.runtime;
    let cfg = cfgs(&method.declared.attrs);
    let names = [&method.wire].into_iter().chain(&method.aliases);
    let names = names.map(|name| &name.value);
    let (ident, constant) = (method.ident(), constant(method));
    let context = method.context.as_ref().map(|context| &context.ty);
    let decode = format_ident!("decode{}", method.arguments.len());
    let types = method.arguments.iter().map(|argument| &argument.ty);
    let arguments: Vec<&Ident> = method.arguments.iter().map(|argument| &argument.ident).collect();
    let answer = answer(method);
    let taken = (!arguments.is_empty()).then(|| quote!(::<#(#types),*>));
    quote! {
        #(#cfg)*
        #(#names)|* => ::std::boxed::Box::pin(async move {
            let #ctx = #runtime::__private::context::<#marker, #context>(&#request)?;
            let (#(#arguments,)*) =
                #runtime::__private::#decode #taken(#request.args(), #marker::#constant.args)?;
            #runtime::__private::#answer(#name::#ident(#manager, &#ctx, #(#arguments),*).await)
        }),
    }
}

/// The runtime's function that makes an answer of what the method returned.
fn answer(method: &Method) -> Ident {
    let name = if method.kinds.stream.is_some() {
        "stream"
    } else {
        match types::output(&method.declared.sig.output) {
            None => "done",
            Some(ty) if types::is_unit(ty) => "done",
            Some(_) => "answer",
        }
    };
    Ident::new(name, Span::call_site())
}
