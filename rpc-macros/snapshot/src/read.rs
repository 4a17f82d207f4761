//! Reads the text form. What is wrong is told with its line.

use std::fmt;

use crate::model::{Answer, Argument, ErrorClass, Method, Release, Snapshot, Waiver};
use crate::rules::UnknownRule;
use crate::shape::{Body, Content, Definition, Field, List, Tagging, Text, Value};
use crate::words::{Fallible, Words};

/// A text that is no snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub text: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

impl std::error::Error for Malformed {}

/// Reads a snapshot.
pub fn read(text: &str) -> Result<Snapshot, Malformed> {
    let mut snapshot: Option<Snapshot> = None;
    let mut last = 0;
    let mut lines_of_types = Vec::new();
    let mut named = Vec::new();
    for (line, text) in text.lines().enumerate().map(|(at, text)| (at + 1, text)) {
        last = line;
        let mut words = Words::new(text);
        let Some(keyword) = words.next().filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let result = match (&mut snapshot, keyword) {
            (None, "api") => api(&mut words).map(|read| snapshot = Some(read)),
            (None, _) => Err("a snapshot starts with 'api NAME VERSION'".to_owned()),
            (Some(snapshot), keyword) => fact(snapshot, keyword, &mut words),
        };
        let result = result.and_then(|()| words.end());
        result.map_err(|text| Malformed { line, text })?;
        named.extend(words.types.into_iter().map(|name| (line, name)));
        if keyword == "type" {
            lines_of_types.push(line);
        }
    }
    let snapshot = snapshot.ok_or_else(|| Malformed {
        line: last.max(1),
        text: "a snapshot starts with 'api NAME VERSION'".to_owned(),
    })?;
    types(&snapshot, &lines_of_types)?;
    self::named(&snapshot, &named)?;
    Ok(snapshot)
}

/// Each type is there once, and its fields are no others' that come round to it. `lines` are those that the types are
/// at.
fn types(snapshot: &Snapshot, lines: &[usize]) -> Result<(), Malformed> {
    for ((at, definition), line) in snapshot.types.iter().enumerate().zip(lines) {
        let name = &definition.name;
        let malformed = |text| Err(Malformed { line: *line, text });
        if snapshot.types.iter().take(at).any(|other| other.name == *name) {
            return malformed(format!("type '{name}' is there twice"));
        }
        if let Some(twice) = crate::shape::flattened_twice(definition, &snapshot.types) {
            return malformed(match twice == name {
                true => format!("type '{name}' flattens itself: write 'field NAME {name}' for one within"),
                false => format!(
                    "type '{name}' flattens '{twice}' twice: write 'field NAME {twice}' for one of them"
                ),
            });
        }
    }
    Ok(())
}

/// Each type that a line names is there.
fn named(snapshot: &Snapshot, named: &[(usize, String)]) -> Result<(), Malformed> {
    let known = |name: &str| snapshot.types.iter().any(|definition| definition.name == name);
    match named.iter().find(|(_, name)| !known(name)) {
        Some((line, name)) => Err(Malformed {
            line: *line,
            text: format!("type '{name}' is named, but not there"),
        }),
        None => Ok(()),
    }
}

/// Puts a part behind those that are there, none of which has its name.
fn add<T>(part: T, parts: &mut Vec<T>, what: &str, name: impl Fn(&T) -> &str) -> Fallible<()> {
    let own = name(&part);
    if parts.iter().any(|other| name(other) == own) {
        return Err(format!("{what} '{own}' is there twice"));
    }
    parts.push(part);
    Ok(())
}

fn api(words: &mut Words<'_>) -> Fallible<Snapshot> {
    Ok(Snapshot::new(words.name()?, words.version()?))
}

