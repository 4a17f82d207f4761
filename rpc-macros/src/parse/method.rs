//! Reads a method of an API: its options and its signature.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{FnArg, Pat, PatType, Receiver, ReceiverKind, Safety, Signature, TraitItemFn, Type};

use super::api::parameters;
use super::options::{Key, Options, Shape, Table};
use super::{argument, attribute, values};
use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{Argument, Context, Delivery, Kinds, Method};
use crate::nearest::nearest;
use crate::types;

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
        Key("timeout", Shape::Value, r#"timeout = "30s""#),
        Key("monitored", Shape::Flag, "monitored"),
        Key("idempotent", Shape::Flag, "idempotent"),
        Key("delivery", Shape::Value, "delivery = at_least_once"),
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
    if let Some(output) = types::output(&declared.sig.output) {
        argument::owned("an answer is received, so it owns its data", output, errors);
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
        since: expr("since").and_then(|expr| values::version("since", expr, errors)),
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
        errors.add(Mistake::at(
            signature.fn_token.span,
            "an RPC method must be 'async fn'",
        ));
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
        let mistake = Mistake::at(place, "an RPC method cannot be generic: the wire has no types");
        errors.add(mistake.help("name the types that travel"));
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.add(Mistake::at(
            Place::of(clause),
            "an RPC method has no bounds: it is not generic",
        ));
    }
}

fn parameters_of(
    signature: &mut Signature,
    expected: &str,
    errors: &mut Errors,
) -> (Option<Context>, Vec<Argument>) {
    let parens = signature.paren_token.span;
    let mut inputs = signature.inputs.iter_mut().peekable();
    match inputs.next_if(|input| matches!(input, FnArg::Receiver(_))) {
        Some(FnArg::Receiver(receiver)) => check_receiver(receiver, errors),
        _ => errors.add(no_shared_self(parens.open())),
    }

    let mut typed = inputs.filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let no_context = |place: Place| {
        let text = format!("the second parameter of an RPC method is its context: 'ctx: &{expected}'");
        Mistake::at(place, text)
    };
    let mut arguments = Vec::new();
    let mut context = None;
    match typed.next() {
        None => errors.add(no_context(parens.close().into())),
        Some(first) => {
            context = as_context(first, errors);
            if context.is_none() {
                errors.add(no_context(Place::of(&first)));
                attribute::take(&mut first.attrs);
                argument::name(0, first, errors);
            }
        }
    }
    for (position, written) in typed.enumerate() {
        let second = context
            .as_ref()
            .filter(|context| is_context(&written.ty, &context.ty));
        if let Some(context) = second {
            let text = format!("'{}' is the context already", context.ident);
            errors.add(Mistake::at(Place::of(&written), text));
            attribute::take(&mut written.attrs);
            continue;
        }
        arguments.push(argument::argument(position + 1, written, errors));
    }
    (context, arguments)
}

fn no_shared_self(place: impl Into<Place>) -> Mistake {
    Mistake::at(
        place,
        "an RPC method takes '&self': one manager serves many calls at a time",
    )
}

fn check_receiver(receiver: &mut Receiver, errors: &mut Errors) {
    attribute::refuse(
        &mut receiver.attrs,
        "'self' does not travel: it has no options",
        errors,
    );
    match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => {}
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
fn as_context(written: &mut PatType, errors: &mut Errors) -> Option<Context> {
    let Type::Reference(reference) = types::bare(&written.ty) else {
        return None;
    };
    if reference.mutability.is_some() || types::is_plain(&reference.elem) {
        return None;
    }
    let ident = match &*written.pat {
        Pat::Ident(pat) => pat.ident.clone(),
        Pat::Wild(wild) => Ident::new("ctx", wild.underscore_token.span),
        _ => return None,
    };
    attribute::refuse(&mut written.attrs, "the context has no options", errors);
    if let Some(lifetime) = &reference.lifetime {
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

/// Whether the type is `&` of the context's, as written.
fn is_context(ty: &Type, context: &Type) -> bool {
    matches!(types::bare(ty), Type::Reference(reference) if types::text(&reference.elem) == types::text(context))
}

fn delivery(options: &Options, errors: &mut Errors) -> Delivery {
    let Some(expr) = options.expr("delivery") else {
        return Delivery::default();
    };
    let word = values::word(expr);
    match word.as_deref() {
        Some("at_most_once") => Delivery::AtMostOnce,
        Some("at_least_once") => Delivery::AtLeastOnce,
        _ => {
            let mistake = Mistake::at(Place::of(expr), "'delivery' is at_most_once or at_least_once");
            let known = ["at_most_once", "at_least_once"];
            errors.add(match nearest(word.as_deref().unwrap_or(""), known) {
                Some(near) => mistake.help(format_args!("did you mean {near}?")),
                None => mistake,
            });
            Delivery::default()
        }
    }
}
