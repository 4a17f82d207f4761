//! `XCaller`, `XCaster`, `XFanout`: each has the methods of its kind and no others.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::FnArg;

use super::{Names, answered, at, constant, doc, many, shared, shown, visibility};
use crate::model::{Api, Kinds, Method};

pub(super) fn expand(api: &Api) -> TokenStream {
    let names = Names::of(api);
    of(api, &names).map(|sender| sender.expand(api)).collect()
}

/// A type of methods of one kind.
struct Sender<'a> {
    ident: &'a Ident,
    /// The runtime's trait that says an API has such methods, its type and its function.
    kind: [&'static str; 3],
    doc: String,
    has: fn(&Kinds) -> bool,
    /// The return type, and the method of the runtime's client.
    send: fn(&Api, &Method) -> (TokenStream, TokenStream),
}

/// Those that the API has methods for.
fn of<'a>(api: &'a Api, names: &'a Names<'_>) -> impl Iterator<Item = Sender<'a>> {
    let name = names.api;
    let caller = Sender {
        ident: &names.caller,
        kind: ["Calls", "Caller", "caller"],
        doc: format!("Calls the methods of [`{name}`] that answer."),
        has: Kinds::answers,
        send: call,
    };
    let caster = Sender {
        ident: &names.caster,
        kind: ["Casts", "Caster", "caster"],
        doc: format!("Casts the methods of [`{name}`] that may go unanswered."),
        has: |kinds| kinds.cast.is_some(),
        send: |api, _| one_way(api, quote!(cast)),
    };
    let fanout = Sender {
        ident: &names.fanout,
        kind: ["FansOut", "Fanout", "fanout"],
        doc: format!("Casts the methods of [`{name}`] that may go to all servers at once."),
        has: |kinds| kinds.fanout.is_some(),
        send: |api, _| one_way(api, quote!(fanout)),
    };
    [caller, caster, fanout]
        .into_iter()
        .filter(|sender| api.methods().any(|method| (sender.has)(&method.kinds)))
}

impl Sender<'_> {
    fn expand(&self, api: &Api) -> TokenStream {
        let Self { ident, .. } = self;
        let marker = Names::of(api).marker;
        let [kind, by, function] = self.kind.map(|name| Ident::new(name, Span::call_site()));
        let doc = doc(&self.doc);
        let runtime = &api.runtime;
        let vis = visibility(api);
        let shared: Vec<_> = shared(&api.item.attrs).collect();
        let methods = api.methods().filter(|method| (self.has)(&method.kinds));
        let methods = methods.map(|method| {
            if api.sound && method.sound {
                self.method(api, method)
            } else {
                self.stand_in(api, method)
            }
        });
        quote! {
            #(#shared)*
            impl #runtime::client::#kind for #marker {
                type #by<'c> = #ident<'c>;

                fn #function(client: &#runtime::SpecClient) -> #ident<'_> {
                    #ident { client }
                }
            }

            #doc
            #(#shared)*
            #vis struct #ident<'c> {
                client: &'c #runtime::SpecClient,
            }

            #(#shared)*
            impl #ident<'_> {
                #(#methods)*
            }
        }
    }

    /// In place of a method that is told to be wrong: it may be called, so that it is told once.
    fn stand_in(&self, api: &Api, method: &Method) -> TokenStream {
        let runtime = &api.runtime;
        let vis = visibility(api);
        let shared = shared(&method.declared.attrs);
        let ident = method.ident();
        let parameters = method.declared.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&typed.pat),
            FnArg::Receiver(_) => None,
        });
        let output = if method.kinds.answers() {
            quote!(#runtime::Call<(), ::core::convert::Infallible>)
        } else {
            quote!(#runtime::Cast)
        };
        quote! {
            #(#shared)*
            #[allow(unused_variables)]
            #vis fn #ident(&self, #(#parameters: impl ::core::marker::Sized),*) -> #output {
                loop {}
            }
        }
    }

    fn method(&self, api: &Api, method: &Method) -> TokenStream {
        let runtime = &api.runtime;
        let vis = visibility(api);
        let marker = Names::of(api).marker;
        let shared = shared(&method.declared.attrs);
        let shown = shown(&method.declared.attrs);
        let link = (!method
            .declared
            .attrs
            .iter()
            .any(|attr| attr.path().is_ident("doc")))
        .then(|| doc(&format!("[`{}::{}`].", api.item.ident, method.ident())));
        let many = many(method);
        let (ident, constant) = (method.ident(), constant(method));
        let (ctx, context) = method
            .context
            .as_ref()
            .map(|context| (&context.ident, &context.ty))
            .unzip();
        let arguments: Vec<&Ident> = method.arguments.iter().map(|argument| &argument.ident).collect();
        let types = method.arguments.iter().map(|argument| &argument.ty);
        let (output, send) = (self.send)(api, method);
        let sent = quote_spanned! {at(ident)=>
            self.client.#send(#marker::#constant, #ctx, &[#(&#arguments),*])
        };
        quote! {
            #link
            #(#shared)*
            #(#shown)*
            #many
            #vis fn #ident(
                &self,
                #ctx: &#context,
                #(#arguments: impl #runtime::ArgOf<#types>,)*
            ) -> #output {
                #sent
            }
        }
    }
}

fn call(api: &Api, method: &Method) -> (TokenStream, TokenStream) {
    let runtime = &api.runtime;
    let (value, error) = answered(api, method);
    match method.kinds.stream {
        None => (quote!(#runtime::Call<#value, #error>), quote!(call)),
        Some(_) => (quote!(#runtime::CallStream<#value, #error>), quote!(stream)),
    }
}

fn one_way(api: &Api, send: TokenStream) -> (TokenStream, TokenStream) {
    let runtime = &api.runtime;
    (quote!(#runtime::Cast), send)
}
