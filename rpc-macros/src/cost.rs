//! How much Rust becomes of an API: what rustc must read again after each edit. `cargo run -p rpc-tests --bin
//! compile-cost` measures the time that this takes, beside tarpc and jsonrpsee.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Item, TraitItem};

use crate::entry;

/// The budget for 100 methods of four arguments, in lines of prettyplease, which breaks them more often than rustc does.
const LINES: usize = 4_900;

/// Two screens: what `cargo rpc show` prints of the first API that one meets can be read in one go.
const SCREENS: usize = 110;

#[test]
fn the_expansion_of_the_quickstart_can_be_read_in_one_go() {
    let file = syn::parse_file(include_str!("../../examples/quickstart.rs")).expect("Rust");
    let api = file.items.into_iter().find_map(|item| match item {
        Item::Trait(api) => Some(api),
        _ => None,
    });
    let mut api = api.expect("an API");
    let attr = api.attrs.pop().expect("an attribute");
    let options = attr.meta.require_list().expect("options").tokens.clone();
    let tokens = entry::rpc_api(options, api.into_token_stream());
    let shown = prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is Rust"));
    assert!(shown.contains("pub struct InventoryCaller"), "{shown}");
    assert!(shown.lines().count() <= SCREENS, "{shown}");
}

#[test]
fn an_api_of_a_hundred_methods_stays_within_its_lines() {
    let methods = (0..100).map(|number| {
        let name = format_ident!("method_{number:03}");
        let doc = format!(" Does thing {number}.");
        quote! {
            #[doc = #doc]
            #[rpc(call)]
            async fn #name(
                &self,
                ctx: &Context,
                project: String,
                instance: types::Instance,
                hosts: Vec<types::Host>,
                limit: Option<u32>,
            ) -> Result<types::Reply, types::ApiError>;
        }
    });
    let api = quote!(pub trait Api { #(#methods)* });
    let tokens = entry::rpc_api(quote!(topic = "cost", version = "1.0"), api);
    let file = compiled(tokens);
    let lines = |item: &Item| {
        let alone = syn::parse2(item.to_token_stream()).expect("an item is a file");
        prettyplease::unparse(&alone).lines().count()
    };
    let each: Vec<(String, usize)> = file
        .items
        .iter()
        .map(|item| (heading(item), lines(item)))
        .collect();
    let all: usize = each.iter().map(|(_, lines)| lines).sum();
    assert!(all <= LINES, "{all} lines, of which {each:#?}");
    // It is the expansion that was counted, and not what is left of a mistake.
    assert!(all > LINES / 2, "{all} lines, of which {each:#?}");
}

/// The items as rustc goes on with them: the trait as rustdoc shows it is gone.
fn compiled(tokens: TokenStream) -> syn::File {
    let mut file: syn::File = syn::parse2(tokens).expect("an expansion is Rust");
    for item in &mut file.items {
        if let Item::Trait(item) = item {
            item.items
                .retain(|item| !matches!(item, TraitItem::Fn(method) if method.sig.asyncness.is_some()));
            for member in &mut item.items {
                if let TraitItem::Fn(method) = member {
                    method.attrs.retain(|attr| !attr.path().is_ident("cfg"));
                }
            }
        }
    }
    file
}

/// What an item is, in short.
fn heading(item: &Item) -> String {
    let text = match item {
        Item::Impl(item) => {
            let of = item.trait_.as_ref().map(|(path, _)| path.to_token_stream());
            format!(
                "impl {} for {}",
                of.unwrap_or_default(),
                item.self_ty.to_token_stream()
            )
        }
        Item::Trait(item) => format!("trait {}", item.ident),
        Item::Struct(item) => format!("struct {}", item.ident),
        _ => "another item".to_owned(),
    };
    text.replace(' ', "")
}
