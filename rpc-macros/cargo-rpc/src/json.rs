//! APIs and changes as JSON, for other programs.

use rpc_snapshot::{self as snapshot, At, Change, Link, Shape as Known, Text, Version};
use serde::Serialize;

use crate::describe;

#[cfg(test)]
mod tests;

/// An API.
#[derive(Debug, Serialize)]
pub(crate) struct Api<'a> {
    api: &'a str,
    module: &'a str,
    bin: Option<&'a str>,
    version: String,
    docs: &'a str,
    topic: Option<&'a str>,
    namespace: Option<&'a str>,
    accepts: Option<String>,
    releases: Vec<Release<'a>>,
    breaks: Vec<Waiver<'a>>,
    methods: Vec<Method<'a>>,
    types: Vec<Type<'a>>,
}

#[derive(Debug, Serialize)]
struct Release<'a> {
    name: &'a str,
    version: String,
}

/// A rule that may be broken.
#[derive(Debug, Serialize)]
struct Waiver<'a> {
    rule: &'static str,
    because: &'a str,
}

#[derive(Debug, Serialize)]
struct Method<'a> {
    name: &'a str,
    docs: &'a str,
    kinds: Vec<&'static str>,
    aliases: &'a [String],
    since: Vec<String>,
    removed: Option<String>,
    deprecated: bool,
    idempotent: bool,
    timeout: Option<&'a str>,
    monitored: bool,
    at_least_once: bool,
    breaks: Vec<Waiver<'a>>,
    arguments: Vec<Argument<'a>>,
    answer: Answer<'a>,
    errors: Option<Vec<ErrorClass<'a>>>,
}

#[derive(Debug, Serialize)]
struct Argument<'a> {
    name: &'a str,
    docs: &'a str,
    shape: Option<Shape<'a>>,
    optional: bool,
    since: Vec<String>,
    until: Option<String>,
    below: Vec<String>,
    default: Option<&'a str>,
    secret: bool,
    breaks: Vec<Waiver<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", content = "shape", rename_all = "snake_case")]
enum Answer<'a> {
    Nothing,
    Value(Option<Shape<'a>>),
    Items(Option<Shape<'a>>),
}

#[derive(Debug, Serialize)]
struct ErrorClass<'a> {
    module: &'a str,
    class: &'a str,
    variant: &'a str,
}

/// What a value is in JSON.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Shape<'a> {
    Any,
    Null,
    Bool,
    Char,
    Text,
    Integer { signed: bool, bits: u8 },
    Float { bits: u8 },
    Optional { of: Box<Self> },
    List { of: Box<Self> },
    Array { of: Box<Self>, len: usize },
    Map { key: Box<Self>, value: Box<Self> },
    Tuple { of: Vec<Self> },
    Type { name: &'a str },
}

#[derive(Debug, Serialize)]
struct Type<'a> {
    name: &'a str,
    docs: &'a str,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Body<'a> {
    Same {
        shape: Shape<'a>,
    },
    Struct {
        fields: Vec<Field<'a>>,
        strict: bool,
    },
    Enum {
        tagging: Tagging<'a>,
        values: Vec<Value<'a>>,
        open: bool,
    },
}

#[derive(Debug, Serialize)]
struct Field<'a> {
    name: &'a str,
    aliases: &'a [Text],
    docs: &'a str,
    shape: Shape<'a>,
    optional: bool,
    omittable: bool,
    flatten: bool,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagging<'a> {
    External,
    Internal { tag: &'a str },
    Adjacent { tag: &'a str, content: &'a str },
    Untagged,
}

#[derive(Debug, Serialize)]
struct Value<'a> {
    name: &'a str,
    aliases: &'a [Text],
    docs: &'a str,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "content", rename_all = "snake_case")]
enum Content<'a> {
    Unit,
    Shape { shape: Shape<'a> },
    Fields { fields: Vec<Field<'a>> },
}

/// A change from one released interface to another.
#[derive(Debug, Serialize)]
pub(crate) struct Changed<'a> {
    breaks: bool,
    rule: Option<&'static str>,
    method: Option<&'a str>,
    argument: Option<&'a str>,
    text: &'a str,
    help: Option<&'a str>,
    waived: Option<&'a str>,
}

/// The API for who reads JSON.
pub(crate) fn description(api: &describe::Description) -> Api<'_> {
    let describe::Description {
        snapshot,
        module,
        bin,
        ..
    } = api;
    Api {
        api: &snapshot.name,
        module,
        bin: bin.as_deref(),
        version: snapshot.version.to_string(),
        docs: &snapshot.docs,
        topic: snapshot.topic.as_deref(),
        namespace: snapshot.namespace.as_deref(),
        accepts: snapshot.accepts.map(|version| version.to_string()),
        releases: snapshot
            .releases
            .iter()
            .map(|release| Release {
                name: &release.name,
                version: release.version.to_string(),
            })
            .collect(),
        breaks: waivers(&snapshot.waivers),
        methods: snapshot.methods.iter().map(method).collect(),
        types: snapshot.types.iter().map(definition).collect(),
    }
}

