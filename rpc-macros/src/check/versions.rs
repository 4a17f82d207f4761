//! Versions: what came when and goes when, and what becomes of it towards a peer from before or after.

use crate::errors::{Errors, Located, Mistake};
use crate::model::{Api, Argument, Method, Unsent, Version};
use crate::types;

pub(super) fn check(api: &Api, errors: &mut Errors) {
    for method in api.methods() {
        self::method(api, method, errors);
        for argument in &method.arguments {
            came(api, method, argument, errors);
            goes(api, method, argument, errors);
            changed(api, method, argument, errors);
            absent(argument, errors);
        }
    }
}

/// Whether the API has the version; tells when not. `written` is the option as one would write it.
fn within(api: &Api, written: &str, named: &Located<Version>, errors: &mut Errors) -> bool {
    if api.version.is_none() {
        return false;
    }
    let version = named.value;
    let Some(latest) = api.latest().find(|latest| latest.major == version.major) else {
        let text = format!("'{written}': this API has {}", majors(api));
        let mistake = Mistake::at(named.place, text);
        errors.add(if written.starts_with("since") {
            mistake.help("leave 'since' out of what is there from the start")
        } else {
            mistake
        });
        return false;
    };
    if version > latest {
        let text = format!("'{written}' is later than the API itself ({latest})");
        let option = if api.version.as_ref().is_some_and(|own| own.value == latest) {
            "version"
        } else {
            "accepts"
        };
        errors.add(Mistake::at(named.place, text).help(format_args!("raise {option} to \"{version}\"")));
        return false;
    }
    true
}

/// `major 1`, or `majors 1 and 2`.
pub(super) fn majors(api: &Api) -> String {
    let majors: Vec<String> = api.latest().map(|latest| latest.major.to_string()).collect();
    match majors.as_slice() {
        [one] => format!("major {one}"),
        several => format!("majors {}", several.join(" and ")),
    }
}

/// An option with its version, as one would write it.
fn option(name: &str, version: &Located<Version>) -> String {
    format!("{name} = \"{}\"", version.value)
}

/// Tells of a second `since` within one major.
fn one_a_major(since: &[Located<Version>], errors: &mut Errors) {
    for (position, second) in since.iter().enumerate() {
        let before = since.iter().take(position);
        if let Some(first) = before
            .into_iter()
            .find(|first| first.value.major == second.value.major)
        {
            let text = format!("'since' names major {} twice", second.value.major);
            errors.add(Mistake::at(second.place, text).see(first.place, "it came with this"));
        }
    }
}

fn method(api: &Api, method: &Method, errors: &mut Errors) {
    one_a_major(&method.since, errors);
    for since in &method.since {
        within(api, &option("since", since), since, errors);
    }
    let Some(removed) = &method.removed else {
        return;
    };
    let (version, place) = (removed.version.value, removed.version.place);
    let deprecated = |attr: &syn::Attribute| attr.path().is_ident("deprecated");
    if !method.declared.attrs.iter().any(deprecated) {
        errors.add(Mistake::at(
            removed.key,
            "'removed' needs #[deprecated(note = \"..\")] so that callers are told",
        ));
    }
    // The earliest major that may have the method: it must have it for as long as that is served.
    let Some(kept) = api.latest().next() else {
        return;
    };
    if version.major <= kept.major {
        let text = format!("a method may go only with a new major: \"{version}\" is in this one");
        errors.add(Mistake::at(place, text).help(format_args!("write \"{}.0\"", kept.major + 1)));
    } else if version.minor > 0 {
        let text = format!("a method goes with the first version of a major: \"{version}\" is a later one");
        errors.add(Mistake::at(place, text).help(format_args!("write \"{}.0\"", version.major)));
    } else if let Some(since) = method.since.iter().find(|since| since.value >= version) {
        let text = format!(
            "'removed = \"{version}\"' is before 'since = \"{}\"'",
            since.value
        );
        errors.add(Mistake::at(place, text).see(since.place, "it came with this"));
    }
}

