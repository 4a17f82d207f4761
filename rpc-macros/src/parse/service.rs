//! Reads `#[derive(RpcServer)] struct`.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Data, DeriveInput, Field, Member, Meta, Type};

use super::attribute;
use super::options::{Key, Shape, Table};
use crate::errors::{Errors, Mistake, Place};
use crate::model::{Served, Service};
use crate::{print, types};

static OPTIONS: Table = Table {
    of: "a struct of managers",
    of_all: "structs",
    keys: &[Key("crate", Shape::Path, "crate = ::rpc_runtime")],
    beside: &[],
};

/// Reads the struct; `None` for what is none.
pub(crate) fn service(input: TokenStream, errors: &mut Errors) -> Option<Service> {
    let mut input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => {
            errors.add_syntax(error);
            return None;
        }
    };
    let options = attribute::options(&OPTIONS, &mut input.attrs, errors);
    let runtime = options.runtime();
    let (keyword, what) = match input.data {
        Data::Struct(data) => {
            let before = errors.count();
            let served: Vec<Served> = data
                .fields
                .members()
                .zip(data.fields.iter())
                .filter_map(|(member, field)| self::field(member, field, errors))
                .collect();
            if served.is_empty() && errors.count() == before {
                let text = format!("'{}' serves nothing", input.ident);
                errors.add(Mistake::at(input.ident.span(), text).help(
                    "give it fields that hold managers, as in '#[rpc(ComputeTaskApi)] tasks: ComputeTaskManager'",
                ));
            }
            return Some(Service {
                ident: input.ident,
                generics: input.generics,
                runtime,
                served,
            });
        }
        Data::Enum(data) => (data.enum_token.span, "an enum"),
        Data::Union(data) => (data.union_token.span, "a union"),
    };
    let text = format!("#[derive(RpcServer)] goes on a struct of managers, this is {what}");
    errors.add(Mistake::at(keyword, text));
    None
}

fn field(member: Member, field: &Field, errors: &mut Errors) -> Option<Served> {
    let mut attrs = field.attrs.clone();
    let given = attribute::take(&mut attrs);
    let [first, more @ ..] = given.as_slice() else {
        errors.add(unsaid(&member, field));
        return None;
    };
    if let Some(second) = more.first() {
        let mistake = Mistake::at(Place::of(second), "a field serves one API");
        let help =
            "each API has a field of its own; what their managers share stands in an Arc inside of them";
        errors.add(mistake.help(help).see(Place::of(first), "first given here"));
    }
    let api = api(first, errors)?;
    if matches!(&api, Type::Path(path) if path.path.is_ident("skip")) {
        return None;
    }
    Some(Served {
        api,
        manager: field.ty.clone(),
        member,
    })
}

/// The API between the parentheses.
fn api(attr: &Attribute, errors: &mut Errors) -> Option<Type> {
    let read = match &attr.meta {
        Meta::List(list) => list.parse_args::<Type>().ok(),
        Meta::Path(_) | Meta::NameValue(_) => None,
    };
    if read.is_none() {
        let mistake = Mistake::at(Place::of(attr), "a field names the API that its manager serves");
        errors.add(mistake.help("#[rpc(ComputeTaskApi)], or #[rpc(skip)] for plain fields"));
    }
    read
}

fn unsaid(member: &Member, field: &Field) -> Mistake {
    let (place, name) = match &field.ident {
        Some(ident) => (Place::from(ident.span()), format!("'{ident}'")),
        None => (Place::of(&field.ty), format!("field {}", print::text(member))),
    };
    let example = types::name_and_arguments(&field.ty)
        .map(|(name, _)| name)
        .and_then(|name| Some(name.strip_suffix("Manager")?.to_owned()))
        .filter(|name| syn::parse_str::<Ident>(name).is_ok())
        .map(|name| format!("{name}Api"))
        .unwrap_or_else(|| "ComputeTaskApi".to_owned());
    Mistake::at(
        place,
        format!("which API does {name} serve? write #[rpc({example})]"),
    )
    .note("#[rpc(skip)] for plain fields")
}
