//! Reads `#[rpc_api(..)] trait`.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Item, ItemTrait, TraitItem, Type, TypeParamBound};

use super::options::{Key, Options, Shape, Table};
use super::{argument, attribute, history, method, values, waiver};
use crate::errors::{Errors, Mistake, Place};
use crate::model::{Api, Member, Method, Released};
use crate::{print, types};

static OPTIONS: Table = Table {
    of: "an RPC API",
    of_all: "APIs",
    keys: &[
        Key("topic", Shape::Value, r#"topic = "conductor""#),
        Key("namespace", Shape::Value, r#"namespace = "compute_task""#),
        Key("version", Shape::Value, r#"version = "1.0""#),
        Key("accepts", Shape::Value, r#"accepts = "1.26""#),
        Key("releases", Shape::List, r#"releases(zed = "1.24")"#),
        Key("released", Shape::Value, r#"released = "api/compute_task.rpc""#),
        Key("breaks", Shape::Value, r#"breaks = "ARG_SAME_DEFAULT""#),
        Key("because", Shape::Value, r#"because = "nobody relied on it""#),
        Key("context", Shape::Type, "context = RequestContext"),
        Key("crate", Shape::Path, "crate = ::rpc_runtime"),
    ],
    beside: &[&method::OPTIONS],
};

/// Reads the attribute's options and the trait. For anything but a trait: the tokens to leave in its place.
pub(crate) fn api(options: TokenStream, item: TokenStream, errors: &mut Errors) -> Result<Api, TokenStream> {
    let mut item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Trait(item)) => item,
        Ok(other) => {
            let (place, what) = kind(&other);
            let text = format!("#[rpc_api] goes on a trait, this is {what}");
            errors.add(Mistake::at(place, text));
            return Err(attribute::strip(item));
        }
        Err(error) => {
            errors.add_syntax(error);
            return Err(attribute::strip(item));
        }
    };

    let mut given = Options::default();
    given.parse(&OPTIONS, options, errors);
    let context = context(&given, errors);
    let runtime = given.runtime();
    if given.word("version").is_none() && !given.doubtful() {
        let mistake = Mistake::at(Span::call_site(), "an RPC API needs a version");
        errors.add(mistake.help(r#"add version = "1.0""#));
    }
    let version = given
        .expr("version")
        .and_then(|expr| values::version("version", expr, errors));
    let accepts = given
        .expr("accepts")
        .and_then(|expr| values::version("accepts", expr, errors));
    let releases = history::releases(&given, errors);
    let topic = given
        .expr("topic")
        .and_then(|expr| values::string("topic", expr, errors));
    let namespace = given
        .expr("namespace")
        .and_then(|expr| values::string("namespace", expr, errors));

    let released = given
        .expr("released")
        .and_then(|expr| values::string("released", expr, errors));
    let waivers = waiver::waivers(&given, errors);

    let sound = head(&mut item, errors);
    let mut api = Api {
        members: Vec::new(),
        item,
        topic,
        namespace,
        version,
        accepts,
        releases,
        released: released.map(|path| Released { path, snapshot: None }),
        waivers,
        context,
        runtime,
        sound,
    };
    members(&mut api, errors);
    Ok(api)
}

/// The type that methods borrow.
fn context(given: &Options, errors: &mut Errors) -> Option<Type> {
    let ty = given.ty("context")?;
    argument::owned(
        "'context' is the type behind the '&' of methods",
        "take",
        ty,
        errors,
    );
    Some(match types::bare(ty) {
        Type::Reference(reference) => (*reference.elem).clone(),
        _ => ty.clone(),
    })
}

/// What the item is, and the place of the word that says so.
pub(super) fn kind(item: &Item) -> (Place, &'static str) {
    match item {
        Item::Const(item) => (item.const_token.span.into(), "a constant"),
        Item::Enum(item) => (item.enum_token.span.into(), "an enum"),
        Item::Fn(item) => (item.sig.fn_token.span.into(), "a function"),
        Item::Impl(item) => (item.impl_token.span.into(), "an impl block"),
        Item::Mod(item) => (item.mod_token.span.into(), "a module"),
        Item::Static(item) => (item.static_token.span.into(), "a static"),
        Item::Struct(item) => (item.struct_token.span.into(), "a struct"),
        Item::TraitAlias(item) => (item.trait_token.span.into(), "a trait alias"),
        Item::Type(item) => (item.type_token.span.into(), "a type alias"),
        Item::Union(item) => (item.union_token.span.into(), "a union"),
        other => (Place::of(other), "something else"),
    }
}

/// What stands before the `{`. Returns whether the trait can be named without arguments.
fn head(item: &mut ItemTrait, errors: &mut Errors) -> bool {
    attribute::refuse(
        &mut item.attrs,
        "the options of an API stand in #[rpc_api(..)]",
        errors,
    );
    if let Some(token) = &item.unsafety {
        errors.add(Mistake::at(token.span, "an RPC API cannot be unsafe"));
    }
    if let Some(token) = item.modifiers.auto_token.take() {
        errors.add(Mistake::at(token.span, "an RPC API cannot be an auto trait"));
    }
    for bound in &item.supertraits {
        if !is_shared(bound) {
            let text = format!(
                "supertraits are not callable remotely; move '{}' to the manager",
                print::text(bound)
            );
            errors.add(Mistake::at(Place::of(bound), text));
        }
    }
    let generics = &item.generics;
    if let Some(place) = parameters(generics) {
        let mistake = Mistake::at(place, "an RPC API cannot be generic: the wire has no types");
        errors.add(mistake.help("put the parameter on the manager"));
    }
    if let Some(clause) = &generics.where_clause {
        errors.add(Mistake::at(
            Place::of(clause),
            "an RPC API has no bounds: what a manager must be is the manager's affair",
        ));
    }
    generics.params.is_empty()
}

/// Where `<..>` stands, if anything is in it.
pub(super) fn parameters(generics: &syn::Generics) -> Option<Place> {
    let (open, close) = (generics.lt_token?, generics.gt_token?);
    Some(Place::between(open.span, close.span))
}

/// `Send`, `Sync` and `'static` say what is required of every manager anyway.
fn is_shared(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Send" || last.ident == "Sync"),
        TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
        _ => false,
    }
}

fn members(api: &mut Api, errors: &mut Errors) {
    let items = std::mem::take(&mut api.item.items);
    let context = api
        .context
        .as_ref()
        .map_or_else(|| "Context".to_owned(), print::text);
    for item in items {
        match item {
            TraitItem::Fn(item) => {
                let method = method::method(item, &context, errors);
                if !repeats(api, &method, errors) {
                    api.members.push(Member::Method(Box::new(method)));
                }
            }
            mut other => {
                errors.add(Mistake::at(body_of(&other), "an RPC API holds methods only"));
                if let Some(attrs) = attributes(&mut other) {
                    attribute::take(attrs);
                }
                api.members.push(Member::Other(Box::new(other)));
            }
        }
    }
    if api.members.is_empty() {
        let text = format!("'{}' has no methods: nothing would be served", api.item.ident);
        errors.add(Mistake::at(api.item.ident.span(), text));
    }
}

/// Tells of a second method of one name, in whatever letters: their constants would be one. It is left out, or rustc
/// would say the same a second time.
fn repeats(api: &Api, method: &Method, errors: &mut Errors) -> bool {
    let name = method.ident();
    let constant = name.to_string().to_uppercase();
    let same = |first: &&Method| first.ident().to_string().to_uppercase() == constant;
    let Some(first) = api.methods().find(same) else {
        return false;
    };
    // Two of which `cfg` leaves one.
    if first.has_cfg() || method.has_cfg() {
        return false;
    }
    let text = if first.ident() == name {
        format!("there is a method '{name}' already")
    } else {
        format!(
            "'{name}' and '{}' are one in capitals, as which they are constants",
            first.ident()
        )
    };
    errors.add(Mistake::at(name.span(), text).see(first.ident().span(), "it is here"));
    true
}

/// The item without its attributes and docs.
fn body_of(item: &TraitItem) -> Place {
    match item {
        TraitItem::Const(item) => Place::between(item.const_token.span, item.semi_token.span),
        TraitItem::Type(item) => Place::between(item.type_token.span, item.semi_token.span),
        TraitItem::Macro(item) => Place::of(&item.mac),
        other => other.span().into(),
    }
}

fn attributes(item: &mut TraitItem) -> Option<&mut Vec<syn::Attribute>> {
    match item {
        TraitItem::Const(item) => Some(&mut item.attrs),
        TraitItem::Type(item) => Some(&mut item.attrs),
        TraitItem::Macro(item) => Some(&mut item.attrs),
        _ => None,
    }
}
