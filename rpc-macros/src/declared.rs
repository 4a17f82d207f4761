//! An API's declaration as a snapshot: everything but the shapes of types, which a macro cannot see.

use quote::ToTokens;
use rpc_snapshot::{self as snapshot, Answer, Snapshot};

use crate::model::{Api, Argument, DefaultValue, Delivery, Method, Timeout, Version, Waiver};
use crate::parse::docs;
use crate::{print, types};

/// What the trait says.
pub(crate) fn snapshot(api: &Api) -> Snapshot {
    let name = syn::ext::IdentExt::unraw(&api.item.ident).to_string();
    let text = |text: &Option<crate::errors::Located<String>>| text.as_ref().map(|text| text.value.clone());
    Snapshot {
        docs: docs(&api.item.attrs),
        topic: text(&api.topic),
        namespace: text(&api.namespace),
        accepts: api.accepts.as_ref().map(|accepts| version(accepts.value)),
        releases: api
            .releases
            .iter()
            .map(|release| snapshot::Release {
                name: syn::ext::IdentExt::unraw(&release.name).to_string(),
                version: version(release.version.value),
            })
            .collect(),
        waivers: waivers(&api.waivers),
        methods: api.methods().map(method).collect(),
        ..Snapshot::new(name, version(api.version()))
    }
}

/// The method as it was released, under each name that it answers to; none when callers of that major are no longer
/// served.
pub(crate) fn released<'s>(
    api: &Api,
    method: &Method,
    snapshot: &'s Snapshot,
) -> impl Iterator<Item = &'s snapshot::Method> {
    let served = api.latest().any(|latest| latest.major == snapshot.version.major);
    let answers_to =
        |name: &String| method.wire.value == *name || method.aliases.iter().any(|alias| alias.value == *name);
    let released = snapshot.methods.iter().filter(move |_| served);
    released.filter(move |was| answers_to(&was.name))
}

/// What the method answered with, if its answer is of that kind still: another kind is told as such.
pub(crate) fn answer<'s>(method: &Method, was: &'s snapshot::Method) -> Option<&'s snapshot::Shape> {
    match &was.answer {
        Answer::Value(shape) if method.kinds.call.is_some() => shape.as_ref(),
        Answer::Items(shape) if method.kinds.stream.is_some() => shape.as_ref(),
        _ => None,
    }
}

/// A version, as snapshots have it.
pub(crate) fn version(version: Version) -> snapshot::Version {
    snapshot::Version {
        major: version.major,
        minor: version.minor,
    }
}

fn waivers(waivers: &[Waiver]) -> Vec<snapshot::Waiver> {
    let waivers = waivers.iter().map(|waiver| snapshot::Waiver {
        rule: waiver.rule,
        because: waiver.because.clone(),
    });
    waivers.collect()
}

fn method(method: &Method) -> snapshot::Method {
    let given = |name| {
        method
            .declared
            .attrs
            .iter()
            .any(|attr| attr.path().is_ident(name))
    };
    snapshot::Method {
        docs: docs(&method.declared.attrs),
        kinds: snapshot::Kinds {
            call: method.kinds.call.is_some(),
            cast: method.kinds.cast.is_some(),
            fanout: method.kinds.fanout.is_some(),
            stream: method.kinds.stream.is_some(),
        },
        aliases: method.aliases.iter().map(|alias| alias.value.clone()).collect(),
        since: method.since.iter().map(|since| version(since.value)).collect(),
        removed: method
            .removed
            .as_ref()
            .map(|removed| version(removed.version.value)),
        deprecated: given("deprecated"),
        idempotent: method.idempotent,
        timeout: method.timeout.as_ref().map(|timeout| match &timeout.value {
            Timeout::Millis(millis) => format!("{millis}ms"),
            Timeout::Class(class) => class.clone(),
        }),
        monitored: method.monitored.is_some(),
        at_least_once: method.delivery == Delivery::AtLeastOnce,
        waivers: waivers(&method.waivers),
        arguments: method.arguments.iter().map(argument).collect(),
        answer: match &method.kinds {
            kinds if kinds.stream.is_some() => Answer::Items(None),
            kinds if kinds.call.is_some() => Answer::Value(None),
            _ => Answer::Nothing,
        },
        ..snapshot::Method::new(method.wire.value.clone())
    }
}

/// The argument, without its shape.
pub(crate) fn argument(argument: &Argument) -> snapshot::Argument {
    let since = argument.since.iter().flat_map(|since| &since.versions);
    snapshot::Argument {
        optional: argument.default.is_some() || types::option(&argument.ty).is_some(),
        since: since.map(|since| version(since.value)).collect(),
        until: argument.until.as_ref().map(|until| version(until.version.value)),
        below: argument
            .below
            .iter()
            .map(|below| version(below.version.value))
            .collect(),
        default: argument.default.as_ref().map(|default| match default {
            DefaultValue::OfType => String::new(),
            DefaultValue::Value(expr) => print::text(&expr.to_token_stream()),
        }),
        secret: argument.secret,
        waivers: waivers(&argument.waivers),
        ..snapshot::Argument::new(argument.wire.value.clone())
    }
}
