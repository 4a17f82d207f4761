//! Errors as peers know them: by module and class.

use super::names::is_identifier;
use crate::errors::{Errors, Located, Mistake};
use crate::model::{ErrorType, Fields, Variant, Wire};

/// Modules that hold Python's own exceptions, in its two generations.
const BUILTIN: [&str; 2] = ["builtins", "exceptions"];

pub(super) fn check(ty: &ErrorType, errors: &mut Errors) {
    let mut taken: Vec<(&Located<String>, &Located<String>)> = Vec::new();
    for variant in &ty.variants {
        let Wire::Class { module, class } = &variant.wire else {
            continue;
        };
        if module.value.is_empty() {
            // Missing, which is told already, or empty.
            continue;
        }
        if module.value == "exceptions" {
            let mistake = Mistake::at(module.place, "'exceptions' is the name in Python 2");
            errors.add(mistake.help("write \"builtins\": both are read as it"));
        }
        builtin(variant, module, errors);
        dotted("module", module, errors);
        dotted("class", class, errors);
        let first = taken
            .iter()
            .find(|(m, c)| m.value == module.value && c.value == class.value);
        match first {
            Some((_, first)) => {
                let text = format!(
                    "'{}.{}' is another variant already: received, it could not be told which",
                    module.value, class.value
                );
                errors.add(Mistake::at(class.place, text).see(first.place, "it is this one"));
            }
            None => taken.push((module, class)),
        }
    }
}

/// Python's own exceptions take no keywords.
fn builtin(variant: &Variant, module: &Located<String>, errors: &mut Errors) {
    let Fields::Named(fields) = &variant.fields else {
        return;
    };
    let Some(field) = fields.first() else {
        return;
    };
    if BUILTIN.contains(&module.value.as_str()) {
        let mistake = Mistake::at(
            field.ident.span(),
            "the exceptions of Python's 'builtins' take no keywords, so they have no named fields",
        );
        errors.add(mistake.help("give it fields by position, as in KeyError(String)"));
    }
}

fn dotted(what: &str, name: &Located<String>, errors: &mut Errors) {
    if !name.value.split('.').all(is_identifier) {
        let text = format!("{:?} cannot be the name of a {what} in Python", name.value);
        errors.add(Mistake::at(name.place, text));
    }
}