fn fact(snapshot: &mut Snapshot, keyword: &str, words: &mut Words<'_>) -> Fallible<()> {
    match keyword {
        "topic" => snapshot.topic = Some(words.name()?),
        "namespace" => snapshot.namespace = Some(words.name()?),
        "accepts" => snapshot.accepts = Some(words.version()?),
        "release" => {
            let release = Release {
                name: words.name()?,
                version: words.version()?,
            };
            add(release, &mut snapshot.releases, keyword, |release| &release.name)?;
        }
        "method" => add(method(words)?, &mut snapshot.methods, keyword, |method| {
            &method.name
        })?,
        "arg" => {
            let arguments = &mut last_method(snapshot, keyword)?.arguments;
            add(argument(words)?, arguments, "argument", |argument| &argument.name)?;
        }
        "ok" => last_method(snapshot, keyword)?.answer = Answer::Value(words.known_shape()?),
        "items" => last_method(snapshot, keyword)?.answer = Answer::Items(words.known_shape()?),
        "errors" if words.eat("none") => last_method(snapshot, keyword)?.errors = Some(Vec::new()),
        "error" => {
            let error = ErrorClass {
                module: words.name()?,
                class: words.name()?,
                variant: words.name()?,
            };
            let errors = &mut last_method(snapshot, keyword)?.errors;
            errors.get_or_insert_default().push(error);
        }
        "type" => snapshot.types.push(definition(words)?),
        "field" => {
            let field = field(words)?;
            add(field, fields(snapshot, keyword)?.to_mut(), keyword, |field| {
                &field.name
            })?;
        }
        "flatten" => {
            let flattened = flattened(words)?;
            fields(snapshot, keyword)?.to_mut().push(flattened);
        }
        "value" => {
            let value = value(words)?;
            match snapshot.types.last_mut().map(|definition| &mut definition.body) {
                // Their names are not on the wire.
                Some(Body::Enum {
                    values,
                    tagging: Tagging::Untagged,
                    ..
                }) => values.to_mut().push(value),
                Some(Body::Enum { values, .. }) => {
                    add(value, values.to_mut(), keyword, |value| &value.name)?;
                }
                _ => return Err("'value' stands under an enum".to_owned()),
            }
        }
        "breaks" => {
            let waiver = waiver(words)?;
            waivers(snapshot)?.push(waiver);
        }
        "doc" => documented(snapshot, &words.remaining()),
        other => return Err(format!("{other:?} is no fact of a snapshot")),
    }
    Ok(())
}

fn last_method<'a>(snapshot: &'a mut Snapshot, keyword: &str) -> Fallible<&'a mut Method> {
    match (snapshot.types.is_empty(), snapshot.methods.last_mut()) {
        (true, Some(method)) => Ok(method),
        _ => Err(format!("'{keyword}' stands under a method")),
    }
}

fn method(words: &mut Words<'_>) -> Fallible<Method> {
    let mut method = Method::new(words.name()?);
    while let Some(word) = words.next() {
        match word {
            "call" => method.kinds.call = true,
            "cast" => method.kinds.cast = true,
            "fanout" => method.kinds.fanout = true,
            "stream" => method.kinds.stream = true,
            "since" => method.since.push(words.version()?),
            "removed" => method.removed = Some(words.version()?),
            "alias" => method.aliases.push(words.name()?),
            "timeout" => method.timeout = Some(words.name()?),
            "deprecated" => method.deprecated = true,
            "idempotent" => method.idempotent = true,
            "monitored" => method.monitored = true,
            "at_least_once" => method.at_least_once = true,
            other => return Err(format!("{other:?} is nothing that a method can be")),
        }
    }
    Ok(method)
}

fn argument(words: &mut Words<'_>) -> Fallible<Argument> {
    let mut argument = Argument::new(words.name()?);
    argument.shape = words.known_shape()?;
    while let Some(word) = words.next() {
        match word {
            "optional" => argument.optional = true,
            "since" => argument.since.push(words.version()?),
            "until" => argument.until = Some(words.version()?),
            "below" => argument.below.push(words.version()?),
            "secret" => argument.secret = true,
            "default" => argument.default = Some(words.remaining()),
            other => return Err(format!("{other:?} is nothing that an argument can be")),
        }
    }
    Ok(argument)
}

fn waiver(words: &mut Words<'_>) -> Fallible<Waiver> {
    let rule = words.expect("a rule")?.parse();
    let rule = rule.map_err(|unknown: UnknownRule| unknown.to_string())?;
    let because = if words.eat("because") {
        words.remaining()
    } else {
        String::new()
    };
    if because.is_empty() {
        return Err(format!(
            "why {rule} may be broken is left open: write 'because ..'"
        ));
    }
    Ok(Waiver { rule, because })
}

/// Those of what stands above.
fn waivers(snapshot: &mut Snapshot) -> Fallible<&mut Vec<Waiver>> {
    if !snapshot.types.is_empty() {
        return Err("'breaks' stands under the API, a method or an argument".to_owned());
    }
    Ok(match snapshot.methods.last_mut() {
        None => &mut snapshot.waivers,
        Some(method) => match method.arguments.last_mut() {
            None => &mut method.waivers,
            Some(argument) => &mut argument.waivers,
        },
    })
}

