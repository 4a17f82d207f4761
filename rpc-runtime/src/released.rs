//! What the expansion of a released API asks while the compiler evaluates constants: whether a type is on the wire
//! still what it was. Nothing here runs when messages travel.

use crate::error::KnownError;
use rpc_snapshot::{Definition, Difference, Message, Role, Rule, Shape, differences};

/// What a type is compared with.
#[derive(Debug)]
pub struct Compared {
    /// What has the type, for messages: `argument 'limit' of 'unshelve'`.
    pub what: &'static str,
    /// What it was when it was released.
    pub old: &'static Shape,
    /// The types that `old` names.
    pub types: &'static [Definition],
    /// Who reads it.
    pub role: Role,
    /// The version that was released.
    pub released: &'static str,
    /// Whether the API's version is a later one.
    pub raised: bool,
    /// The rules that may be broken.
    pub waived: &'static [Rule],
    /// Those of them that are broken here or nowhere.
    pub needed: &'static [Rule],
}

/// Fails the build when the shape breaks a rule, or breaks none that is waived.
#[track_caller]
pub const fn compare_shape(shape: &'static Shape, with: &'static Compared) {
    let mut skip = 0;
    let mut broken = [false; Rule::ALL.len()];
    loop {
        let differences = differences(with.old, with.types, shape, with.role, skip);
        let mut at = 0;
        while at < differences.len()
            && let Some(found) = &differences[at]
        {
            if let Some(rule) = broken_by(found, with.raised) {
                if !has(with.waived, rule) {
                    fail(with, found, rule);
                }
                broken[rule as usize] = true;
            }
            at += 1;
        }
        if at < differences.len() {
            break;
        }
        skip += at;
    }
    needed(with.what, with.needed, &broken);
}

/// What is merely another breaks a rule where the version is the same.
const fn broken_by(found: &Difference<'_>, raised: bool) -> Option<Rule> {
    match found.rule {
        None if !raised => Some(Rule::ApiVersionRaisedWhenChanged),
        rule => rule,
    }
}

/// Fails the build when one of these rules was not broken.
#[track_caller]
const fn needed(what: &str, needed: &[Rule], broken: &[bool]) {
    let mut at = 0;
    while at < needed.len() {
        if !broken[needed[at] as usize] {
            let mut text = Message::new();
            text.push(what);
            text.push(" does not break ");
            text.push(needed[at].id());
            text.push(": take the waiver away");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

const fn has(rules: &[Rule], wanted: Rule) -> bool {
    let mut at = 0;
    while at < rules.len() {
        if rules[at] as usize == wanted as usize {
            return true;
        }
        at += 1;
    }
    false
}

#[track_caller]
const fn fail(with: &Compared, found: &Difference<'_>, rule: Rule) -> ! {
    let mut text = Message::new();
    text.push(with.what);
    found.write(&mut text);
    if found.rule.is_none() {
        text.push(", but the version is still \"");
        text.push(with.released);
        text.push("\"");
    }
    text.push(" [");
    text.push(rule.id());
    text.push("]");
    panic!("{}", text.as_str())
}

/// Fails the build when an error that was released is no longer one, unless that is waived.
#[track_caller]
pub const fn compare_errors(
    known: Option<&'static [KnownError]>,
    released: &'static [KnownError],
    method: &'static str,
    waived: &'static [Rule],
    needed: &'static [Rule],
) {
    let mut broken = [false; Rule::ALL.len()];
    let mut at = 0;
    // What is open may still be any of them.
    while let Some(known) = known
        && at < released.len()
    {
        if let KnownError::Class {
            module,
            class,
            variant,
        } = released[at]
            && !has_class(known, module, class)
        {
            let rule = if has_variant(known, variant) {
                Rule::ErrorSameClass
            } else {
                Rule::ErrorNoDelete
            };
            if !has(waived, rule) {
                error_gone(module, class, method, rule);
            }
            broken[rule as usize] = true;
        }
        at += 1;
    }
    self::needed("what it fails with", needed, &broken);
}

#[track_caller]
const fn error_gone(module: &str, class: &str, method: &str, rule: Rule) -> ! {
    let mut text = Message::new();
    text.push("error ");
    text.push(module);
    text.push(".");
    text.push(class);
    text.push(" of '");
    text.push(method);
    text.push("' was released and is gone");
    if let Rule::ErrorSameClass = rule {
        text.push(": it has another class now, by which old callers do not know it");
    }
    text.push(" [");
    text.push(rule.id());
    text.push("]");
    panic!("{}", text.as_str())
}

const fn has_class(known: &[KnownError], module: &str, class: &str) -> bool {
    let mut at = 0;
    while at < known.len() {
        let found = match known[at] {
            KnownError::Class {
                module: m, class: c, ..
            } => same(m, module) && same(c, class),
            KnownError::Within(Some(within)) => has_class(within, module, class),
            KnownError::Within(None) => false,
        };
        if found {
            return true;
        }
        at += 1;
    }
    false
}

const fn has_variant(known: &[KnownError], name: &str) -> bool {
    let mut at = 0;
    while at < known.len() {
        let found = match known[at] {
            KnownError::Class { variant, .. } => same(variant, name),
            KnownError::Within(Some(within)) => has_variant(within, name),
            KnownError::Within(None) => false,
        };
        if found {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(a: &str, b: &str) -> bool {
    crate::spec::same_text(a.as_bytes(), b.as_bytes())
}
