//! Looks at types as written. An alias hides what it stands for, so what is seen here gives an early and exact
//! message; where a type must be known for sure, the expansion asks a trait of the runtime.

use proc_macro2::Ident;
use syn::{GenericArgument, Lifetime, Path, PathArguments, PathSegment, ReturnType, Type};

use crate::print;

/// A type inside another one, or a lifetime in it.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    Type(&'a Type),
    Lifetime(&'a Lifetime),
}

/// The outermost part, from `ty` inwards, for which `wanted` holds.
pub(crate) fn find<'a>(ty: &'a Type, wanted: &dyn Fn(Part<'a>) -> bool) -> Option<Part<'a>> {
    let part = Part::Type(ty);
    if wanted(part) {
        return Some(part);
    }
    parts(ty).into_iter().find_map(|part| match part {
        Part::Type(inner) => find(inner, wanted),
        Part::Lifetime(_) => wanted(part).then_some(part),
    })
}

/// Calls `look` with the type and each one inside it, outermost first.
pub(crate) fn each<'a>(ty: &'a Type, look: &mut dyn FnMut(&'a Type)) {
    look(ty);
    for part in parts(ty) {
        if let Part::Type(inner) = part {
            each(inner, look);
        }
    }
}

fn parts(ty: &Type) -> Vec<Part<'_>> {
    match ty {
        Type::Array(array) => vec![Part::Type(&array.elem)],
        Type::Group(group) => vec![Part::Type(&group.elem)],
        Type::Paren(paren) => vec![Part::Type(&paren.elem)],
        Type::Ptr(pointer) => vec![Part::Type(&pointer.elem)],
        Type::Reference(reference) => vec![Part::Type(&reference.elem)],
        Type::Slice(slice) => vec![Part::Type(&slice.elem)],
        Type::Tuple(tuple) => tuple.elems.iter().map(Part::Type).collect(),
        Type::Path(path) => path.path.segments.iter().flat_map(arguments).collect(),
        _ => Vec::new(),
    }
}

fn arguments(segment: &PathSegment) -> Vec<Part<'_>> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return Vec::new();
    };
    list.args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(Part::Type(ty)),
            GenericArgument::Lifetime(lifetime) => Some(Part::Lifetime(lifetime)),
            GenericArgument::AssocType(binding) => Some(Part::Type(&binding.ty)),
            _ => None,
        })
        .collect()
}

/// `T` of `Future<Output = T>`.
pub(crate) fn output_of(segment: &PathSegment) -> Option<Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return None;
    };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(binding) if binding.ident == "Output" => Some(binding.ty.clone()),
        _ => None,
    })
}

/// Puts a name in place of each path inside the type that `by` has one for.
pub(crate) fn replace(ty: &mut Type, by: &mut dyn FnMut(&Path) -> Option<Ident>) {
    match ty {
        Type::Array(array) => replace(&mut array.elem, by),
        Type::Group(group) => replace(&mut group.elem, by),
        Type::Paren(paren) => replace(&mut paren.elem, by),
        Type::Reference(reference) => replace(&mut reference.elem, by),
        Type::Slice(slice) => replace(&mut slice.elem, by),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|ty| replace(ty, by)),
        Type::Path(path) => {
            if let Some(ident) = by(&path.path) {
                path.path = ident.into();
                return;
            }
            for segment in &mut path.path.segments {
                let PathArguments::AngleBracketed(list) = &mut segment.arguments else {
                    continue;
                };
                for argument in &mut list.args {
                    if let GenericArgument::Type(ty) = argument {
                        replace(ty, by);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The type without parentheses and the invisible group that a `macro_rules` puts around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// The last name of a path and the types in its angle brackets: `HashMap` and `K`, `V`.
pub(crate) fn name_and_arguments(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let types = arguments(last)
        .into_iter()
        .filter_map(|part| match part {
            Part::Type(ty) => Some(ty),
            Part::Lifetime(_) => None,
        })
        .collect();
    Some((last.ident.to_string(), types))
}

/// What an `Option` holds.
pub(crate) fn option(ty: &Type) -> Option<&Type> {
    match name_and_arguments(ty)? {
        (name, types) if name == "Option" && types.len() == 1 => types.first().copied(),
        _ => None,
    }
}

/// What a `Result` holds: the value, and the error unless an alias fixes it.
pub(crate) fn result(ty: &Type) -> Option<(&Type, Option<&Type>)> {
    let (name, types) = name_and_arguments(ty)?;
    match *types.as_slice() {
        [value, error] if name == "Result" => Some((value, Some(error))),
        [value] if name.ends_with("Result") => Some((value, None)),
        _ => None,
    }
}

/// The items of an answer that is `Items<T, E>`.
pub(crate) fn items(ty: &Type) -> Option<&Type> {
    match name_and_arguments(ty)? {
        (name, types) if name == "Items" && types.len() == 2 => types.first().copied(),
        _ => None,
    }
}

/// What owns what a reference to such a type borrows.
pub(crate) fn owned_form(ty: &Type) -> String {
    match bare(ty) {
        Type::Slice(slice) => format!("Vec<{}>", print::text(&slice.elem)),
        ty => match print::text(ty).as_str() {
            "str" => "String".to_owned(),
            text => text.to_owned(),
        },
    }
}

/// The return type; `None` for none.
pub(crate) fn output(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}

/// `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(bare(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The names that always mean the same value of the standard library or the language.
const PLAIN: &[&str] = &[
    "bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64", "Vec", "Option", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "Box",
    "Arc", "Rc",
];

/// Whether the type is surely a plain value: neither a `Result` nor a context behind another name.
pub(crate) fn is_plain(ty: &Type) -> bool {
    match bare(ty) {
        Type::Path(_) => name_and_arguments(ty).is_some_and(|(name, _)| PLAIN.contains(&name.as_str())),
        Type::ImplTrait(_) | Type::Macro(_) | Type::Verbatim(_) | Type::Infer(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::text;
    use syn::parse_quote;

    #[test]
    fn results_and_options() {
        let written = |ty: Type| result(&ty).map(|(value, error)| (text(value), error.map(text)));
        assert_eq!(
            written(parse_quote!(Result<u32, E>)),
            Some(("u32".to_owned(), Some("E".to_owned())))
        );
        assert_eq!(
            written(parse_quote!(std::result::Result<(), E>))
                .expect("a result")
                .0,
            "()"
        );
        assert_eq!(
            written(parse_quote!(ApiResult<u32>)),
            Some(("u32".to_owned(), None))
        );
        assert_eq!(written(parse_quote!(Answer<u32>)), None);
        assert!(option(&parse_quote!(core::option::Option<Vec<u8>>)).is_some());
        assert!(option(&parse_quote!(Optional<u8>)).is_none());
    }

    #[test]
    fn a_reference_is_found_wherever_it_stands() {
        for ty in [
            "&str",
            "Vec<&str>",
            "(u8, [&'a u8; 3])",
            "Box<(&u8)>",
            "HashMap<u8, Vec<&u8>>",
        ] {
            let ty: Type = syn::parse_str(ty).expect("a type");
            assert!(find(&ty, &|part| matches!(part, Part::Type(Type::Reference(_)))).is_some());
        }
    }
}
