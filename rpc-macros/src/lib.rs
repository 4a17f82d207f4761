//! The macros of `rpc-runtime`; use them through that crate, which re-exports and documents them.
#![forbid(unsafe_code)]

mod check;
#[cfg(test)]
mod cost;
mod declared;
mod errors;
mod expand;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod index;
mod model;
mod nearest;
mod parse;
mod print;
mod types;

use proc_macro::TokenStream;

/// Makes a trait an RPC API: a typed client, and the dispatch table of a server.
///
/// A manager implements the trait as it is written, with `async fn`. Nothing is added to its methods, taken away or
/// retyped; their futures must be `Send`.
///
/// # Options of the API
///
/// | option | value | meaning |
/// | --- | --- | --- |
/// | `version` | `"1.4"` | The latest version of the interface. Required. |
/// | `accepts` | `"5.13"` | The latest version of an earlier major that is served as well, by the same manager. |
/// | `releases` | `(zed = "1.24", antelope = "1.25")` | The versions that releases speak, the earliest first: makes `CalcRelease`. |
/// | `topic` | `"conductor"` | Where its servers listen, unless client and server say otherwise. |
/// | `namespace` | `"compute_task"` | Separates APIs that share a topic. Absent on the wire when left out. |
/// | `context` | a type | The type behind the second parameter of each method; `rpc_runtime::Context` when left out. |
/// | `released` | `"api/compute_task.rpc"` | The file, from the crate's own folder, with the interface that was released: `cargo rpc release` writes it. What breaks its callers does not compile. |
/// | `breaks`, `because` | `"RULE"`, `"why"` | A rule towards the released API that may be broken here; also of a method or an argument. |
/// | `crate` | a path | Where the runtime is; `::rpc_runtime` when left out. |
///
/// # Methods
///
/// `#[rpc(..)]` on a method says how it is sent: `call`, `cast` or `fanout` or several of them, or `stream`.
///
/// | option | value | meaning |
/// | --- | --- | --- |
/// | `call` | | To one server, which answers. The method returns a `Result`. |
/// | `cast` | | To one server, which does not answer. |
/// | `fanout` | | To every server of the topic; none answers. |
/// | `stream` | | To one server, which answers with items. The method returns `Result<Items<T, E>, E>`. |
/// | `name` | `"unshelve"` | The name on the wire; the method's own when left out. |
/// | `alias` | `["old_name"]` | Further names that a server answers to. They are never sent: a new `name` needs a `since`, from which on servers know it. |
/// | `since` | `"1.2"`, `["5.8", "6.1"]` | The version that brought the method, one for each major it came to; a client pinned to an earlier one does not send it. |
/// | `removed` | `"2.0"` | The major without it. Callers of an earlier one keep it; needs `#[deprecated]`. |
/// | `timeout` | `"30s"`, `"2m"`, `"500ms"` or a word | How long a caller waits; a word names a class of the bus's settings. |
/// | `monitored` | | The server shows signs of life while it is at work, and the caller waits only as long as it does. |
/// | `idempotent` | | Running it twice is as good as once. |
/// | `delivery` | `at_most_once`, `at_least_once` | When the message counts as done: on receipt, as in oslo.messaging, or after the reply. |
/// | `opaque` | | Its answer counts as anything: what it looks like is not compared with a released API. |
/// | `breaks`, `because` | `"RULE"`, `"why"` | A rule towards the released API that it may break. |
///
/// A method that is cast or fanned out returns nothing, or `Result<(), E>`, whose error the server logs.
///
/// # Arguments
///
/// The second parameter, behind `&self`, is the context. The others travel: at most 24, of types that own their data
/// and that serde reads and writes ([`Travels`](../rpc_runtime/trait.Travels.html)). `#[rpc(..)]` on one of them:
///
/// | option | value | meaning |
/// | --- | --- | --- |
/// | `name` | `"hosts"` | The key on the wire; the parameter's name when left out. |
/// | `since` | `"1.2"`, `["5.8", "6.1"]` | The version that brought it, one for each major. Calls from before come without it, so it is an `Option` or has a default. |
/// | `until` | `"1.8"` | The version from which on it is not sent. Calls from then on come without it, so it is an `Option` or has a default. |
/// | `below` | `("1.10", to_old, from_old)` | The form it had before a version, and what makes and reads it; see below. |
/// | `default` | nothing, or an expression | What it is when a call comes without it: the type's default, or the value. |
/// | `unsent` | `refuse`, `drop` | What a client does that is pinned to a version before `since`: refuse to send a value other than the default, or leave it out. `refuse` when left out. |
/// | `secret` | | Never written to a log. |
/// | `opaque` | | It counts as anything: what it looks like is not compared with a released API. |
/// | `breaks`, `because` | `"RULE"`, `"why"` | A rule towards the released API that it may break. |
///
/// # Forms from before
///
/// An argument whose type has changed says so with `below("1.10", to_old, from_old)`. A client that is pinned below 1.10
/// sends what `to_old: fn(&T) -> Old` makes of the value. A server gives the manager what
/// `from_old: fn(Old) -> Result<T, E>` makes of a call from before 1.10; the text of `E` goes back to the caller. With
/// `below("1.10", to_old)` the type reads its old forms by itself, and `to_old` is a `fn(&T) -> T`. There may be several
/// of them, each for the versions below its own.
///
/// # What is made of it
///
/// For `trait Calc`, and as visible as it:
///
/// | item | what |
/// | --- | --- |
/// | `trait Calc` | The trait as written; its futures are `Send`. |
/// | `CalcApi` | The API as a type: what a server serves. Its constants, one a method, are for `can_send`. |
/// | `CalcClient` | The runtime's [`Client`](../rpc_runtime/client/struct.Client.html) of it: `new(&bus)` sends over a bus, `local(manager)` stays in the process. |
/// | `CalcRelease` | Only with `releases`: what an operator may name, as `zed` or within an [`UpgradeLevel`](../rpc_runtime/pin/enum.UpgradeLevel.html). |
/// | `CalcCaller`, `CalcCaster`, `CalcFanout` | From the client's `call()`, `cast()` and `fanout()`, each with the methods of its kind and no others. |
///
/// A client's method takes what the trait's method takes, or a borrowed form of it
/// ([`ArgOf`](../rpc_runtime/trait.ArgOf.html)). `#[cfg]` and `#[deprecated]` on a method hold for all that is made of
/// it; so do the lints that `#[allow]` or `#[expect]` lets pass there or on the trait.
///
/// A server calls deprecated methods, and a method of more than five arguments is one of many to clippy, so that these
/// two lints are let pass where that is so. A crate may deny them; one that forbids them is refused by the compiler
/// (E0453), since what is forbidden cannot be let pass.
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

