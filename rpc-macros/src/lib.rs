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

/// Makes a struct of managers a server of several APIs.
///
/// Each field says which API its manager serves: `#[rpc(ComputeTaskApi)]`, with the marker that
/// [`rpc_api`](macro@rpc_api) makes of the trait; `#[rpc(skip)]` for a field that holds something else. A request
/// goes to the field whose API has its namespace and major version; two fields of the same do not compile.
///
/// The struct may say `#[rpc(crate = path)]` where the runtime is not `::rpc_runtime`.
#[proc_macro_derive(RpcServer, attributes(rpc))]
pub fn rpc_server(item: TokenStream) -> TokenStream {
    entry::rpc_server(item.into()).into()
}

/// Makes an enum of errors known to peers, each variant by the module and class of an exception.
///
/// # Options
///
/// | option | of | meaning |
/// | --- | --- | --- |
/// | `module = "nova.exception"` | the type or a variant | The module of the class. Required, on one or the other: peers know an error by it, so it is not to change when code moves. |
/// | `class = "InstanceNotFound"` | a variant | The class; the variant's name when left out. |
/// | `transparent` | a variant with one field | The error is whatever its field is: another error type, or `Failure` for all that no other variant stands for. |
/// | `name = "instance_id"` | a field | The keyword a peer knows it by; the field's name when left out. |
/// | `crate = path` | the type | Where the runtime is; `::rpc_runtime` when left out. |
///
/// On a struct, which is then a single error, `module` and `class` stand on the struct.
///
/// # What travels
///
/// The text of an error is what its `Display` writes. Fields travel as a Python exception has them:
///
/// | variant | positional arguments | keyword arguments |
/// | --- | --- | --- |
/// | `Gone` | the text | |
/// | `Key(String)` | the fields | |
/// | `NotFound { id: String }` | the text | the fields, by name |
///
/// A failure whose arguments do not fit the fields is not that variant. Python 2 calls the module `builtins`
/// `exceptions`; it is read as the former.
#[proc_macro_derive(RpcError, attributes(rpc))]
pub fn rpc_error(item: TokenStream) -> TokenStream {
    entry::rpc_error(item.into()).into()
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

    pub(crate) fn rpc_server(item: TokenStream) -> TokenStream {
        Errors::told_after(|errors| {
            let service = parse::service(item, errors);
            service.as_ref().map(expand::service).unwrap_or_default()
        })
    }

    pub(crate) fn rpc_error(item: TokenStream) -> TokenStream {
        Errors::told_after(|errors| {
            let Some(ty) = parse::error_type(item, errors) else {
                return TokenStream::new();
            };
            check::error_type(&ty, errors);
            expand::error_type(&ty)
        })
    }
}