fn definition(words: &mut Words<'_>) -> Fallible<Definition> {
    let name = words.text()?;
    let body = match words.expect("what the type is")? {
        "is" => Body::Same(words.shape()?.into()),
        "struct" => Body::Struct {
            fields: List::default(),
            strict: words.eat("strict"),
        },
        "enum" => {
            let tagging = if words.eat("untagged") {
                Tagging::Untagged
            } else if words.eat("tag") {
                let tag = words.text()?;
                if words.eat("content") {
                    Tagging::Adjacent(tag, words.text()?)
                } else {
                    Tagging::Internal(tag)
                }
            } else {
                Tagging::External
            };
            Body::Enum {
                tagging,
                values: List::default(),
                open: words.eat("open"),
            }
        }
        other => {
            return Err(format!(
                "a type is a struct or an enum, or it 'is' a shape, not {other:?}"
            ));
        }
    };
    Ok(Definition {
        name,
        origin: Text::default(),
        docs: Text::default(),
        body,
    })
}

fn aliases(words: &mut Words<'_>) -> Fallible<List<Text>> {
    let mut aliases = Vec::new();
    while words.eat("alias") {
        aliases.push(words.text()?);
    }
    Ok(aliases.into())
}

fn value(words: &mut Words<'_>) -> Fallible<Value> {
    Ok(Value {
        name: words.text()?,
        aliases: aliases(words)?,
        docs: Text::default(),
        content: match words.next() {
            None => Content::Unit,
            Some("is") => Content::Shape(words.shape()?.into()),
            Some("struct") => Content::Fields(List::default()),
            Some(other) => return Err(format!("{other:?} is nothing that a value can be")),
        },
    })
}

fn field(words: &mut Words<'_>) -> Fallible<Field> {
    Ok(Field {
        name: words.text()?,
        docs: Text::default(),
        shape: words.shape()?.into(),
        aliases: aliases(words)?,
        optional: words.eat("optional"),
        omittable: words.eat("omittable"),
        flatten: false,
    })
}

fn flattened(words: &mut Words<'_>) -> Fallible<Field> {
    Ok(Field {
        name: Text::default(),
        aliases: List::default(),
        docs: Text::default(),
        shape: words.shape()?.into(),
        optional: false,
        omittable: false,
        flatten: true,
    })
}

/// Where the next field belongs.
fn fields<'a>(snapshot: &'a mut Snapshot, keyword: &str) -> Fallible<&'a mut List<Field>> {
    match snapshot.types.last_mut().map(|definition| &mut definition.body) {
        Some(Body::Struct { fields, .. }) => Ok(fields),
        Some(Body::Enum { values, .. }) => match values.to_mut().last_mut().map(|value| &mut value.content) {
            Some(Content::Fields(fields)) => Ok(fields),
            _ => Err(format!("'{keyword}' stands under a value that is a struct")),
        },
        _ => Err(format!("'{keyword}' stands under a struct")),
    }
}

/// Adds a line to the docs of what stands above.
fn documented(snapshot: &mut Snapshot, line: &str) {
    let docs = match (snapshot.types.last_mut(), snapshot.methods.last_mut()) {
        (Some(definition), _) => docs_of(definition).to_mut(),
        (None, Some(method)) => match method.arguments.last_mut() {
            Some(argument) => &mut argument.docs,
            None => &mut method.docs,
        },
        (None, None) => &mut snapshot.docs,
    };
    if !docs.is_empty() {
        docs.push('\n');
    }
    docs.push_str(line);
}

/// Those of the last part of the type, or of itself.
fn docs_of(definition: &mut Definition) -> &mut Text {
    let Definition { docs, body, .. } = definition;
    let (value, fields) = match body {
        Body::Same(_) => (None, None),
        Body::Struct { fields, .. } => (None, Some(fields)),
        Body::Enum { values, .. } => match values.to_mut().last_mut() {
            Some(Value { docs, content, .. }) => match content {
                Content::Fields(fields) => (Some(docs), Some(fields)),
                _ => (Some(docs), None),
            },
            None => (None, None),
        },
    };
    match fields.and_then(|fields| fields.to_mut().last_mut()) {
        Some(field) => &mut field.docs,
        None => value.unwrap_or(docs),
    }
}
