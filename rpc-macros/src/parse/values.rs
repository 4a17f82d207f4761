//! Reads the values of options: versions, durations, names.

use syn::{Expr, Lit, LitInt};

use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{Spacing, Timeout, Version};
use crate::nearest::nearest;

/// The expression without the invisible group that a `macro_rules` puts around it.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => bare(&group.expr),
        expr => expr,
    }
}

fn literal(expr: &Expr) -> Option<&Lit> {
    match bare(expr) {
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    }
}

/// The text of a string literal.
pub(crate) fn text_of(expr: &Expr) -> Option<String> {
    match literal(expr)? {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// A single word, as in `unsent = drop`.
pub(crate) fn word(expr: &Expr) -> Option<String> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

/// The text of a string literal; anything else is told.
pub(crate) fn string(name: &str, expr: &Expr, errors: &mut Errors) -> Option<Located<String>> {
    if let Some(Lit::Str(text)) = literal(expr) {
        return Some(Located {
            value: text.value(),
            place: text.span().into(),
        });
    }
    let mistake = Mistake::at(Place::of(expr), format!("'{name}' is a string literal"));
    errors.add(match word(expr) {
        Some(word) => mistake.help(format_args!("write \"{word}\"")),
        None => mistake,
    });
    None
}

/// The texts of `["a", "b"]`, or of a single string literal.
pub(crate) fn strings(name: &str, expr: &Expr, errors: &mut Errors) -> Vec<Located<String>> {
    match bare(expr) {
        Expr::Array(array) => array
            .elems
            .iter()
            .filter_map(|element| string(name, element, errors))
            .collect(),
        expr => string(name, expr, errors).into_iter().collect(),
    }
}

/// The value that a word stands for, as in `unsent = drop`; a word that is not known is told.
pub(crate) fn one_of<T: Copy>(
    name: &str,
    expr: &Expr,
    known: [(&'static str, T); 2],
    errors: &mut Errors,
) -> Option<T> {
    let word = word(expr).unwrap_or_default();
    let found = known.iter().find(|(known, _)| *known == word);
    if found.is_none() {
        let words = known.map(|(word, _)| word);
        let mistake = Mistake::at(Place::of(expr), format!("'{name}' is {}", words.join(" or ")));
        errors.add(match nearest(&word, words) {
            Some(near) => mistake.help(format_args!("did you mean {near}?")),
            None => mistake,
        });
    }
    found.map(|(_, value)| *value)
}

/// A version, which is a string literal `major.minor`.
pub(crate) fn version(name: &str, expr: &Expr, errors: &mut Errors) -> Option<Located<Version>> {
    match literal(expr) {
        Some(Lit::Float(number)) => {
            let digits = number.base10_digits();
            let short = digits.trim_end_matches('0');
            let mistake = if short.len() < digits.len() && !short.ends_with('.') {
                Mistake::at(
                    number.span(),
                    format!("versions are strings: {digits} as a number would be {short}"),
                )
            } else {
                Mistake::at(
                    number.span(),
                    "versions are strings: as a number, 1.10 would be 1.1",
                )
            };
            let zero = if digits.ends_with('.') { "0" } else { "" };
            errors.add(mistake.help(format_args!("write \"{digits}{zero}\"")));
            None
        }
        Some(Lit::Int(number)) => {
            let mistake = Mistake::at(number.span(), "versions are strings: major.minor");
            errors.add(mistake.help(format_args!("write \"{}.0\"", number.base10_digits())));
            None
        }
        Some(Lit::Str(_)) => {
            let text = string(name, expr, errors)?;
            let Some(value) = read_version(&text.value) else {
                errors.add(Mistake::at(
                    text.place,
                    format!(
                        "{:?} is not a version: write major.minor, as in \"1.0\"",
                        text.value
                    ),
                ));
                return None;
            };
            Some(Located {
                value,
                place: text.place,
            })
        }
        _ => {
            let mistake = Mistake::at(Place::of(expr), format!("'{name}' is a string literal"));
            errors.add(mistake.help("write major.minor, as in \"1.0\""));
            None
        }
    }
}

/// The versions of `["1.20", "2.3"]`, or a single one.
pub(crate) fn versions(name: &str, expr: &Expr, errors: &mut Errors) -> Vec<Located<Version>> {
    match bare(expr) {
        Expr::Array(array) if array.elems.is_empty() => {
            let text = format!("'{name}' names no version");
            errors.add(Mistake::at(Place::of(array), text));
            Vec::new()
        }
        Expr::Array(array) => array
            .elems
            .iter()
            .filter_map(|element| version(name, element, errors))
            .collect(),
        expr => version(name, expr, errors).into_iter().collect(),
    }
}

fn read_version(text: &str) -> Option<Version> {
    let (major, minor) = text.split_once('.')?;
    Some(Version {
        major: digits(major)?,
        minor: digits(minor)?,
    })
}

/// A number of digits alone; the standard reading would take a sign.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// A time limit: `"30s"`, or the name of a class that the bus's settings define.
pub(crate) fn timeout(expr: &Expr, errors: &mut Errors) -> Option<Located<Timeout>> {
    if let Some(class) = word(expr) {
        return Some(Located {
            value: Timeout::Class(class),
            place: Place::of(expr),
        });
    }
    if let Some(Lit::Int(number)) = literal(expr) {
        errors.add(of_what(number));
        return None;
    }
    let text = string("timeout", expr, errors)?;
    match read_duration(&text.value) {
        Some(millis) if millis > 0 => Some(Located {
            value: Timeout::Millis(millis),
            place: text.place,
        }),
        Some(_) => {
            errors.add(Mistake::at(
                text.place,
                "a call that may take no time always fails",
            ));
            None
        }
        None => {
            let mistake = no_duration(&text);
            let is_name = syn::parse_str::<syn::Ident>(&text.value).is_ok();
            errors.add(if is_name {
                mistake.help(format_args!(
                    "a class of the settings is named without quotes: timeout = {}",
                    text.value
                ))
            } else {
                mistake
            });
            None
        }
    }
}

/// The time between two runs of a task: in quotes, or any expression.
pub(crate) fn spacing(expr: &Expr, errors: &mut Errors) -> Option<Spacing> {
    let mistake = match literal(expr) {
        None => return Some(Spacing::Computed(Box::new(expr.clone()))),
        Some(Lit::Int(number)) => of_what(number),
        Some(_) => {
            let text = string("spacing", expr, errors)?;
            match read_duration(&text.value) {
                Some(0) => {
                    let mistake = Mistake::at(text.place, "a task of no spacing runs in every pass");
                    mistake.help("leave 'spacing' out")
                }
                Some(millis) => return Some(Spacing::Millis(millis)),
                None => no_duration(&text),
            }
        }
    };
    errors.add(mistake);
    None
}

fn of_what(number: &LitInt) -> Mistake {
    let text = format!("{number} of what? write \"{number}s\" or \"{number}ms\"");
    Mistake::at(number.span(), text)
}

fn no_duration(text: &Located<String>) -> Mistake {
    let wrong = format!(
        "{:?} is not a duration: write \"5s\", \"2m\", \"500ms\"",
        text.value
    );
    Mistake::at(text.place, wrong)
}

fn read_duration(text: &str) -> Option<u64> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (amount, unit) = text.split_at(unit);
    let factor = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    digits::<u64>(amount)?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let read = |text| read_version(text).map(|version| version.to_string());
        assert_eq!(read("1.10").as_deref(), Some("1.10"));
        for bad in [
            "",
            "1",
            "1.",
            ".1",
            "1.0.0",
            "a.b",
            "+1.0",
            "1. 0",
            "1.99999999999",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn durations() {
        for (text, millis) in [
            ("500ms", 500),
            ("5s", 5_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("0s", 0),
        ] {
            assert_eq!(read_duration(text), Some(millis), "{text}");
        }
        for bad in [
            "",
            "s",
            "5",
            "5x",
            "-5s",
            "1.5s",
            "99999999999999999999s",
            "9999999999999999h",
        ] {
            assert_eq!(read_duration(bad), None, "{bad:?}");
        }
    }
}
