//! Reads a method of an API: its options and its signature.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::{
    FnArg, Pat, PatType, Receiver, ReceiverKind, Safety, Signature, TraitItemFn, Type, TypeParamBound,
};

use super::api::parameters;
use super::options::{Key, Options, Shape, Table};
use super::{argument, attribute, history, values, waiver};
use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{Argument, Context, Delivery, Kinds, Method};
use crate::{print, types};

pub(super) static OPTIONS: Table = Table {
    of: "an RPC method",
    of_all: "methods",
    keys: &[
        Key("call", Shape::Flag, "call"),
        Key("cast", Shape::Flag, "cast"),
        Key("fanout", Shape::Flag, "fanout"),
        Key("stream", Shape::Flag, "stream"),
        Key("name", Shape::Value, r#"name = "unshelve_instance""#),
        Key("alias", Shape::Value, r#"alias = ["old_name"]"#),
        Key("since", Shape::Value, r#"since = "1.4""#),
        Key("removed", Shape::Value, r#"removed = "2.0""#),
        Key("timeout", Shape::Value, r#"timeout = "30s""#),
        Key("monitored", Shape::Flag, "monitored"),
        Key("idempotent", Shape::Flag, "idempotent"),
        Key("delivery", Shape::Value, "delivery = at_least_once"),
        Key("opaque", Shape::Flag, "opaque"),
        Key("breaks", Shape::Value, r#"breaks = "ARG_SAME_DEFAULT""#),
        Key("because", Shape::Value, r#"because = "nobody relied on it""#),
    ],
    beside: &[&argument::OPTIONS],
};

/// Reads a method. `context` is how the API's context type is written.
pub(super) fn method(mut declared: TraitItemFn, context: &str, errors: &mut Errors) -> Method {
    let options = attribute::options(&OPTIONS, &mut declared.attrs, errors);
    let kinds = kinds(&options, &declared.sig, errors);
    let name = declared.sig.ident.clone();
    let expr = |key| options.expr(key);

    let before = errors.count();
    qualifiers(&declared.sig, errors);
    if let Some(body) = &declared.default {
        errors.add(Mistake::at(
            Place::of(body),
            "an RPC method has no body here: the manager gives it",
        ));
    }
    let (context, arguments) = parameters_of(&mut declared.sig, context, errors);
    too_many(&arguments, errors);
    if let Some(output) = types::output(&declared.sig.output)
        && written_out(&declared.sig).is_none()
    {
        argument::owned(
            "an answer is received, so it owns its data",
            "return",
            output,
            errors,
        );
    }
    let sound = errors.count() == before;

    Method {
        kinds,
        wire: expr("name")
            .and_then(|expr| values::string("name", expr, errors))
            .unwrap_or_else(|| Located {
                value: name.unraw().to_string(),
                place: name.span().into(),
            }),
        aliases: expr("alias").map_or_else(Vec::new, |expr| values::strings("alias", expr, errors)),
        since: expr("since").map_or_else(Vec::new, |expr| values::versions("since", expr, errors)),
        removed: history::dated("removed", &options, errors),
        timeout: expr("timeout").and_then(|expr| {
            let timeout = values::timeout(expr, errors)?;
            Some(Located {
                value: timeout.value,
                // The rule that it has no effect concerns the word.
                place: options.word("timeout").unwrap_or(timeout.place),
            })
        }),
        monitored: options.word("monitored"),
        idempotent: options.word("idempotent").is_some(),
        delivery: delivery(&options, errors),
        opaque: options.word("opaque").is_some(),
        waivers: waiver::waivers(&options, errors),
        context,
        arguments,
        declared,
        sound,
    }
}

fn kinds(options: &Options, signature: &Signature, errors: &mut Errors) -> Kinds {
    let mut kinds = Kinds {
        call: options.word("call"),
        cast: options.word("cast"),
        fanout: options.word("fanout"),
        stream: options.word("stream"),
    };
    if kinds.is_empty() {
        if !options.doubtful() {
            let text = format!("say how '{}' is sent", signature.ident);
            errors.add(
                Mistake::at(signature.ident.span(), text)
                    .help("#[rpc(call)] waits for an answer, #[rpc(cast)] does not"),
            );
        }
        // What it looks like, so that those who use it see no second error.
        let place = Some(signature.ident.span().into());
        match types::output(&signature.output) {
            None => kinds.cast = place,
            Some(_) => kinds.call = place,
        }
    }
    kinds
}

/// What stands around the parameters.
fn qualifiers(signature: &Signature, errors: &mut Errors) {
    if signature.asyncness.is_none() {
        let mistake = Mistake::at(signature.fn_token.span, "an RPC method must be 'async fn'");
        errors.add(match written_out(signature) {
            Some(output) => {
                let (name, output) = (&signature.ident, print::text(&output));
                mistake.help(format_args!("async fn {name}(..) -> {output}"))
            }
            None => mistake,
        });
    }
    if let Some(token) = &signature.constness {
        errors.add(Mistake::at(token.span, "an RPC method cannot be const"));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.add(Mistake::at(token.span, "an RPC method cannot be unsafe"));
    }
    if let Some(abi) = &signature.abi {
        errors.add(Mistake::at(
            Place::of(abi),
            "an RPC method is called over the wire, it has no ABI",
        ));
    }
    if let Some(place) = parameters(&signature.generics) {
        let only_lifetimes = signature.generics.lifetimes().count() == signature.generics.params.len();
        errors.add(if only_lifetimes {
            Mistake::at(
                place,
                "an RPC method has no lifetimes: '&self' and the context are borrowed for the call",
            )
        } else {
            Mistake::at(place, "an RPC method cannot be generic: the wire has no types")
                .help("name the types that travel")
        });
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.add(Mistake::at(
            Place::of(clause),
            "an RPC method has no bounds: it is not generic",
        ));
    }
}

/// What comes of the future that the method returns, where it is written out: `impl Future<Output = T> + Send`.
fn written_out(signature: &Signature) -> Option<Type> {
    let Type::ImplTrait(future) = types::bare(types::output(&signature.output)?) else {
        return None;
    };
    if signature.asyncness.is_some() {
        return None;
    }
    let traits = future.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    traits
        .filter(|last| last.ident == "Future")
        .find_map(types::output_of)
}

fn parameters_of(
    signature: &mut Signature,
    expected: &str,
    errors: &mut Errors,
) -> (Option<Context>, Vec<Argument>) {
    let parens = signature.paren_token.span;
    // Lifetimes that are declared are told where they are declared.
    let lifetimes = signature.generics.lifetimes().next().is_some();
    let mut inputs = signature.inputs.iter_mut().peekable();
    match inputs.next_if(|input| matches!(input, FnArg::Receiver(_))) {
        Some(FnArg::Receiver(receiver)) => check_receiver(receiver, lifetimes, errors),
        _ => errors.add(no_shared_self(parens.open())),
    }

    let mut typed: Vec<&mut PatType> = inputs
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let context = match typed.first_mut() {
        Some(first) => as_context(first, lifetimes, errors),
        None => None,
    };
    match &context {
        Some(context) => repeated_context(&mut typed, context, errors),
        None => missing_context(&mut typed, expected, parens.close(), errors),
    }
    let first = usize::from(context.is_some());
    let arguments = typed
        .iter_mut()
        .enumerate()
        .skip(first)
        .map(|(position, written)| argument::argument(position, written, errors))
        .collect();
    (context, arguments)
}

/// Tells of further contexts, and of an argument of the context's name, and leaves them out.
fn repeated_context(typed: &mut Vec<&mut PatType>, context: &Context, errors: &mut Errors) {
    let same_type = print::text(&context.ty);
    let same_name = typed
        .first()
        .and_then(|first| argument::plain_name(&first.pat))
        .cloned();
    for written in typed.extract_if(1.., |written| {
        let name = argument::plain_name(&written.pat);
        is_reference_to(&written.ty, |ty| print::text(ty) == same_type)
            || name.is_some_and(|name| same_name.as_ref() == Some(name))
    }) {
        let text = format!("'{}' is the context already", context.ident);
        errors.add(Mistake::at(Place::of(&written), text));
        attribute::take(&mut written.attrs);
        // Of two parameters of one name rustc tells as well.
        *written.pat = syn::parse_quote!(_);
    }
}

/// Tells of a context that is missing, or stands elsewhere, and leaves out what stands in its place.
fn missing_context(typed: &mut Vec<&mut PatType>, expected: &str, close: Span, errors: &mut Errors) {
    let name = expected.rsplit("::").next().unwrap_or(expected);
    let elsewhere = typed.iter().position(|written| {
        let named = |ty: &Type| types::name_and_arguments(ty).is_some_and(|(last, _)| last == name);
        is_reference_to(&written.ty, named)
    });
    let text = format!("the second parameter of an RPC method is its context: 'ctx: &{expected}'");
    match elsewhere {
        Some(0) => {
            let written = typed.remove(0);
            attribute::take(&mut written.attrs);
            let mistake = Mistake::at(Place::of(&written), text);
            let mutable = matches!(types::bare(&written.ty), Type::Reference(of) if of.mutability.is_some());
            errors.add(if mutable {
                mistake.help("borrow it without 'mut': a manager does not change it")
            } else {
                mistake
            });
            argument::named(0, written);
        }
        Some(position) => {
            let written = typed.remove(position);
            attribute::take(&mut written.attrs);
            let mistake = Mistake::at(Place::of(&written), text);
            errors.add(mistake.help("move it to the front, behind '&self'"));
        }
        None if typed.is_empty() => errors.add(Mistake::at(close, text)),
        None => {
            let written = typed.remove(0);
            attribute::take(&mut written.attrs);
            errors.add(Mistake::at(Place::of(&written), text));
            argument::name(0, written, errors);
        }
    }
}

/// The runtime reads this many; more would not be one message, but a type that is not written yet.
const MOST: usize = 24;

fn too_many(arguments: &[Argument], errors: &mut Errors) {
    if let Some(next) = arguments.get(MOST) {
        let mistake = Mistake::at(
            next.ident.span(),
            format!("an RPC method takes at most {MOST} arguments"),
        );
        errors.add(mistake.help("put some of them into a struct"));
    }
}

fn no_shared_self(place: impl Into<Place>) -> Mistake {
    Mistake::at(
        place,
        "an RPC method takes '&self': one manager serves many calls at a time",
    )
}

fn check_receiver(receiver: &mut Receiver, lifetimes: bool, errors: &mut Errors) {
    attribute::refuse(
        &mut receiver.attrs,
        "'self' does not travel: it has no options",
        errors,
    );
    match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => {}
        ReceiverKind::Reference(_, Some(_), None) if lifetimes => {}
        ReceiverKind::Reference(_, Some(lifetime), None) => errors.add(Mistake::at(
            Place::of(lifetime),
            "an RPC method has no lifetimes: write '&self'",
        )),
        kind => {
            let mistake = no_shared_self(Place::of(receiver));
            errors.add(match kind {
                ReceiverKind::Reference(..) => mistake.help("use a Mutex or atomics for state"),
                _ => mistake,
            });
        }
    }
}

/// The context, if the parameter can be one.
fn as_context(written: &mut PatType, lifetimes: bool, errors: &mut Errors) -> Option<Context> {
    let Type::Reference(reference) = types::bare(&written.ty) else {
        return None;
    };
    if reference.mutability.is_some() || types::is_plain(&reference.elem) {
        return None;
    }
    let ident = match (argument::plain_name(&written.pat), &*written.pat) {
        (Some(name), _) => name.clone(),
        // An argument may have this name: hygiene keeps them apart.
        (None, Pat::Wild(wild)) => {
            Ident::new("ctx", Span::mixed_site().located_at(wild.underscore_token.span))
        }
        (None, _) => return None,
    };
    attribute::refuse(&mut written.attrs, "the context has no options", errors);
    if let Some(lifetime) = reference.lifetime.as_ref().filter(|_| !lifetimes) {
        errors.add(Mistake::at(
            Place::of(lifetime),
            "an RPC method has no lifetimes: the context is borrowed for the call",
        ));
    }
    Some(Context {
        ident,
        ty: (*reference.elem).clone(),
    })
}

/// Whether the type is a reference to such a type.
fn is_reference_to(ty: &Type, wanted: impl Fn(&Type) -> bool) -> bool {
    matches!(types::bare(ty), Type::Reference(reference) if wanted(&reference.elem))
}

fn delivery(options: &Options, errors: &mut Errors) -> Delivery {
    let known = [
        ("at_most_once", Delivery::AtMostOnce),
        ("at_least_once", Delivery::AtLeastOnce),
    ];
    let expr = options.expr("delivery");
    expr.and_then(|expr| values::one_of("delivery", expr, known, errors))
        .unwrap_or_default()
}
