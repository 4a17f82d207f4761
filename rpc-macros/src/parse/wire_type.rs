//! Reads a type under `#[derive(Wire)]`.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Path, Type};

use super::attribute;
use super::case::Case;
use super::options::{Key, Options, Shape, Table};
use super::serde::{OPAQUE_TYPE, Serde, serde};
use crate::errors::{Errors, Mistake};
use crate::model::wire_type::{Body, Content, Field, Held, Tagging, Value, WireType, stand_in};
use crate::types;

static TYPE: Table = Table {
    of: "a type that travels",
    of_all: "types",
    keys: &[
        Key("opaque", Shape::Flag, "opaque"),
        Key("as", Shape::Type, "as = String"),
        Key("crate", Shape::Path, "crate = ::rpc_runtime"),
    ],
    beside: &[&FIELD],
};

static FIELD: Table = Table {
    of: "a field",
    of_all: "fields",
    keys: &[
        Key("opaque", Shape::Flag, "opaque"),
        Key("as", Shape::Type, "as = String"),
        Key("recursive", Shape::Path, "recursive = Node"),
    ],
    beside: &[&TYPE],
};

/// Reads the type; `None` for what can be none.
pub(crate) fn wire_type(input: TokenStream, errors: &mut Errors) -> Option<WireType> {
    let mut input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => {
            errors.add_syntax(error);
            return None;
        }
    };
    let options = attribute::options(&TYPE, &mut input.attrs, errors);
    let runtime = options.runtime();
    let mut own = Own {
        ident: &input.ident,
        rounds: Vec::new(),
    };
    let body = match stated(&options) {
        Some(held) => Body::Same(held),
        None => {
            let mut serde = serde("the type", &input.attrs, errors);
            serde.refuse_unknown(errors);
            own.body(&input.data, &serde, errors)?
        }
    };
    let rounds = own.rounds;
    Some(WireType {
        docs: attribute::docs(&input.attrs),
        rounds,
        ident: input.ident,
        generics: input.generics,
        runtime,
        body,
    })
}

/// What the options say that it is, whatever its fields are.
fn stated(options: &Options) -> Option<Held> {
    match options.ty("as") {
        Some(ty) => Some(Held::Type(Box::new(ty.clone()))),
        None => options.word("opaque").map(|_| Held::Opaque),
    }
}

/// Tells that serde was told to refuse fields where the shape has no place to say so.
fn refuse_strict(serde: &Serde, who: &str, errors: &mut Errors) {
    if let Some(place) = serde.strict {
        let text = format!("{who} further fields is not known to #[derive(Wire)]");
        errors.add(Mistake::at(place, text).help(OPAQUE_TYPE));
    }
}

/// The type that is read, and the types that it comes round to: their names stand there.
struct Own<'a> {
    ident: &'a Ident,
    rounds: Vec<Ident>,
}