/// The periodic tasks of a manager: methods that run again and again, whoever calls.
///
/// On an `impl` block of the manager's own methods. Those with `#[periodic_task(..)]` are tasks; they take `&self` and
/// a context, which is an administrator's, and return nothing or `Result<(), E>`.
///
/// # Options of a task
///
/// | option | value | meaning |
/// | --- | --- | --- |
/// | `spacing` | `"60s"`, or an expression | How much time passes between two runs. Without it the task runs in every pass, and so once a minute at least. |
/// | `run_immediately` | | In the first pass, instead of one spacing later. |
/// | `enabled` | an expression | Whether it runs at all. |
///
/// Expressions may use `self`, the manager; they are asked once, when the service starts. A spacing is then a
/// `std::time::Duration`.
///
/// `#[periodic_tasks(crate = path)]` says where the runtime is; `::rpc_runtime` when left out.
#[proc_macro_attribute]
pub fn periodic_tasks(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::periodic_tasks(options.into(), item.into()).into()
}

/// Lets the compiler know what serde makes of a type: an API that is `released` asks it of every type that travels.
///
/// It reads what `#[serde(..)]` says: `rename`, `rename_all`, `default`, `skip`, `skip_serializing_if`, `flatten`,
/// `transparent`, `tag`, `content`, `untagged`, `other` and `deny_unknown_fields`. What it cannot know of, it refuses.
///
/// # Options
///
/// | option | of | meaning |
/// | --- | --- | --- |
/// | `opaque` | the type, a variant or a field | It counts as anything: its shape is not compared. |
/// | `as = String` | the type, a variant or a field | On the wire it is what that type is; for `#[serde(with = ..)]` and the like. |
/// | `recursive = Node` | a field | Inside of it `Node`, which holds this type, comes round to itself. That a type holds itself needs no option, unless a path names it: `#[rpc(recursive = Tree)] kids: Vec<crate::Tree>`. |
/// | `crate = path` | the type | Where the runtime is; `::rpc_runtime` when left out. |
#[proc_macro_derive(Wire, attributes(rpc, serde))]
pub fn wire(item: TokenStream) -> TokenStream {
    entry::wire(item.into()).into()
}

/// Whether `cargo rpc` compiles, to ask what an API looks like.
fn describing() -> bool {
    std::env::var_os("RPC_DESCRIBE").is_some()
}

/// The same on tokens that tests can make.
mod entry {
    use proc_macro2::TokenStream;

    use crate::errors::Errors;
    use crate::{check, expand, parse};

    pub(crate) fn rpc_api(options: TokenStream, item: TokenStream) -> TokenStream {
        Errors::told_after(|errors| match parse::api(options, item, errors) {
            Ok(mut api) => {
                check::api(&mut api, errors);
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

    pub(crate) fn periodic_tasks(options: TokenStream, item: TokenStream) -> TokenStream {
        Errors::told_after(|errors| match parse::periodic_tasks(options, item, errors) {
            Ok(tasks) => expand::periodic_tasks(&tasks),
            Err(kept) => kept,
        })
    }

    pub(crate) fn wire(item: TokenStream) -> TokenStream {
        Errors::told_after(|errors| {
            let ty = parse::wire_type(item, errors);
            ty.as_ref().map(expand::wire_type).unwrap_or_default()
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
