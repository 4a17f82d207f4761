//! Reads the text form. What is wrong is told with its line.

use std::fmt;

use crate::expression;
use crate::model::{Answer, Argument, ErrorClass, Method, Release, Snapshot, Version, Waiver};
use crate::name;
use crate::rules::UnknownRule;
use crate::shape::{Body, Content, Definition, Field, List, Shape, Tagging, Text, Value};

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
    for (line, text) in text.lines().enumerate().map(|(at, text)| (at + 1, text)) {
        last = line;
        let mut words = Words { rest: text };
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
        if keyword == "type" {
            lines_of_types.push(line);
        }
    }
    let snapshot = snapshot.ok_or_else(|| Malformed {
        line: last.max(1),
        text: "a snapshot starts with 'api NAME VERSION'".to_owned(),
    })?;
    types(&snapshot, &lines_of_types)?;
    named(&snapshot)?;
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

/// Each name of a type has one.
fn named(snapshot: &Snapshot) -> Result<(), Malformed> {
    let malformed = |text| Err(Malformed { line: 1, text });
    let missing = crate::shape::names(snapshot).find(|name| {
        let known = |definition: &Definition| definition.name == *name;
        !snapshot.types.iter().any(known)
    });
    match missing {
        Some(name) => malformed(format!("type '{name}' is named, but not there")),
        None => Ok(()),
    }
}

/// The part of a line that is still to be read.
#[derive(Clone, Copy)]
struct Words<'a> {
    rest: &'a str,
}

type Fallible<T> = Result<T, String>;

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn expect(&mut self, what: &str) -> Fallible<&'a str> {
        self.next()
            .ok_or_else(|| format!("{what} is missing at the end of the line"))
    }

    fn name(&mut self) -> Fallible<String> {
        let word = self.expect("a name")?;
        name::read(word).ok_or_else(|| format!("{word:?} is not a name: a backslash begins no escape there"))
    }

    fn text(&mut self) -> Fallible<Text> {
        self.name().map(Text::Owned)
    }

    fn version(&mut self) -> Fallible<Version> {
        let word = self.expect("a version")?;
        let read = || {
            let (major, minor) = word.split_once('.')?;
            Some(Version {
                major: major.parse().ok()?,
                minor: minor.parse().ok()?,
            })
        };
        read().ok_or_else(|| format!("{word:?} is not a version: write major.minor, as in 1.0"))
    }

    fn shape(&mut self) -> Fallible<Shape> {
        let word = self.expect("a shape")?;
        expression::read(word).ok_or_else(|| format!("{word:?} is not a shape, as text? or [u32] are"))
    }

    /// A shape, or `_`.
    fn known_shape(&mut self) -> Fallible<Option<Shape>> {
        if self.eat("_") {
            return Ok(None);
        }
        self.shape().map(Some)
    }

    fn eat(&mut self, word: &str) -> bool {
        let mut ahead = *self;
        let eaten = ahead.next() == Some(word);
        if eaten {
            *self = ahead;
        }
        eaten
    }

    /// The rest of the line, as it is.
    fn remaining(&mut self) -> String {
        std::mem::take(&mut self.rest).trim().to_owned()
    }

    fn end(&mut self) -> Fallible<()> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("{word:?} says nothing here")),
        }
    }
}

fn api(words: &mut Words<'_>) -> Fallible<Snapshot> {
    Ok(Snapshot::new(words.name()?, words.version()?))
}

fn fact(snapshot: &mut Snapshot, keyword: &str, words: &mut Words<'_>) -> Fallible<()> {
    match keyword {
        "topic" => snapshot.topic = Some(words.name()?),
        "namespace" => snapshot.namespace = Some(words.name()?),
        "accepts" => snapshot.accepts = Some(words.version()?),
        "release" => snapshot.releases.push(Release {
            name: words.name()?,
            version: words.version()?,
        }),
        "method" => snapshot.methods.push(method(words)?),
        "arg" => last_method(snapshot, keyword)?.arguments.push(argument(words)?),
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
        "field" | "flatten" => {
            let field = field(keyword, words)?;
            fields(snapshot, keyword)?.to_mut().push(field);
        }
        "value" => {
            let value = value(words)?;
            match snapshot.types.last_mut().map(|definition| &mut definition.body) {
                Some(Body::Enum { values, .. }) => values.to_mut().push(value),
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
        docs: Text::default(),
        body,
    })
}

fn value(words: &mut Words<'_>) -> Fallible<Value> {
    Ok(Value {
        name: words.text()?,
        docs: Text::default(),
        content: match words.next() {
            None => Content::Unit,
            Some("is") => Content::Shape(words.shape()?.into()),
            Some("struct") => Content::Fields(List::default()),
            Some(other) => return Err(format!("{other:?} is nothing that a value can be")),
        },
    })
}

fn field(keyword: &str, words: &mut Words<'_>) -> Fallible<Field> {
    let flatten = keyword == "flatten";
    Ok(Field {
        name: if flatten { Text::default() } else { words.text()? },
        docs: Text::default(),
        shape: words.shape()?.into(),
        optional: words.eat("optional"),
        omittable: words.eat("omittable"),
        flatten,
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
