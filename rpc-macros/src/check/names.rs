//! Names on the wire: of the API, of methods and their aliases, of arguments.

use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{Api, Method};

pub(super) fn check(api: &Api, errors: &mut Errors) {
    if let Some(namespace) = &api.namespace {
        address("namespace", namespace, errors);
    }
    if let Some(topic) = &api.topic {
        address("topic", topic, errors);
        queue(topic, errors);
    }
    let mut taken: Vec<(&Located<String>, &Method)> = Vec::new();
    for method in api.methods() {
        for name in [&method.wire].into_iter().chain(&method.aliases) {
            callable(name, errors);
            let first = taken.iter().find(|(other, owner)| {
                other.value == name.value
                    && (std::ptr::eq(*owner, method) || !(owner.has_cfg() || method.has_cfg()))
            });
            match first {
                Some((first, owner)) => {
                    let own = std::ptr::eq(*owner, method);
                    let whose = if own { "this" } else { "another" };
                    let text = format!("'{}' is already a wire name of {whose} method", name.value);
                    errors.add(Mistake::at(name.place, text).see(first.place, "taken here"));
                }
                None => taken.push((name, method)),
            }
        }
        arguments(method, errors);
    }
}

/// A topic or namespace: a part of queue names and envelopes.
fn address(what: &str, name: &Located<String>, errors: &mut Errors) {
    if name.value.is_empty() {
        let text = format!("{what} \"\" would be sent as an empty string; leave '{what}' out for none");
        errors.add(Mistake::at(name.place, text));
    } else if let Some(odd) = odd_character(&name.value) {
        let text = format!(
            "{what} {:?} holds {odd:?}: letters, digits, '_', '-', '.' are understood everywhere",
            name.value
        );
        errors.add(Mistake::at(name.place, text));
    }
}

/// The longest topic: with `_fanout_` and 32 digits behind it, it is the name of a queue, of 255 bytes at most.
const TOPIC: usize = 255 - "_fanout_".len() - 32;

/// A topic is the name of a queue and of an exchange, too.
fn queue(topic: &Located<String>, errors: &mut Errors) {
    if topic.value.starts_with("amq.") {
        let text = format!(
            "topic {:?} begins with 'amq.', which brokers reserve",
            topic.value
        );
        errors.add(Mistake::at(topic.place, text));
    } else if topic.value.len() > TOPIC {
        let text = format!(
            "a topic of {} bytes: no broker takes more than {TOPIC}",
            topic.value.len()
        );
        errors.add(Mistake::at(topic.place, text));
    }
}

fn odd_character(name: &str) -> Option<char> {
    name.chars()
        .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'))
}

/// A name that peers can call.
fn callable(name: &Located<String>, errors: &mut Errors) {
    let text = &name.value;
    if text.starts_with('_') {
        let text = format!("'{text}' cannot be called: peers refuse names that start with '_'");
        errors.add(Mistake::at(name.place, text));
    } else if text == "target" || text.starts_with("oslo_") {
        let text = format!("'{text}' is reserved by oslo.messaging endpoints");
        errors.add(Mistake::at(name.place, text));
    } else {
        identifier("method", name.place, text, errors);
    }
}

/// Peers in Python look a method up as an attribute and pass arguments by keyword.
fn identifier(what: &str, place: Place, text: &str, errors: &mut Errors) {
    if is_identifier(text) {
        return;
    }
    let said = format!(
        "{text:?} cannot be the name of {} {what}: peers use it as an identifier",
        article(what)
    );
    let mistake = Mistake::at(place, said);
    errors.add(match text.strip_prefix("r#").filter(|word| is_identifier(word)) {
        Some(word) => mistake.help(format_args!("write {word:?}: 'r#' is for Rust alone")),
        None => mistake,
    });
}

fn article(what: &str) -> &'static str {
    if what.starts_with('a') { "an" } else { "a" }
}

/// Whether it is an identifier to Python, to which words of Rust are names like others.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

fn arguments(method: &Method, errors: &mut Errors) {
    for (position, argument) in method.arguments.iter().enumerate() {
        let name = &argument.wire;
        identifier("argument", name.place, &name.value, errors);
        let before = method.arguments.iter().take(position);
        if let Some(first) = before
            .map(|other| &other.wire)
            .find(|wire| wire.value == name.value)
        {
            let text = format!("'{}' is already an argument of this method", name.value);
            errors.add(Mistake::at(name.place, text).see(first.place, "here"));
        }
    }
}
