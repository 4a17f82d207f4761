//! Finds attributes: takes out `#[rpc(..)]` and those like it, and reads docs.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Attribute, Meta};

use super::options::{Options, Table};
use super::values;
use crate::errors::{Errors, Mistake, Place};
use crate::print;

/// Takes every `#[rpc..]` out of `attrs`.
pub(super) fn take(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    take_named("rpc", attrs)
}

/// Takes every attribute of a name out of `attrs`.
pub(super) fn take_named(name: &str, attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    attrs.extract_if(.., |attr| attr.path().is_ident(name)).collect()
}

/// Takes out every `#[rpc..]` where none belongs and tells so.
pub(super) fn refuse(attrs: &mut Vec<Attribute>, text: &str, errors: &mut Errors) {
    for attr in take(attrs) {
        errors.add(Mistake::at(Place::of(&attr), text));
    }
}

/// Takes the options out of `attrs`.
pub(super) fn options(table: &Table, attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Options {
    read("rpc", table, &take(attrs), errors)
}

/// Reads the options of attributes of a name, of which there should be one.
pub(super) fn read(name: &str, table: &Table, taken: &[Attribute], errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for attr in taken {
        match &attr.meta {
            Meta::Path(_) => {}
            Meta::List(list) => options.parse(table, list.tokens.clone(), errors),
            Meta::NameValue(_) => {
                let example = table.keys.first().map_or("", |key| key.2);
                let mistake = Mistake::at(Place::of(attr), "options stand in parentheses");
                errors.add(mistake.help(format_args!("#[{name}({example})]")));
                options.doubt();
            }
        }
    }
    if let [first, second, ..] = taken {
        let lists: Vec<String> = taken
            .iter()
            .filter_map(|attr| Some(print::text(&attr.meta.require_list().ok()?.tokens)))
            .collect();
        let mistake = Mistake::at(Place::of(second), format!("'#[{name}]' is given twice"));
        errors.add(
            mistake
                .help(format_args!("join both: #[{name}({})]", lists.join(", ")))
                .see(Place::of(first), "first given here"),
        );
    }
    options
}

/// What the doc comments say.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| {
        let value = &attr.meta.require_name_value().ok()?.value;
        let line = values::text_of(value).filter(|_| attr.path().is_ident("doc"))?;
        Some(line.strip_prefix(' ').map_or_else(|| line.clone(), str::to_owned))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The tokens without any `#[rpc..]`, at whatever depth: for an item that is none of ours.
pub(crate) fn strip(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let hash = matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
                if hash && group.delimiter() == Delimiter::Bracket && starts_with_rpc(&group) {
                    kept.pop();
                    continue;
                }
                let mut inner = Group::new(group.delimiter(), strip(group.stream()));
                inner.set_span(group.span());
                kept.push(inner.into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn starts_with_rpc(group: &Group) -> bool {
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(ident)) if ident == "rpc")
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn only_our_attributes_go() {
        let stripped = strip(quote! {
            #[rpc(call)]
            #[allow(rpc)]
            fn f(#[rpc] a: u8) -> [rpc; 1] { #[rpc = 1] rpc; [rpc] }
        });
        let expected = quote! {
            #[allow(rpc)]
            fn f(a: u8) -> [rpc; 1] { rpc; [rpc] }
        };
        assert_eq!(stripped.to_string(), expected.to_string());
    }
}
