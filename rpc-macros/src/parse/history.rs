//! Reads the options that say how an API came to be what it is: `since`, `until`, `removed`, `below(..)`,
//! `releases(..)`.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use super::options::Options;
use super::values;
use crate::errors::{Errors, Mistake, Place};
use crate::model::{Below, Dated, Release, Since};

/// The `since` of an argument.
pub(super) fn since(options: &Options, errors: &mut Errors) -> Option<Since> {
    let key = options.word("since")?;
    let versions = values::versions("since", options.expr("since")?, errors);
    (!versions.is_empty()).then_some(Since { key, versions })
}

/// An option whose value is a version.
pub(super) fn dated(name: &str, options: &Options, errors: &mut Errors) -> Option<Dated> {
    Some(Dated {
        key: options.word(name)?,
        version: values::version(name, options.expr(name)?, errors)?,
    })
}

/// Every `below(version, to_old)` and `below(version, to_old, from_old)`.
pub(super) fn below(options: &Options, errors: &mut Errors) -> Vec<Below> {
    options
        .lists("below")
        .filter_map(|(word, tokens)| {
            let list = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone());
            let mut items = match list {
                Ok(list) => list.into_iter(),
                Err(error) => {
                    errors.add_syntax(error);
                    return None;
                }
            };
            match (items.next(), items.next(), items.next(), items.next()) {
                (Some(version), Some(to), from, None) => Some(Below {
                    version: values::version("below", &version, errors)?,
                    to,
                    from,
                }),
                _ => {
                    let text = "'below' is a version, what makes the form from before it, and what reads that form";
                    let help = "below(\"1.10\", to_old, from_old), or below(\"1.10\", to_old) if the type reads both";
                    errors.add(Mistake::at(word, text).help(help));
                    None
                }
            }
        })
        .collect()
}

/// The entries of `releases(zed = "1.24", ..)`.
pub(super) fn releases(options: &Options, errors: &mut Errors) -> Vec<Release> {
    let lists = options.lists("releases");
    lists
        .flat_map(|(word, tokens)| entries(word, tokens, errors))
        .collect()
}

/// Whether Rust has a variant of this name.
fn nameable(release: &Release, errors: &mut Errors) -> bool {
    let variant = release.variant();
    let nameable = variant != "Self" && variant != "_";
    if !nameable {
        let text = format!("a release is a variant of an enum, and none can be called '{variant}'");
        errors.add(Mistake::at(release.name.span(), text));
    }
    nameable
}

fn entries(word: Place, tokens: &TokenStream, errors: &mut Errors) -> Vec<Release> {
    let entry = |input: syn::parse::ParseStream<'_>| {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok((name, input.parse::<Expr>()?))
    };
    let list =
        |input: syn::parse::ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(input, entry);
    let example = "releases(zed = \"1.24\", antelope = \"1.25\")";
    match list.parse2(tokens.clone()) {
        Ok(entries) if entries.is_empty() => {
            errors.add(Mistake::at(word, "'releases' names no release").help(example));
            Vec::new()
        }
        Ok(entries) => entries
            .into_iter()
            .filter_map(|(name, version)| {
                let version = values::version(&name.to_string(), &version, errors)?;
                let release = Release { name, version };
                nameable(&release, errors).then_some(release)
            })
            .collect(),
        Err(error) => {
            let place = Place::from(error.span());
            let mistake = Mistake::at(place, "a release is its name, and the version it speaks");
            errors.add(mistake.help(example));
            Vec::new()
        }
    }
}