impl Own<'_> {
    fn body(&mut self, data: &Data, serde: &Serde, errors: &mut Errors) -> Option<Body> {
        match data {
            Data::Struct(data) => Some(match &data.fields {
                syn::Fields::Unit => Body::Null,
                syn::Fields::Unnamed(fields) => {
                    let mut held = self.places(fields, errors);
                    // One that is left of several is still in a list.
                    match (fields.unnamed.len(), held.pop()) {
                        (1, Some(only)) => Body::Same(only),
                        (_, last) => Body::Tuple(held.into_iter().chain(last).collect()),
                    }
                }
                syn::Fields::Named(fields) => {
                    let mut fields = self.fields(fields, serde.rename_all, serde.default, errors);
                    match &serde.tag {
                        // serde writes it as it does an enum of this one value.
                        Some(tag) => {
                            refuse_strict(serde, "a struct with a tag that refuses", errors);
                            Body::Enum {
                                tagging: Tagging::Internal(tag.clone()),
                                values: vec![Value {
                                    name: serde
                                        .rename
                                        .clone()
                                        .unwrap_or_else(|| self.ident.unraw().to_string()),
                                    aliases: Vec::new(),
                                    docs: String::new(),
                                    content: Content::Fields(fields),
                                }],
                                open: false,
                            }
                        }
                        None if serde.transparent && fields.len() == 1 => Body::Same(fields.remove(0).held),
                        None => Body::Struct {
                            fields,
                            strict: serde.strict.is_some(),
                        },
                    }
                }
            }),
            Data::Enum(data) => {
                refuse_strict(serde, "an enum whose values refuse", errors);
                let read: Vec<(Value, bool)> = data
                    .variants
                    .iter()
                    .filter_map(|variant| self.value(variant, serde, errors))
                    .collect();
                Some(Body::Enum {
                    tagging: tagging(serde),
                    open: read.iter().any(|(_, other)| *other),
                    values: read.into_iter().map(|(value, _)| value).collect(),
                })
            }
            Data::Union(data) => {
                let text = "#[derive(Wire)] goes on what serde writes, and this is a union";
                errors.add(Mistake::at(data.union_token.span, text));
                None
            }
        }
    }

    /// A variant, and whether it takes the place of those that are not known.
    fn value(&mut self, variant: &syn::Variant, of: &Serde, errors: &mut Errors) -> Option<(Value, bool)> {
        let mut attrs = variant.attrs.clone();
        let options = attribute::options(&FIELD, &mut attrs, errors);
        let mut serde = serde("the variant", &attrs, errors);
        if serde.skip {
            return None;
        }
        if serde.untagged {
            let text = "a variant without a tag among others with one is not known to #[derive(Wire)]";
            errors.add(Mistake::at(variant.ident.span(), text).help(OPAQUE_TYPE));
        }
        let content = match stated(&options) {
            Some(held) => Content::One(held),
            None => {
                serde.refuse_unknown(errors);
                match &variant.fields {
                    syn::Fields::Unit => Content::Unit,
                    syn::Fields::Unnamed(fields) => {
                        let mut held = self.places(fields, errors);
                        match (fields.unnamed.len(), held.pop()) {
                            (1, Some(only)) => Content::One(only),
                            (1, None) => Content::Unit,
                            (_, last) => Content::Tuple(held.into_iter().chain(last).collect()),
                        }
                    }
                    syn::Fields::Named(fields) => {
                        let case = serde.rename_all.or(of.rename_all_fields);
                        Content::Fields(self.fields(fields, case, false, errors))
                    }
                }
            }
        };
        let name = variant.ident.unraw().to_string();
        let value = Value {
            name: serde.rename.unwrap_or_else(|| {
                of.rename_all
                    .map_or_else(|| name.clone(), |case| case.of_variant(&name))
            }),
            aliases: serde.aliases,
            docs: attribute::docs(&attrs),
            content,
        };
        Some((value, serde.other))
    }

    fn places(&mut self, fields: &syn::FieldsUnnamed, errors: &mut Errors) -> Vec<Held> {
        let held = fields.unnamed.iter().filter_map(|field| {
            let mut attrs = field.attrs.clone();
            let options = attribute::options(&FIELD, &mut attrs, errors);
            let mut serde = serde("the field", &attrs, errors);
            (!serde.skip).then(|| self.held(&field.ty, &options, &mut serde, errors))
        });
        held.collect()
    }

    fn fields(
        &mut self,
        fields: &syn::FieldsNamed,
        case: Option<Case>,
        default: bool,
        errors: &mut Errors,
    ) -> Vec<Field> {
        let read = fields.named.iter().filter_map(|field| {
            let ident = field.ident.as_ref()?;
            let mut attrs = field.attrs.clone();
            let options = attribute::options(&FIELD, &mut attrs, errors);
            let mut serde = serde("the field", &attrs, errors);
            if serde.skip {
                return None;
            }
            let held = self.held(&field.ty, &options, &mut serde, errors);
            let name = ident.unraw().to_string();
            Some(Field {
                name: serde
                    .rename
                    .unwrap_or_else(|| case.map_or_else(|| name.clone(), |case| case.of_field(&name))),
                aliases: serde.aliases,
                docs: attribute::docs(&attrs),
                held,
                default: default || serde.default,
                omittable: serde.omittable,
                flatten: serde.flatten,
            })
        });
        read.collect()
    }

    /// What a field holds, with a stand-in where a type comes round to itself.
    fn held(&mut self, ty: &Type, options: &Options, serde: &mut Serde, errors: &mut Errors) -> Held {
        if let Some(held) = stated(options) {
            return held;
        }
        serde.refuse_unknown(errors);
        let round = options.path("recursive");
        let mut ty = ty.clone();
        let own = self.ident;
        types::replace(&mut ty, &mut |path| {
            let name = round_to(path, own, round)?;
            if !self.rounds.contains(name) {
                self.rounds.push(name.clone());
            }
            Some(stand_in(name))
        });
        Held::Type(Box::new(ty))
    }
}

/// The type that a path comes round to: the one that is read, or the one that an option names.
fn round_to<'a>(path: &Path, own: &'a Ident, further: Option<&'a Path>) -> Option<&'a Ident> {
    let name = &path.segments.last()?.ident;
    if path.segments.len() == 1 && (name == own || name == "Self") {
        return Some(own);
    }
    let further = &further?.segments.last()?.ident;
    (name == further).then_some(further)
}

fn tagging(serde: &Serde) -> Tagging {
    match (&serde.tag, &serde.content) {
        (Some(tag), Some(content)) => Tagging::Adjacent(tag.clone(), content.clone()),
        (Some(tag), None) => Tagging::Internal(tag.clone()),
        (None, _) if serde.untagged => Tagging::Untagged,
        (None, _) => Tagging::External,
    }
}
