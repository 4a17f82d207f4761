//! `XClient`: where to send, how long to wait, which version at most.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::senders::{self, Sender};
use super::{Names, cfgs, doc, manager_bound};
use crate::model::Api;

pub(super) fn expand(api: &Api) -> TokenStream {
    let names = Names::of(api);
    let Names {
        api: name,
        marker,
        client,
        ..
    } = &names;
    let runtime = &api.runtime;
    let vis = &api.item.vis;
    let cfg: Vec<_> = cfgs(&api.item.attrs).collect();
    let bound = manager_bound(api);
    let client_doc = doc(&format!(
        "A client of [`{name}`].\n\nThe methods that change something give a changed copy."
    ));
    let new_doc = doc(&format!("A client of [`{name}`] on this bus."));
    let local_doc = doc(&format!(
        "A client of a manager in this process: the same encoding and the same version rules, without a bus.\n\n\
         # Panics\n\nOutside a tokio runtime, which runs the methods of [`{name}`]."
    ));
    let setters = setters(api);
    let senders = senders(api, &names);
    let shown = client.to_string();
    quote! {
        #client_doc
        #(#cfg)*
        #vis struct #client {
            client: #runtime::Client,
        }

        #(#cfg)*
        #[allow(dead_code)]
        impl #client {
            #new_doc
            #vis fn new(bus: &#runtime::Bus) -> Self {
                Self { client: #runtime::Client::new(bus, <#marker as #runtime::Api>::SPEC) }
            }

            #local_doc
            #vis fn local<M>(manager: M) -> Self
            where
                M: #bound,
            {
                Self { client: #runtime::Client::local::<#marker, M>(manager) }
            }

            #setters

            /// Whether servers of the version this client is pinned to have the method.
            #vis fn can_send(&self, method: &#runtime::MethodSpec) -> bool {
                self.client.can_send(method)
            }

            #senders
        }

        #(#cfg)*
        impl ::core::clone::Clone for #client {
            fn clone(&self) -> Self {
                Self { client: ::core::clone::Clone::clone(&self.client) }
            }
        }

        #(#cfg)*
        impl ::core::fmt::Debug for #client {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(#shown).field(&self.client).finish()
            }
        }
    }
}

/// What gives a changed copy: the name, the parameter and its type, the docs.
fn setters(api: &Api) -> TokenStream {
    let runtime = &api.runtime;
    let vis = &api.item.vis;
    let text = quote!(impl ::core::convert::Into<::std::string::String>);
    let duration = quote!(::core::time::Duration);
    let pin = quote!(impl ::core::convert::Into<#runtime::Pin>);
    let setters = [
        (
            quote!(on),
            quote!(server),
            &text,
            "Sends to this server of the topic.",
        ),
        (quote!(topic), quote!(topic), &text, "Sends to this topic."),
        (
            quote!(exchange),
            quote!(exchange),
            &text,
            "Sends to the topic as scoped by this exchange, instead of the bus's own.",
        ),
        (
            quote!(timeout),
            quote!(limit),
            &duration,
            "Waits this long for answers, whatever the methods declare.",
        ),
        (
            quote!(monitored),
            quote!(silence),
            &duration,
            "Gives a call up when its server is silent for this long.",
        ),
        (
            quote!(pinned),
            quote!(pin),
            &pin,
            "Sends nothing that a server of this version does not understand.",
        ),
    ];
    setters
        .into_iter()
        .map(|(name, parameter, ty, text)| {
            let doc = doc(text);
            quote! {
                #doc
                #[must_use]
                #vis fn #name(&self, #parameter: #ty) -> Self {
                    Self { client: self.client.#name(#parameter) }
                }
            }
        })
        .collect()
}

/// `call`, `cast` and `fanout`, each if the API has such methods.
fn senders(api: &Api, names: &Names<'_>) -> TokenStream {
    let vis = &api.item.vis;
    senders::of(api, names)
        .map(|Sender { ident, word, way, .. }| {
            let word = Ident::new(word, Span::call_site());
            let way = doc(way);
            quote! {
                #way
                #vis fn #word(&self) -> #ident<'_> {
                    #ident { client: &self.client }
                }
            }
        })
        .collect()
}
