//! `PeriodicTasks` for a manager: a list of its tasks.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;

use super::{at, runtime_at, shared};
use crate::model::{PeriodicTasks, Spacing, Task};

pub(crate) fn expand(block: &PeriodicTasks) -> TokenStream {
    let PeriodicTasks { item, runtime, tasks } = block;
    if item.trait_.is_some() {
        return quote!(#item);
    }
    let (parameters, _, bounds) = item.generics.split_for_impl();
    let manager = &item.self_ty;
    let list = Ident::new("list", Span::mixed_site());
    let pushes = tasks.iter().map(|task| {
        let shared = shared(&task.attrs);
        let task = self::task(runtime, task);
        quote!(#(#shared)* #list.push(#task);)
    });
    quote! {
        #item

        impl #parameters #runtime::service::PeriodicTasks for #manager #bounds {
            fn periodic_tasks(&self) -> ::std::vec::Vec<#runtime::service::PeriodicTask<Self>> {
                let mut #list = ::std::vec::Vec::new();
                #(#pushes)*
                #list
            }
        }
    }
}

fn task(runtime: &Path, task: &Task) -> TokenStream {
    let method = &task.ident;
    let name = method.unraw().to_string();
    // What is wrong with the method's types is told at its name.
    let span = at(method);
    let there = runtime_at(runtime, span);
    let run = quote_spanned! {span=>
        |manager, ctx| ::std::boxed::Box::pin(async move {
            #there::service::periodic::Outcome::into_result(Self::#method(manager, ctx).await)
        })
    };
    let spacing = task.spacing.as_ref().map(|spacing| match spacing {
        Spacing::Millis(millis) => quote!(.spacing(::core::time::Duration::from_millis(#millis))),
        Spacing::Computed(expr) => quote!(.spacing(#expr)),
    });
    let immediately = task.run_immediately.then(|| quote!(.run_immediately()));
    let enabled = task.enabled.as_ref().map(|expr| quote!(.enabled(#expr)));
    quote!(#runtime::service::PeriodicTask::new(#name, #run) #spacing #immediately #enabled)
}
