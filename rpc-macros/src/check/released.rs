//! What callers of the released API rely on, as far as a declaration shows it. What types look like, the expansion
//! asks the compiler.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use proc_macro2::Span;
use quote::ToTokens;
use rpc_snapshot::{At, Change, Rule, Snapshot, compare};

use crate::declared;
use crate::errors::{Errors, Located, Mistake, Place};
use crate::model::{Api, Argument, DefaultValue, Method, Waiver};

pub(super) fn check(api: &mut Api, errors: &mut Errors) {
    // What is described may be about to be released.
    if crate::describing() {
        return;
    }
    let Some(released) = &api.released else {
        let methods = api.methods().map(|method| &method.waivers);
        let arguments = api.methods().flat_map(|method| &method.arguments);
        let arguments = arguments.map(|argument| &argument.waivers);
        let waivers = [&api.waivers].into_iter().chain(methods).chain(arguments);
        waivers.flatten().for_each(|waiver| not_released(waiver, errors));
        return;
    };
    let Some(snapshot) = read(&released.path, api, errors) else {
        return;
    };
    // Without a version of its own, everything would be told to be older.
    if api.version.is_some() {
        for change in compare(&snapshot, &declared::snapshot(api)) {
            tell(api, change, errors);
        }
        unused(api, &snapshot, errors);
    }
    if let Some(released) = &mut api.released {
        released.snapshot = Some(snapshot);
    }
}

fn read(path: &Located<String>, api: &Api, errors: &mut Errors) -> Option<Snapshot> {
    let name = &path.value;
    if name.is_empty() || name.starts_with('/') {
        let mistake = Mistake::at(
            path.place,
            format!("{name:?} is no path from the crate's own folder"),
        );
        errors.add(mistake.help("released = \"api/name.rpc\""));
        return None;
    }
    let folder = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let text = match fs::read_to_string(folder.join(name)) {
        Ok(text) => text,
        Err(error) => {
            let ident = &api.item.ident;
            let (why, help) = match error.kind() {
                ErrorKind::NotFound => (
                    "no such file".to_owned(),
                    Some(format!("write it with 'cargo rpc release {ident}'")),
                ),
                ErrorKind::InvalidData => ("it is no text in UTF-8".to_owned(), Some(anew(api))),
                _ => (error.to_string(), None),
            };
            let mistake = Mistake::at(
                path.place,
                format!("cannot read the released API '{name}': {why}"),
            );
            errors.add(match help {
                Some(help) => mistake.help(help),
                None => mistake,
            });
            return None;
        }
    };
    match rpc_snapshot::read(&text) {
        Ok(snapshot) => Some(snapshot),
        Err(error) => {
            let text = format!("'{name}' is not a released API: {error}");
            errors.add(Mistake::at(path.place, text).help(anew(api)));
            None
        }
    }
}

/// What to do about a file that holds something else.
fn anew(api: &Api) -> String {
    format!(
        "take it from your version control, or write it anew with 'cargo rpc accept {}'",
        api.item.ident
    )
}

/// Tells of a change that breaks a rule, unless that is waived where it is.
fn tell(api: &mut Api, change: Change, errors: &mut Errors) {
    let Some(rule) = change.rule else {
        return;
    };
    if change.waived.is_some() {
        let waivers = waivers_mut(api, &change.at).into_iter().flatten();
        waivers
            .filter(|waiver| waiver.rule == rule)
            .for_each(|waiver| waiver.used = true);
        return;
    }
    let mistake = Mistake::at(place(api, &change.at, rule), format!("{} [{rule}]", change.text));
    errors.add(match change.help {
        Some(help) => mistake.help(help),
        None => mistake,
    });
}

fn waivers_mut<'a>(api: &'a mut Api, at: &At) -> Option<&'a mut Vec<Waiver>> {
    let (name, argument) = match at {
        At::Method(name) | At::Answer(name) => (name, None),
        At::Argument(name, argument) => (name, Some(argument)),
        _ => return Some(&mut api.waivers),
    };
    let method = api.methods_mut().find(|method| method.wire.value == *name)?;
    let Some(argument) = argument else {
        return Some(&mut method.waivers);
    };
    let mut arguments = method.arguments.iter_mut();
    let argument = arguments.find(|found| found.wire.value == *argument)?;
    Some(&mut argument.waivers)
}

