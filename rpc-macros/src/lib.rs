//! The macros of `rpc-runtime`; use them through that crate, which re-exports and documents them.
#![forbid(unsafe_code)]

mod check;
mod errors;
mod expand;
mod model;
mod nearest;
mod parse;
mod types;

use proc_macro::TokenStream;

/// Makes a trait an RPC API: a typed client, and the dispatch table of a server.
///
/// # Options
///
/// | option | value | meaning |
/// | --- | --- | --- |
/// | `version` | `"1.4"` | The latest version of the interface. Required. |
/// | `topic` | `"conductor"` | Where its servers listen, unless client and server say otherwise. |
/// | `namespace` | `"compute_task"` | Separates APIs that share a topic. Absent on the wire when left out. |
/// | `context` | a type | The type behind the second parameter of each method; `rpc_runtime::Context` when left out. |
/// | `crate` | a path | Where the runtime is; `::rpc_runtime` when left out. |
#[proc_macro_attribute]
pub fn rpc_api(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::rpc_api(options.into(), item.into()).into()
}

/// The same on tokens that tests can make.
mod entry {
    use proc_macro2::TokenStream;

    use crate::errors::Errors;
    use crate::{check, expand, parse};

    pub(crate) fn rpc_api(options: TokenStream, item: TokenStream) -> TokenStream {
        Errors::told_after(|errors| match parse::api(options, item, errors) {
            Ok(api) => {
                check::api(&api, errors);
                expand::api(&api)
            }
            Err(kept) => kept,
        })
    }
}
