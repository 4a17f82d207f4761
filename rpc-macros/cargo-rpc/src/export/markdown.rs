//! A page for people: each method with its kinds, versions, arguments, answer and errors; then the types.

use std::fmt::Write;

use rpc_snapshot::{Answer, Body, Content, Definition, Field, Method, Shape, Snapshot, Tagging, Value};

use super::notes;

/// How shapes are written.
const LEGEND: &str = "A type `T?` may be null, `[T]` is a list, `[T;3]` one of three, `(T,U)` a list of a `T` and a `U`, \
                      `{text:T}` an object of any keys, `any` whatever JSON holds.";

/// How methods are sent.
const KINDS: &str = "A call waits for its answer, and a stream for any number of them; a cast waits for none, and a fanout \
                     is a cast to every server.";

pub(super) fn page(api: &Snapshot) -> String {
    let mut page = format!("# {} {}\n", api.name, api.version);
    paragraph(&mut page, &api.docs);
    let facts = [("topic", &api.topic), ("namespace", &api.namespace)];
    for (name, value) in facts {
        if let Some(value) = value {
            paragraph(&mut page, &format!("{name}: `{value}`"));
        }
    }
    if let Some(accepts) = api.accepts {
        paragraph(&mut page, &format!("Callers of {accepts} are served too."));
    }
    if !api.releases.is_empty() {
        let releases = api.releases.iter();
        let rows = releases.map(|release| [release.name.clone(), release.version.to_string()]);
        table(&mut page, ["release", "version"], rows);
    }
    paragraph(&mut page, KINDS);
    page.push('\n');
    for method in &api.methods {
        // The place that renderers give a heading of this name.
        let _ = writeln!(page, "- [{0}](#{1})", method.name, method.name.to_lowercase());
    }
    for method in &api.methods {
        self::method(&mut page, api, method);
    }
    page.push_str("\n## Types\n");
    paragraph(&mut page, LEGEND);
    for definition in &api.types {
        self::definition(&mut page, definition);
    }
    page
}

fn definition(page: &mut String, of: &Definition) {
    let _ = write!(page, "\n### {}\n", of.name);
    paragraph(page, &of.docs);
    match &of.body {
        Body::Same(same) => paragraph(page, &format!("On the wire: {}", code(same.get()))),
        Body::Struct { fields, strict } => {
            let rows = fields.iter().map(|field| self::field("", field));
            table(page, ["field", "type", "notes", "meaning"], rows);
            if *strict {
                paragraph(page, "Other fields are refused.");
            }
        }
        Body::Enum {
            tagging,
            values,
            open,
        } => {
            paragraph(page, &tells(tagging));
            let rows = values.iter().flat_map(|value| rows(tagging, value));
            table(page, ["value", "type", "notes", "meaning"], rows);
            if *open {
                paragraph(page, "Readers have a place for values that are not listed.");
            }
        }
    }
}

/// A field, of what is named before it.
fn field(of: &str, field: &Field) -> [String; 4] {
    let mut notes = Vec::new();
    if field.optional {
        notes.push("optional".to_owned());
    }
    if field.omittable {
        notes.push("left out at times".to_owned());
    }
    if field.flatten {
        notes.push("its fields stand here".to_owned());
    }
    notes.extend(notes::aliases(&field.aliases));
    let name = match field.flatten {
        true => String::new(),
        false => format!("`{}`", field.name),
    };
    [
        format!("{of}{name}"),
        code(field.shape.get()),
        notes.join(", "),
        cell(&field.docs),
    ]
}

/// How a reader knows which value it has.
fn tells(tagging: &Tagging) -> String {
    match tagging {
        Tagging::External => {
            "A text; or, with data, an object whose only key is the value and holds the data.".to_owned()
        }
        Tagging::Internal(tag) => format!("An object whose `{tag}` is the value, beside the data."),
        Tagging::Adjacent(tag, content) => {
            format!("An object whose `{tag}` is the value, and whose `{content}` is the data.")
        }
        Tagging::Untagged => "The data alone, which fits one of these.".to_owned(),
    }
}

/// A value of an enum: itself with its data, and a row for each field of that.
fn rows(tagging: &Tagging, value: &Value) -> Vec<[String; 4]> {
    let (data, fields) = match &value.content {
        Content::Unit if *tagging == Tagging::Untagged => (code(&Shape::Null), &[][..]),
        Content::Unit => (String::new(), &[][..]),
        Content::Shape(shape) => (code(shape.get()), &[][..]),
        Content::Fields(fields) => ("object".to_owned(), &fields[..]),
    };
    let name = format!("`{}`", value.name);
    let fields = fields.iter().map(|field| self::field(&format!("{name} "), field));
    let notes = notes::aliases(&value.aliases).unwrap_or_default();
    let itself = [name.clone(), data, notes, cell(&value.docs)];
    [itself].into_iter().chain(fields).collect()
}

fn method(page: &mut String, api: &Snapshot, method: &Method) {
    let _ = write!(page, "\n## {}\n", method.name);
    let kinds: Vec<&str> = method
        .kinds
        .each()
        .into_iter()
        .filter_map(|(kind, given)| given.then_some(kind))
        .collect();
    let mut line = kinds.join(", ");
    if !method.since.is_empty() {
        let _ = write!(line, "; since {}", notes::versions(&method.since));
    }
    if method.deprecated {
        line.push_str("; deprecated");
    }
    if let Some(removed) = method.removed {
        let goes = if removed <= api.version { "went" } else { "goes" };
        let _ = write!(line, "; {goes} with {removed}");
    }
    if method.idempotent {
        line.push_str("; as good twice as once");
    }
    if method.at_least_once {
        line.push_str("; done after the reply, so that a crash may run it twice");
    }
    if method.monitored {
        line.push_str("; the server tells that it is at work");
    }
    if let Some(timeout) = &method.timeout {
        let _ = write!(line, "; callers wait {timeout}");
    }
    paragraph(page, &format!("*{line}*"));
    paragraph(page, &method.docs);
    if !method.aliases.is_empty() {
        let aliases: Vec<String> = method.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        paragraph(page, &format!("Also called {}.", aliases.join(", ")));
    }
    if !method.arguments.is_empty() {
        let rows = method.arguments.iter().map(|argument| {
            let of = argument.shape.as_ref().map(code).unwrap_or_default();
            [
                format!("`{}`", argument.name),
                of,
                cell(&notes::argument(argument)),
                cell(&argument.docs),
            ]
        });
        table(page, ["argument", "type", "notes", "meaning"], rows);
    }
    match &method.answer {
        Answer::Nothing => {}
        Answer::Value(of) => {
            let of = of.as_ref().map_or_else(|| "a value".to_owned(), code);
            paragraph(page, &format!("Answers: {of}"));
        }
        Answer::Items(of) => {
            let of = of.as_ref().map_or_else(|| "values".to_owned(), code);
            paragraph(page, &format!("Answers, any number of times: {of}"));
        }
    }
    let errors = method.errors.iter().flatten();
    let errors: Vec<String> = errors
        .map(|error| format!("`{}.{}`", error.module, error.class))
        .collect();
    if !errors.is_empty() {
        paragraph(page, &format!("Errors: {}", errors.join(", ")));
    }
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn code(shape: &Shape) -> String {
    format!("`{}`", cell(&shape.to_string()))
}

fn paragraph(page: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(page, "\n{text}\n");
    }
}

fn table<const N: usize>(page: &mut String, head: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    let _ = write!(page, "\n| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        let _ = writeln!(page, "| {} |", row.join(" | "));
    }
}