/// Where the user has to do something about it.
fn place(api: &Api, at: &At, rule: Rule) -> Place {
    let released = api.released.as_ref().map(|released| released.path.place);
    let released = released.unwrap_or_else(|| Span::call_site().into());
    let literal = |text: &Option<Located<String>>| text.as_ref().map_or(released, |text| text.place);
    let version = api.version.as_ref().map_or(released, |version| version.place);
    match at {
        At::Api => released,
        At::Version => version,
        At::Topic => literal(&api.topic),
        At::Namespace => literal(&api.namespace),
        At::Accepts => api.accepts.as_ref().map_or(version, |accepts| accepts.place),
        At::Release(name) => {
            let release = api.releases.iter().find(|release| release.name == name);
            release.map_or(released, |release| release.version.place)
        }
        At::Method(name) | At::Answer(name) => method(api, name).map_or(released, |method| {
            let since = method.since.first().map(|since| since.place);
            match rule {
                Rule::ApiVersionRaisedWhenChanged => since.unwrap_or(version),
                Rule::MethodSameSince => since.unwrap_or_else(|| method.ident().span().into()),
                Rule::MethodSameName => method.wire.place,
                Rule::MethodSameKindsOrMore => first_kind(method),
                Rule::MethodNoDelete => method
                    .removed
                    .as_ref()
                    .map_or_else(|| method.ident().span().into(), |removed| removed.version.place),
                _ => method.ident().span().into(),
            }
        }),
        At::Argument(name, argument) => method(api, name).map_or(released, |method| {
            let argument = method
                .arguments
                .iter()
                .find(|found| found.wire.value == *argument);
            argument.map_or_else(
                || method.ident().span().into(),
                |argument| place_of_argument(argument, rule, version),
            )
        }),
    }
}

fn place_of_argument(argument: &Argument, rule: Rule, version: Place) -> Place {
    let name = argument.ident.span().into();
    let since = argument.since.as_ref().and_then(|since| since.versions.first());
    let since = since.map(|since| since.place);
    match rule {
        Rule::ApiVersionRaisedWhenChanged => since.unwrap_or(version),
        Rule::ArgSameSince | Rule::ArgAddedHasSince => since.unwrap_or(name),
        Rule::ArgSameName => argument.wire.place,
        Rule::ArgNoDelete => argument.until.as_ref().map_or(name, |until| until.version.place),
        Rule::ArgSameDefault => match &argument.default {
            Some(DefaultValue::Value(expr)) => Place::of(&expr.to_token_stream()),
            _ => name,
        },
        _ => name,
    }
}

fn first_kind(method: &Method) -> Place {
    let kinds = &method.kinds;
    let first = [kinds.call, kinds.cast, kinds.fanout, kinds.stream]
        .into_iter()
        .flatten()
        .next();
    first.unwrap_or_else(|| method.ident().span().into())
}

fn method<'a>(api: &'a Api, name: &str) -> Option<&'a Method> {
    api.methods().find(|method| method.wire.value == name)
}

fn not_released(waiver: &Waiver, errors: &mut Errors) {
    let mistake = Mistake::at(
        waiver.place,
        "this API is not released: there is no rule that it could break",
    );
    errors.add(mistake.help("released = \"api/name.rpc\" says what was"));
}

/// Tells of waivers that waive nothing. Those of rules about types that were released are the compiler's to judge.
fn unused(api: &Api, snapshot: &Snapshot, errors: &mut Errors) {
    let mut tell = |waivers: &[Waiver], judged: &dyn Fn(Rule) -> bool| {
        for waiver in waivers
            .iter()
            .filter(|waiver| !waiver.used && !judged(waiver.rule))
        {
            let text = format!("{} is not broken here: the waiver waives nothing", waiver.rule);
            errors.add(Mistake::at(waiver.place, text).help("take it away"));
        }
    };
    tell(&api.waivers, &|_| false);
    for method in api.methods() {
        let was: Vec<_> = declared::released(api, method, snapshot).collect();
        let answers = was.iter().any(|was| declared::answer(method, was).is_some());
        let fails = method.kinds.answers() && was.iter().any(|was| was.errors.is_some());
        tell(&method.waivers, &|rule| {
            (answers && rule.is_of_answers()) || (fails && rule.is_of_errors())
        });
        for argument in &method.arguments {
            let is = |was: &rpc_snapshot::Argument| was.name == argument.wire.value;
            let converted = declared::argument(argument).is_converted_from(snapshot.version);
            let known = !converted && was.iter().any(|was| was.arguments.iter().any(is));
            tell(&argument.waivers, &|rule| known && rule.is_of_arguments());
        }
    }
}
