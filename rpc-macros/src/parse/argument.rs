//! Reads an argument of a method.

use proc_macro2::Ident;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Pat, PatType, Type};

use super::options::{Key, Options, Shape, Table};
use super::{attribute, history, method, values, waiver};
use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{Argument, DefaultValue, Unsent};
use crate::print;
use crate::types::{self, Part};

pub(super) static OPTIONS: Table = Table {
    of: "an RPC argument",
    of_all: "arguments",
    keys: &[
        Key("name", Shape::Value, r#"name = "hosts""#),
        Key("since", Shape::Value, r#"since = "1.4""#),
        Key("until", Shape::Value, r#"until = "1.8""#),
        Key("below", Shape::Lists, r#"below("1.10", to_old, from_old)"#),
        Key("default", Shape::FlagOrValue, "default = true"),
        Key("unsent", Shape::Value, "unsent = drop"),
        Key("secret", Shape::Flag, "secret"),
        Key("opaque", Shape::Flag, "opaque"),
        Key("breaks", Shape::Value, r#"breaks = "ARG_SAME_DEFAULT""#),
        Key("because", Shape::Value, r#"because = "nobody relied on it""#),
    ],
    beside: &[&method::OPTIONS],
};

/// Reads the argument at `position`, and puts a name in place of a pattern.
pub(super) fn argument(position: usize, written: &mut PatType, errors: &mut Errors) -> Argument {
    let options = attribute::options(&OPTIONS, &mut written.attrs, errors);
    refuse_cfg(written, errors);
    let ident = name(position, written, errors);
    owned(
        "arguments are received, so they own their data",
        "take",
        &written.ty,
        errors,
    );
    let wire = options
        .expr("name")
        .and_then(|expr| values::string("name", expr, errors))
        .unwrap_or_else(|| Located {
            value: ident.unraw().to_string(),
            place: ident.span().into(),
        });
    Argument {
        ty: (*written.ty).clone(),
        since: history::since(&options, errors),
        until: history::dated("until", &options, errors),
        below: history::below(&options, errors),
        default: default(&options),
        unsent: unsent(&options, errors),
        secret: options.word("secret").is_some(),
        opaque: options.word("opaque").is_some(),
        waivers: waiver::waivers(&options, errors),
        wire,
        ident,
    }
}

/// The name of the argument. A pattern is told, and a stand-in takes its place: rustc would refuse it as well.
pub(super) fn name(position: usize, written: &mut PatType, errors: &mut Errors) -> Ident {
    if plain_name(&written.pat).is_none() {
        let place = Place::of(&written.pat);
        let mistake = Mistake::at(place, "an RPC argument needs a name: it is the key on the wire");
        errors.add(match &*written.pat {
            Pat::Ident(pat) => mistake.help(format_args!("write '{}'", pat.ident)),
            _ => mistake,
        });
    }
    named(position, written)
}

/// The name that is all of the pattern.
pub(super) fn plain_name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.mutability.is_none() && pat.subpat.is_none() => {
            Some(&pat.ident)
        }
        _ => None,
    }
}

/// The name of a parameter, which takes the place of a pattern.
pub(super) fn named(position: usize, written: &mut PatType) -> Ident {
    let ident = match &*written.pat {
        Pat::Ident(pat) => pat.ident.clone(),
        _ => format_ident!("argument_{position}"),
    };
    if plain_name(&written.pat).is_none() {
        *written.pat = syn::parse_quote!(#ident);
    }
    ident
}

fn refuse_cfg(written: &mut PatType, errors: &mut Errors) {
    for attr in written.attrs.extract_if(.., |attr| attr.path().is_ident("cfg")) {
        let mistake = Mistake::at(
            Place::of(&attr),
            "an argument is on the wire in every build or in none",
        );
        errors.add(mistake.help("'#[cfg]' goes on methods"));
    }
}

/// Tells of what is borrowed, generic, or means the manager in a type that travels; and what to `take` or `return`.
pub(super) fn owned(why: &str, instead: &str, ty: &Type, errors: &mut Errors) {
    let found = types::find(ty, &|part| match part {
        Part::Lifetime(_) | Part::Type(Type::Reference(_) | Type::ImplTrait(_)) => true,
        Part::Type(Type::Path(path)) => path
            .path
            .segments
            .first()
            .is_some_and(|first| first.ident == "Self"),
        Part::Type(_) => false,
    });
    match found {
        Some(Part::Type(ty @ Type::Reference(reference))) => errors.add(Mistake::at(
            Place::of(ty),
            format!(
                "{why}: {instead} {}, not {}",
                types::owned_form(&reference.elem),
                print::text(ty)
            ),
        )),
        Some(Part::Type(ty @ Type::ImplTrait(_))) => {
            let mistake = Mistake::at(
                Place::of(ty),
                "an RPC method cannot be generic: the wire has no types",
            );
            errors.add(mistake.help("name the type that travels"));
        }
        Some(Part::Type(ty)) => errors.add(Mistake::at(
            Place::of(ty),
            "'Self' is the manager, which does not travel",
        )),
        Some(Part::Lifetime(lifetime)) => errors.add(Mistake::at(
            Place::of(lifetime),
            format!("{why}: no lifetime can stand here"),
        )),
        None => {}
    }
}

fn default(options: &Options) -> Option<DefaultValue> {
    options.word("default")?;
    Some(match options.expr("default") {
        Some(expr) => DefaultValue::Value(Box::new(expr.clone())),
        None => DefaultValue::OfType,
    })
}

fn unsent(options: &Options, errors: &mut Errors) -> Option<Located<Unsent>> {
    let expr = options.expr("unsent")?;
    let known = [("refuse", Unsent::Refuse), ("drop", Unsent::Drop)];
    Some(Located {
        value: values::one_of("unsent", expr, known, errors)?,
        place: Place::of(expr),
    })
}
