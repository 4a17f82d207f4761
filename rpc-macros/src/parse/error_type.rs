//! Reads `#[derive(RpcError)] enum`, or a struct that is a single error.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput};

use super::options::{Key, Options, Shape, Table};
use super::{api, attribute, values};
use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{ErrorType, Fields, NamedField, Variant, Wire};

static TYPE: Table = Table {
    of: "an error type",
    of_all: "error types",
    keys: &[
        Key("module", Shape::Value, r#"module = "nova.exception""#),
        Key("crate", Shape::Path, "crate = ::rpc_runtime"),
    ],
    beside: &[&VARIANT, &FIELD],
};

static VARIANT: Table = Table {
    of: "a variant",
    of_all: "variants",
    keys: &[
        Key("class", Shape::Value, r#"class = "InstanceNotFound""#),
        Key("module", Shape::Value, r#"module = "nova.exception""#),
        Key("transparent", Shape::Flag, "transparent"),
    ],
    beside: &[&TYPE, &FIELD],
};

/// A struct is a type and a variant in one.
static STRUCT: Table = Table {
    of: "an error struct",
    of_all: "error structs",
    keys: &[
        Key("class", Shape::Value, r#"class = "InstanceNotFound""#),
        Key("module", Shape::Value, r#"module = "nova.exception""#),
        Key("crate", Shape::Path, "crate = ::rpc_runtime"),
    ],
    beside: &[&FIELD],
};

static FIELD: Table = Table {
    of: "a field of an error",
    of_all: "fields",
    keys: &[Key("name", Shape::Value, r#"name = "instance_id""#)],
    beside: &[&TYPE, &VARIANT],
};

/// Reads the type; `None` for what can be none.
pub(crate) fn error_type(input: TokenStream, errors: &mut Errors) -> Option<ErrorType> {
    let mut input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => {
            errors.add_syntax(error);
            return None;
        }
    };
    if let Some(place) = api::parameters(&input.generics) {
        errors.add(Mistake::at(
            place,
            "an error that travels cannot be generic: the wire has no types",
        ));
        return None;
    }
    let table = match input.data {
        Data::Struct(_) => &STRUCT,
        _ => &TYPE,
    };
    let options = attribute::options(table, &mut input.attrs, errors);
    let runtime = options.runtime();
    let module = text(&options, "module", errors);
    let mut lacking = Vec::new();
    let variants: Vec<Variant> = match &input.data {
        Data::Struct(data) => {
            let class = text(&options, "class", errors);
            let wire = class_of(&input.ident, class, module, &mut lacking);
            vec![Variant {
                ident: None,
                wire,
                fields: fields(&data.fields, errors),
            }]
        }
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|written| variant(written, module.as_ref(), &mut lacking, errors))
            .collect(),
        Data::Union(data) => {
            let text = "#[derive(RpcError)] goes on an enum of errors, this is a union";
            errors.add(Mistake::at(data.union_token.span, text));
            return None;
        }
    };
    if !options.doubtful() {
        let classes = variants
            .iter()
            .filter(|variant| matches!(variant.wire, Wire::Class { .. }));
        module_missing(&input.ident, &lacking, classes.count(), errors);
    }
    Some(ErrorType {
        ident: input.ident,
        runtime,
        variants,
    })
}

fn variant(
    written: &syn::Variant,
    default_module: Option<&Located<String>>,
    lacking: &mut Vec<Ident>,
    errors: &mut Errors,
) -> Variant {
    let mut attrs: Vec<Attribute> = written.attrs.clone();
    let options = attribute::options(&VARIANT, &mut attrs, errors);
    let (class, module) = (text(&options, "class", errors), text(&options, "module", errors));
    let wire = if let Some(place) = options.word("transparent") {
        transparent(written, place, &options, errors)
    } else {
        let module = module.or_else(|| default_module.cloned());
        class_of(&written.ident, class, module, lacking)
    };
    Variant {
        ident: Some(written.ident.clone()),
        wire,
        fields: fields(&written.fields, errors),
    }
}

fn transparent(written: &syn::Variant, place: Place, options: &Options, errors: &mut Errors) -> Wire {
    if let Some(other) = options.word("class").or_else(|| options.word("module")) {
        let mistake = Mistake::at(place, "a transparent error has the class and module of its field");
        errors.add(mistake.see(other, "so this has no effect"));
    }
    let one = matches!(&written.fields, syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1);
    if !one {
        let mistake = Mistake::at(place, "a transparent error is whatever its one field is");
        let help = format!("write {}(Failure), or another error type", written.ident);
        errors.add(mistake.help(help));
        let unknown = || Located {
            value: String::new(),
            place,
        };
        return Wire::Class {
            module: unknown(),
            class: unknown(),
        };
    }
    Wire::Transparent
}

fn class_of(
    ident: &Ident,
    class: Option<Located<String>>,
    module: Option<Located<String>>,
    lacking: &mut Vec<Ident>,
) -> Wire {
    let place = Place::from(ident.span());
    let module = module.unwrap_or_else(|| {
        lacking.push(ident.clone());
        Located {
            value: String::new(),
            place,
        }
    });
    let class = class.unwrap_or_else(|| Located {
        value: ident.unraw().to_string(),
        place,
    });
    Wire::Class { module, class }
}

/// Tells which of the classes are `lacking` a module; once, on the type, where all of them are.
fn module_missing(ty: &Ident, lacking: &[Ident], classes: usize, errors: &mut Errors) {
    let told = if lacking.len() == classes && classes > 1 {
        vec![(ty, format!("in which module are the classes of '{ty}'?"))]
    } else {
        let question = |class| (class, format!("in which module is the class '{class}'?"));
        lacking.iter().map(question).collect()
    };
    for (ident, question) in told {
        errors.add(
            Mistake::at(ident.span(), question)
                .help(r#"write #[rpc(module = "myapp.errors")] on the type, or on each variant"#)
                .note("peers know an error by module and class: it is not to change when code moves"),
        );
    }
}

fn fields(fields: &syn::Fields, errors: &mut Errors) -> Fields {
    match fields {
        syn::Fields::Unit => Fields::Unit,
        syn::Fields::Unnamed(fields) => {
            let types = fields.unnamed.iter().map(|field| {
                let mut attrs = field.attrs.clone();
                attribute::refuse(
                    &mut attrs,
                    "a field without a name is known by its position",
                    errors,
                );
                field.ty.clone()
            });
            Fields::Tuple(types.collect())
        }
        syn::Fields::Named(fields) => {
            let named = fields.named.iter().filter_map(|field| {
                let ident = field.ident.clone()?;
                let mut attrs = field.attrs.clone();
                let options = attribute::options(&FIELD, &mut attrs, errors);
                let wire = text(&options, "name", errors).unwrap_or_else(|| Located {
                    value: ident.unraw().to_string(),
                    place: ident.span().into(),
                });
                Some(NamedField {
                    ident,
                    wire,
                    ty: field.ty.clone(),
                })
            });
            Fields::Named(named.collect())
        }
    }
}

fn text(options: &Options, name: &str, errors: &mut Errors) -> Option<Located<String>> {
    values::string(name, options.expr(name)?, errors)
}
