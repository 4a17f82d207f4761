//! Whole expansions, for a reader: `tests/expand/x.rs` is what a user writes, `x.expanded.rs` what becomes of it.
//!
//! `UPDATE=1 cargo test -p rpc-macros golden` writes them anew; the difference is what a change of the macros means.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Item, Meta};

use crate::entry;

#[test]
fn golden() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expand");
    let mut inputs: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of expansions")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .filter(|path| !path.to_string_lossy().ends_with(".expanded.rs"))
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 4, "{inputs:?}");
    let update = std::env::var_os("UPDATE").is_some();
    for input in inputs {
        let found = expanded(&fs::read_to_string(&input).expect("an input"));
        let output = input.with_extension("expanded.rs");
        if update {
            fs::write(&output, &found).expect("an output");
        }
        let expected = fs::read_to_string(&output).unwrap_or_default();
        let first = found
            .lines()
            .zip(expected.lines())
            .position(|(found, expected)| found != expected)
            .unwrap_or_else(|| found.lines().count().min(expected.lines().count()));
        assert!(
            found == expected,
            "{} differs from line {}. It would be:\n{}\n\nUPDATE=1 writes it anew.",
            output.display(),
            first + 1,
            found.lines().skip(first).take(20).collect::<Vec<_>>().join("\n")
        );
    }
}

/// The file with our macros run.
fn expanded(source: &str) -> String {
    let file = syn::parse_file(source).expect("Rust");
    let mut tokens = TokenStream::new();
    for attr in &file.attrs {
        attr.to_tokens(&mut tokens);
    }
    for mut item in file.items {
        let options = attrs(&mut item).and_then(|attrs| take(attrs, "rpc_api"));
        if let Some(options) = options {
            let options = match options.meta {
                Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            tokens.extend(entry::rpc_api(options, item.into_token_stream()));
            continue;
        }
        let block = attrs(&mut item).and_then(|attrs| take(attrs, "periodic_tasks"));
        if block.is_some() {
            tokens.extend(entry::periodic_tasks(
                TokenStream::new(),
                item.into_token_stream(),
            ));
            continue;
        }
        let derives = attrs(&mut item).map(derives).unwrap_or_default();
        let whole = item.to_token_stream();
        // The attributes of ours are inert: rustc takes them out of the item by itself.
        tokens.extend(crate::parse::strip(whole.clone()));
        for derive in derives {
            tokens.extend(match derive.as_str() {
                "RpcServer" => entry::rpc_server(whole.clone()),
                "RpcError" => entry::rpc_error(whole.clone()),
                "Wire" => entry::wire(whole.clone()),
                other => panic!("{other} is none of ours"),
            });
        }
    }
    let file = syn::parse2(tokens).expect("an expansion is Rust");
    prettyplease::unparse(&file)
}

fn attrs(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Trait(item) => Some(&mut item.attrs),
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        _ => None,
    }
}

fn take(attrs: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let position = attrs.iter().position(|attr| attr.path().is_ident(name))?;
    Some(attrs.remove(position))
}

fn derives(attrs: &mut Vec<Attribute>) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(derive) = take(attrs, "derive") {
        let list = derive.meta.require_list().expect("a list").tokens.to_string();
        names.extend(list.split(',').map(|name| name.trim().to_owned()));
    }
    names
}

