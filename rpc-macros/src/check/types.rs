//! Types that serde takes and JSON does not carry.

use syn::Type;

use crate::errors::{Errors, Mistake, Place};
use crate::model::Method;
use crate::{print, types};

pub(super) fn check(method: &Method, errors: &mut Errors) {
    let arguments = method.arguments.iter().map(|argument| &argument.ty);
    let answer = types::output(&method.declared.sig.output);
    for ty in arguments.chain(answer) {
        types::each(ty, &mut |ty| {
            null_twice(ty, errors);
            composite_key(ty, errors);
        });
    }
}

fn null_twice(ty: &Type, errors: &mut Errors) {
    if types::option(ty).and_then(types::option).is_some() {
        errors.add(Mistake::at(
            Place::of(ty),
            format!(
                "null and absent are one on the wire: {} cannot be told apart",
                print::text(ty)
            ),
        ));
    }
}

fn composite_key(ty: &Type, errors: &mut Errors) {
    let Some((name, arguments)) = types::name_and_arguments(ty) else {
        return;
    };
    let Some(&key) = arguments.first() else {
        return;
    };
    if !matches!(name.as_str(), "HashMap" | "BTreeMap") || arguments.len() < 2 {
        return;
    }
    let composite = match types::bare(key) {
        Type::Tuple(_) | Type::Array(_) => true,
        key => types::name_and_arguments(key).is_some_and(|(name, _)| {
            matches!(
                name.as_str(),
                "Vec" | "Option" | "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet"
            )
        }),
    };
    if composite {
        let mistake = Mistake::at(Place::of(key), "JSON keys are strings");
        errors.add(mistake.help("use a string or integer key, or a list of pairs"));
    }
}
