//! `XClient`: the runtime's client of this API.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Names, doc, shared, visibility};
use crate::model::Api;

pub(super) fn expand(api: &Api) -> TokenStream {
    let Names {
        api: name,
        marker,
        client,
        ..
    } = Names::of(api);
    let runtime = &api.runtime;
    let vis = visibility(api);
    let shared = shared(&api.item.attrs);
    let doc = doc(&format!(
        "A client of [`{name}`]: `new(&bus)` sends over a bus, `local(manager)` stays in the process."
    ));
    quote! {
        #doc
        #(#shared)*
        #vis type #client = #runtime::Client<#marker>;
    }
}