#[test]
fn an_expansion_names_nothing_that_its_surroundings_could_change() {
    let options = quote!(topic = "calc", version = "1.1");
    let api = quote! {
        pub trait Calc {
            #[rpc(call, timeout = "5s")]
            async fn add(&self, ctx: &Context, a: T0, #[rpc(since = "1.1", default)] b: T1) -> Result<T2, T3>;
            #[rpc(cast, fanout)]
            async fn reset(&self, ctx: &Context);
        }
    };
    let tokens = entry::rpc_api(options, api);
    let file: syn::File = syn::parse2(tokens).expect("an expansion is Rust");
    let text = prettyplease::unparse(&file);
    for name in [
        "Option", "Some", "Box", "String", "Send", "Sync", "Into", "Clone", "Future", "Default",
    ] {
        for (at, _) in text.match_indices(name) {
            let before = text.get(..at).unwrap_or_default();
            let longer = text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let within = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            assert!(
                longer || within || before.ends_with("::"),
                "{name} without a path: {}",
                before.lines().last().unwrap_or_default()
            );
        }
    }
}

/// Whatever is missing from what a user writes, it is told; nothing panics, and what is left of it is Rust.
#[test]
fn no_missing_token_is_too_many() {
    let options = quote!(
        topic = "calc",
        namespace = "calc",
        version = "1.4",
        context = Context,
        crate = ::rpc_runtime
    );
    let api = quote! {
        /// Adds.
        pub(crate) trait Calc: Send + 'static {
            #[rpc(call, cast, name = "plus", alias = ["p", "q"], since = "1.1", timeout = "5s", monitored, idempotent)]
            async fn add(&self, ctx: &Context, #[rpc(since = "1.2", default = 1, unsent = drop, secret)] a: Vec<u8>)
                -> Result<HashMap<u8, Option<u8>>, E>;
            #[rpc(stream, timeout = long, delivery = at_least_once)]
            async fn count(&self, ctx: &Context) -> Result<Items<u8, E>, E>;
        }
    };
    let service = quote! {
        #[rpc(crate = a::b)]
        struct Service<S: Store> { #[rpc(CalcApi)] calc: Manager<S>, #[rpc(skip)] other: (u8, u8) }
    };
    let error = quote! {
        #[rpc(module = "a.b", crate = c)]
        enum E { A, #[rpc(class = "X")] B(u8, u8), C { #[rpc(name = "e")] d: u8 }, #[rpc(transparent)] D(Failure) }
    };
    let tasks = quote! {
        impl<S: Store> Manager<S> where S: Send {
            #[periodic_task(spacing = "60s", run_immediately, enabled = self.a())]
            async fn sweep(&self, ctx: &Context) -> Result<(), E> { Ok(()) }
        }
    };
    let wire = quote! {
        #[serde(tag = "kind", rename_all = "snake_case")]
        #[rpc(crate = a::b)]
        enum W<T> {
            A,
            #[serde(rename = "x")] B(u8, W<T>),
            C { #[rpc(opaque)] #[serde(default, skip_serializing_if = "f")] d: Vec<W<T>>, #[rpc(as = String)] e: u8 },
        }
    };
    let released = quote!(
        version = "1.4",
        released = "../tests/ui/released/tasks.rpc",
        breaks = ["API_SAME_TOPIC", "METHOD_NO_DELETE"],
        because = "it moved"
    );
    let mut runs = 0;
    let mut run = |expand: &dyn Fn(TokenStream) -> TokenStream, whole: &TokenStream| {
        for at in 0..count(whole) {
            let tokens = expand(without(whole.clone(), &mut { at }));
            let text = tokens.to_string();
            let is_rust = syn::parse2::<syn::File>(tokens).is_ok();
            assert!(is_rust || text.contains("compile_error"), "without {at}: {text}");
            runs += 1;
        }
    };
    run(&|options| entry::rpc_api(options, api.clone()), &options);
    run(&|api| entry::rpc_api(options.clone(), api), &api);
    run(&|tasks| entry::periodic_tasks(TokenStream::new(), tasks), &tasks);
    run(&entry::rpc_server, &service);
    run(&entry::rpc_error, &error);
    run(&entry::wire, &wire);
    run(&|options| entry::rpc_api(options, api.clone()), &released);
    assert!(runs > 200, "{runs}");
}

fn count(tokens: &TokenStream) -> usize {
    let inside = |token: TokenTree| match token {
        TokenTree::Group(group) => count(&group.stream()),
        _ => 0,
    };
    tokens.clone().into_iter().map(|token| 1 + inside(token)).sum()
}

/// The tokens without the one at the position, which counts down.
fn without(tokens: TokenStream, left: &mut usize) -> TokenStream {
    let mut kept = TokenStream::new();
    for token in tokens {
        let gone = *left == 0;
        *left = left.wrapping_sub(1);
        match token {
            _ if gone => {}
            TokenTree::Group(group) => {
                let inner = without(group.stream(), left);
                kept.extend([TokenTree::from(Group::new(group.delimiter(), inner))]);
            }
            token => kept.extend([token]),
        }
    }
    kept
}
