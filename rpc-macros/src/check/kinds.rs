//! How a method may be sent, and what it returns: each kind of sending has its kind of answer.

use crate::errors::{Errors, Mistake, Place};
use crate::model::Method;
use crate::{print, types};
use syn::Type;

pub(super) fn check(method: &mut Method, errors: &mut Errors) {
    together(method, errors);
    let before = errors.count();
    if method.kinds.answers() {
        answer(method, errors);
    } else {
        no_answer(method, errors);
    }
    // With another answer than its kind has, it cannot be dispatched.
    method.sound &= errors.count() == before;
    if !method.kinds.answers() {
        waits_for_nothing(method, errors);
    }
}

fn waits_for_nothing(method: &Method, errors: &mut Errors) {
    if let Some(timeout) = &method.timeout {
        errors.add(Mistake::at(
            timeout.place,
            "a cast waits for nothing: 'timeout' has no effect here",
        ));
    }
    if let Some(place) = method.monitored {
        let what = if method.kinds.cast.is_some() {
            "a cast"
        } else {
            "a fan-out"
        };
        errors.add(Mistake::at(
            place,
            format!("heartbeats are sent while a call is answered; this is {what}"),
        ));
    }
}

/// Kinds that exclude each other.
fn together(method: &Method, errors: &mut Errors) {
    let kinds = &method.kinds;
    if let (Some(place), true) = (kinds.fanout, kinds.answers()) {
        let mistake = Mistake::at(place, "a fan-out reaches every server: it has no single answer");
        errors.add(mistake.help("'cast, fanout', or a call to one server"));
    }
    let Some(stream) = kinds.stream else {
        return;
    };
    if kinds.call.is_some() {
        let mistake = Mistake::at(stream, "a stream is a call that is answered many times");
        errors.add(mistake.help("leave 'call' out"));
    }
    if kinds.cast.is_some() {
        errors.add(Mistake::at(
            stream,
            "a cast sends no answer, so the items of a stream would be lost",
        ));
    }
}

/// A call or stream says what it answers, and how it fails.
fn answer(method: &Method, errors: &mut Errors) {
    let signature = &method.declared.sig;
    let nothing = "a call answers something: return Result<(), E>, or make it #[rpc(cast)]";
    match types::output(&signature.output) {
        None => errors.add(Mistake::at(signature.paren_token.span.close(), nothing)),
        Some(ty) if types::is_unit(ty) => errors.add(Mistake::at(Place::of(ty), nothing)),
        Some(ty) if types::is_plain(ty) || error_of_items(ty).is_some() => {
            let value = match types::bare(ty) {
                // That an answer is not borrowed is told already.
                Type::Reference(reference) => types::owned_form(&reference.elem),
                ty => print::text(ty),
            };
            let error = error_of_items(ty).map_or_else(|| "E".to_owned(), print::text);
            let text = format!("a call can fail on the way: return Result<{value}, {error}>");
            errors.add(Mistake::at(Place::of(ty), text));
        }
        Some(ty) if method.kinds.stream.is_some() => items(ty, errors),
        Some(ty) => one_answer(ty, errors),
    }
}

/// A call is answered once. Only `Items` that fail as the call does are surely the runtime's.
fn one_answer(ty: &Type, errors: &mut Errors) {
    let Some((value, Some(error))) = types::result(ty) else {
        return;
    };
    if error_of_items(value).is_some_and(|of_items| print::text(of_items) == print::text(error)) {
        let mistake = Mistake::at(
            Place::of(value),
            "a call is answered once, and items are many answers",
        );
        errors.add(mistake.help("make it #[rpc(stream)], or return a Vec"));
    }
}

/// `E` of `Items<T, E>`.
fn error_of_items(ty: &Type) -> Option<&Type> {
    match types::name_and_arguments(ty) {
        Some((name, arguments)) if name == "Items" && arguments.len() == 2 => arguments.last().copied(),
        _ => None,
    }
}

/// A stream answers with items, which the method returns at once.
fn items(ty: &Type, errors: &mut Errors) {
    let Some((value, error)) = types::result(ty) else {
        return;
    };
    if types::is_plain(value) {
        let error = error.map_or_else(|| "E".to_owned(), print::text);
        let text = format!("a stream answers with items: return Result<Items<T, {error}>, {error}>");
        let mistake = Mistake::at(Place::of(value), text);
        errors.add(mistake.help("Items::new takes a stream, Items::from_values what can be iterated over"));
    }
}

/// A cast or fan-out answers nothing; at most it may fail, which the server logs.
fn no_answer(method: &Method, errors: &mut Errors) {
    let Some(ty) = types::output(&method.declared.sig.output) else {
        return;
    };
    let lost = match types::result(ty) {
        Some((value, _)) if types::is_unit(value) => return,
        Some((value, _)) => value,
        None if types::is_unit(ty) || !types::is_plain(ty) => return,
        None => ty,
    };
    let mistake = Mistake::at(
        Place::of(ty),
        format!("a cast sends no answer, so '{}' would be lost", print::text(lost)),
    );
    errors.add(if method.kinds.fanout.is_some() {
        mistake
    } else {
        mistake.help("make it #[rpc(call)]")
    });
}