/// The changes for who reads JSON.
pub(crate) fn changes(changes: &[Change]) -> Vec<Changed<'_>> {
    let changed = changes.iter().map(|change| {
        let (method, argument) = match &change.at {
            At::Method(method) | At::Answer(method) => (Some(method.as_str()), None),
            At::Argument(method, argument) => (Some(method.as_str()), Some(argument.as_str())),
            _ => (None, None),
        };
        Changed {
            breaks: change.broken().is_some(),
            rule: change.rule.map(snapshot::Rule::id),
            method,
            argument,
            text: &change.text,
            help: change.help.as_deref(),
            waived: change.waived.as_deref(),
        }
    });
    changed.collect()
}

fn method(method: &snapshot::Method) -> Method<'_> {
    let kinds = method.kinds.each().into_iter();
    Method {
        name: &method.name,
        docs: &method.docs,
        kinds: kinds.filter_map(|(kind, given)| given.then_some(kind)).collect(),
        aliases: &method.aliases,
        since: versions(&method.since),
        removed: method.removed.map(|version| version.to_string()),
        deprecated: method.deprecated,
        idempotent: method.idempotent,
        timeout: method.timeout.as_deref(),
        monitored: method.monitored,
        at_least_once: method.at_least_once,
        breaks: waivers(&method.waivers),
        arguments: method.arguments.iter().map(argument).collect(),
        answer: match &method.answer {
            snapshot::Answer::Nothing => Answer::Nothing,
            snapshot::Answer::Value(value) => Answer::Value(value.as_ref().map(shape)),
            snapshot::Answer::Items(item) => Answer::Items(item.as_ref().map(shape)),
        },
        errors: method.errors.as_ref().map(|errors| {
            let errors = errors.iter().map(|error| ErrorClass {
                module: &error.module,
                class: &error.class,
                variant: &error.variant,
            });
            errors.collect()
        }),
    }
}

fn argument(argument: &snapshot::Argument) -> Argument<'_> {
    Argument {
        name: &argument.name,
        docs: &argument.docs,
        shape: argument.shape.as_ref().map(shape),
        optional: argument.optional,
        since: versions(&argument.since),
        until: argument.until.map(|version| version.to_string()),
        below: versions(&argument.below),
        default: argument.default.as_deref(),
        secret: argument.secret,
        breaks: waivers(&argument.waivers),
    }
}

fn waivers(waivers: &[snapshot::Waiver]) -> Vec<Waiver<'_>> {
    let waivers = waivers.iter().map(|waiver| Waiver {
        rule: waiver.rule.id(),
        because: &waiver.because,
    });
    waivers.collect()
}

fn versions(versions: &[Version]) -> Vec<String> {
    versions.iter().map(Version::to_string).collect()
}

fn shape(known: &Known) -> Shape<'_> {
    match known {
        Known::Any => Shape::Any,
        Known::Null => Shape::Null,
        Known::Bool => Shape::Bool,
        Known::Char => Shape::Char,
        Known::Text => Shape::Text,
        &Known::Integer { signed, bits } => Shape::Integer { signed, bits },
        &Known::Float { bits } => Shape::Float { bits },
        Known::Optional(of) => Shape::Optional { of: within(of) },
        Known::List(of) => Shape::List { of: within(of) },
        Known::Array(of, len) => Shape::Array {
            of: within(of),
            len: *len,
        },
        Known::Map(key, value) => Shape::Map {
            key: within(key),
            value: within(value),
        },
        Known::Tuple(parts) => Shape::Tuple {
            of: parts.iter().map(|part| shape(part.get())).collect(),
        },
        Known::Type(definition) => Shape::Type {
            name: &definition.name,
        },
        Known::Name(name) => Shape::Type { name },
    }
}

fn within(link: &Link) -> Box<Shape<'_>> {
    Box::new(shape(link.get()))
}

fn definition(definition: &snapshot::Definition) -> Type<'_> {
    let body = match &definition.body {
        snapshot::Body::Same(same) => Body::Same {
            shape: shape(same.get()),
        },
        snapshot::Body::Struct { fields, strict } => Body::Struct {
            fields: fields.iter().map(field).collect(),
            strict: *strict,
        },
        snapshot::Body::Enum {
            tagging,
            values,
            open,
        } => Body::Enum {
            tagging: match tagging {
                snapshot::Tagging::External => Tagging::External,
                snapshot::Tagging::Internal(tag) => Tagging::Internal { tag },
                snapshot::Tagging::Adjacent(tag, content) => Tagging::Adjacent { tag, content },
                snapshot::Tagging::Untagged => Tagging::Untagged,
            },
            values: values.iter().map(value).collect(),
            open: *open,
        },
    };
    Type {
        name: &definition.name,
        docs: &definition.docs,
        body,
    }
}

fn field(field: &snapshot::Field) -> Field<'_> {
    Field {
        name: &field.name,
        aliases: &field.aliases,
        docs: &field.docs,
        shape: shape(field.shape.get()),
        optional: field.optional,
        omittable: field.omittable,
        flatten: field.flatten,
    }
}

fn value(value: &snapshot::Value) -> Value<'_> {
    Value {
        name: &value.name,
        aliases: &value.aliases,
        docs: &value.docs,
        content: match &value.content {
            snapshot::Content::Unit => Content::Unit,
            snapshot::Content::Shape(known) => Content::Shape {
                shape: shape(known.get()),
            },
            snapshot::Content::Fields(fields) => Content::Fields {
                fields: fields.iter().map(field).collect(),
            },
        },
    }
}
