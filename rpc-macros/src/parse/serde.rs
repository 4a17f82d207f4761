//! Reads what `#[serde(..)]` says of a type, a variant or a field, as far as the wire can tell. What would make the
//! wire another than is read here is refused.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Token, token};

use super::case::Case;
use crate::errors::{Errors, Mistake, Place};

/// What serde was told.
#[derive(Default)]
pub(super) struct Serde {
    pub(super) rename: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) rename_all: Option<Case>,
    pub(super) rename_all_fields: Option<Case>,
    pub(super) default: bool,
    pub(super) skip: bool,
    pub(super) omittable: bool,
    pub(super) flatten: bool,
    pub(super) transparent: bool,
    pub(super) strict: Option<Place>,
    pub(super) untagged: bool,
    pub(super) other: bool,
    pub(super) tag: Option<String>,
    pub(super) content: Option<String>,
    /// Something hides what is written: to be told unless an option of ours says what that is.
    unknown: Option<Mistake>,
}

/// Reads every `#[serde(..)]` of `what`: the type, a variant or a field.
pub(super) fn serde(what: &str, attrs: &[Attribute], errors: &mut Errors) -> Serde {
    let mut serde = Serde::default();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        if let Err(error) = attr.parse_nested_meta(|meta| serde.entry(what, &meta, errors)) {
            errors.add_syntax(error);
        }
    }
    serde
}

impl Serde {
    /// Tells what hides what is written.
    pub(super) fn refuse_unknown(&mut self, errors: &mut Errors) {
        if let Some(mistake) = self.unknown.take() {
            errors.add(mistake);
        }
    }

    fn entry(&mut self, what: &str, meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match name.as_str() {
            "rename" => self.rename = one_name(meta, errors)?,
            "rename_all" => self.rename_all = case(meta, errors)?,
            "rename_all_fields" => self.rename_all_fields = case(meta, errors)?,
            "tag" => self.tag = Some(text(meta)?),
            "content" => self.content = Some(text(meta)?),
            "default" => {
                self.default = true;
                ignored(meta)?;
            }
            "skip" => self.skip = true,
            "skip_serializing_if" => {
                self.omittable = true;
                ignored(meta)?;
            }
            "flatten" => self.flatten = true,
            "transparent" => self.transparent = true,
            "deny_unknown_fields" => self.strict = Some(Place::of(&meta.path)),
            "untagged" => self.untagged = true,
            "other" => self.other = true,
            "alias" => self.aliases.push(text(meta)?),
            // Nothing to the wire.
            "bound" | "borrow" | "crate" | "expecting" => ignored(meta)?,
            "with" | "serialize_with" | "deserialize_with" | "into" | "from" | "try_from" | "remote" => {
                ignored(meta)?;
                let text = format!("'{name}' writes {what} in a way of its own");
                let mistake = Mistake::at(Place::of(&meta.path), text);
                let mistake = mistake.help("say what it is on the wire: #[rpc(as = String)]");
                self.unknown = Some(mistake.note(OPAQUE));
            }
            "skip_serializing" | "skip_deserializing" => {
                let text = format!("'{name}' makes two types of one: what is written is not what is read");
                errors.add(Mistake::at(Place::of(&meta.path), text).help(OPAQUE_TYPE));
            }
            _ => {
                ignored(meta)?;
                let text = format!("what serde's '{name}' does to the wire is not known to #[derive(Wire)]");
                self.unknown = Some(Mistake::at(Place::of(&meta.path), text).help(OPAQUE));
            }
        }
        Ok(())
    }
}

/// What to do about what cannot be described.
const OPAQUE: &str = "mark the type or field #[rpc(opaque)]: its shape is then not compared";

/// What to do where a part is there or not, or called otherwise, in a way that no shape tells: whatever the part is.
pub(super) const OPAQUE_TYPE: &str = "mark the type #[rpc(opaque)]: its shape is then not compared";

fn text(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

/// A name that is the same in both directions.
fn one_name(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<Option<String>> {
    if !meta.input.peek(token::Paren) {
        return text(meta).map(Some);
    }
    ignored(meta)?;
    let text = "two names make two types of one: what is written is not what is read";
    errors.add(Mistake::at(Place::of(&meta.path), text).help(OPAQUE_TYPE));
    Ok(None)
}

fn case(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<Option<Case>> {
    let name = one_name(meta, errors)?;
    // A case that does not exist is told by serde.
    Ok(name.and_then(|name| {
        let known = Case::ALL.into_iter().find(|(known, _)| *known == name);
        known.map(|(_, case)| case)
    }))
}

/// Passes over what stands behind a word.
fn ignored(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(token::Paren) {
        let inner;
        syn::parenthesized!(inner in meta.input);
        inner.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}