/// An argument that calls from before come without.
fn came(api: &Api, method: &Method, argument: &Argument, errors: &mut Errors) {
    let Some(since) = &argument.since else {
        if let Some(unsent) = &argument.unsent {
            errors.add(Mistake::at(
                unsent.place,
                "'unsent' says what to do with older receivers; the argument has no 'since'",
            ));
        }
        return;
    };
    one_a_major(&since.versions, errors);
    for version in &since.versions {
        if within(api, &option("since", version), version, errors)
            && let Some(first) = first_of(api, method, version.value)
            && version.value <= first
        {
            let text = format!(
                "the method itself is from {first}, so 'since = \"{}\"' says nothing",
                version.value
            );
            errors.add(Mistake::at(version.place, text));
        }
    }
}

/// The version that brought the method to the major of this one.
fn first_of(api: &Api, method: &Method, version: Version) -> Option<Version> {
    let since = api.since(method);
    since.into_iter().find(|since| since.major == version.major)
}

/// An argument that calls from a version on come without.
fn goes(api: &Api, method: &Method, argument: &Argument, errors: &mut Errors) {
    let Some(until) = &argument.until else {
        return;
    };
    let version = until.version.value;
    if !within(api, &option("until", &until.version), &until.version, errors) {
        return;
    }
    let since = argument.since.iter().flat_map(|since| &since.versions);
    let since = since.map(|since| since.value).filter(|&since| since >= version);
    if let Some(since) = since.min() {
        let text = if since == version {
            format!("'until' and 'since' are both \"{version}\": it would never be sent")
        } else {
            format!("'until = \"{version}\"' is before 'since = \"{since}\"': it would never be sent")
        };
        errors.add(Mistake::at(until.version.place, text));
    } else if let Some(first) = api.since(method).first()
        && version <= *first
    {
        let text = format!(
            "the method itself is from {first}, so with 'until = \"{version}\"' it would never be sent"
        );
        errors.add(Mistake::at(until.version.place, text));
    }
}

/// An argument that had another form.
fn changed(api: &Api, method: &Method, argument: &Argument, errors: &mut Errors) {
    for (position, below) in argument.below.iter().enumerate() {
        let (version, place) = (below.version.value, below.version.place);
        let mut before = argument.below.iter().take(position);
        if let Some(first) = before.find(|first| first.version.value == version) {
            let text = format!("the form from before {version} is given twice");
            errors.add(Mistake::at(place, text).see(first.version.place, "first given here"));
            continue;
        }
        let written = format!("below(\"{version}\", ..)");
        if !within(api, &written, &below.version, errors) {
            continue;
        }
        let since = argument.since.iter().flat_map(|since| &since.versions);
        let (of, first) = match since.map(|since| since.value).min() {
            Some(since) => ("argument", Some(since)),
            None => ("method", api.since(method).first().copied()),
        };
        if let Some(first) = first
            && version <= first
        {
            let text =
                format!("the {of} itself is from {first}: nobody knows it in a form from before {version}");
            errors.add(Mistake::at(place, text));
        } else if let Some(until) = &argument.until
            && version >= until.version.value
        {
            let until = until.version.value;
            let text = format!("the argument goes with {until}: it never travels in another form than this");
            errors.add(Mistake::at(place, text).help("make what it is made into its type"));
        }
    }
}

/// What calls of some versions come without needs a value.
fn absent(argument: &Argument, errors: &mut Errors) {
    if argument.default.is_some() || types::option(&argument.ty).is_some() {
        return;
    }
    let name = &argument.wire.value;
    let help = "make it Option<..> or add 'default'";
    if let Some(since) = &argument.since {
        let version = since.versions.iter().map(|since| since.value).max();
        errors.add(match (&argument.unsent, version) {
            (Some(unsent), _) if unsent.value == Unsent::Drop => Mistake::at(
                unsent.place,
                format!("dropping '{name}' needs a value for the receiver: make it Option or add 'default'"),
            ),
            (_, version) => {
                let version = version.map_or_else(String::new, |version| version.to_string());
                let text = format!("'{name}' was added in {version}: calls from before come without it");
                Mistake::at(since.key, text).help(help)
            }
        });
    } else if let Some(until) = &argument.until {
        let version = until.version.value;
        let text = format!("'{name}' goes with {version}: calls from then on come without it");
        errors.add(Mistake::at(until.key, text).help(help));
    }
}
