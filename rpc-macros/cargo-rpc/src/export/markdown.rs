//! A page for people: each method with its kinds, versions, arguments, answer and errors; then the types.

use std::fmt::Write;

use rpc_snapshot::{Answer, Argument, Body, Method, Shape, Snapshot, Version};

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
    for method in &api.methods {
        self::method(&mut page, method);
    }
    if !api.types.is_empty() {
        page.push_str("\n## Types\n");
    }
    for of in &api.types {
        let _ = write!(page, "\n### {}\n", of.name);
        paragraph(&mut page, &of.docs);
        match &of.body {
            Body::Same(same) => paragraph(&mut page, &format!("On the wire: {}", code(same.get()))),
            Body::Struct { fields, .. } => {
                let rows = fields.iter().map(|field| {
                    let optional = if field.optional { "optional" } else { "" };
                    [
                        format!("`{}`", field.name),
                        code(field.shape.get()),
                        optional.to_owned(),
                        cell(&field.docs),
                    ]
                });
                table(&mut page, ["field", "type", "", "meaning"], rows);
            }
            Body::Enum { values, .. } => {
                let rows = values
                    .iter()
                    .map(|value| [format!("`{}`", value.name), cell(&value.docs)]);
                table(&mut page, ["value", "meaning"], rows);
            }
        }
    }
    page
}

fn method(page: &mut String, method: &Method) {
    let _ = write!(page, "\n## {}\n", method.name);
    let kinds: Vec<&str> = method
        .kinds
        .each()
        .into_iter()
        .filter_map(|(kind, given)| given.then_some(kind))
        .collect();
    let mut line = kinds.join(", ");
    if !method.since.is_empty() {
        let _ = write!(line, "; since {}", versions(&method.since));
    }
    if method.deprecated {
        line.push_str("; deprecated");
    }
    if let Some(removed) = method.removed {
        let _ = write!(line, ", goes with {removed}");
    }
    paragraph(page, &format!("*{line}*"));
    paragraph(page, &method.docs);
    if !method.arguments.is_empty() {
        let rows = method.arguments.iter().map(|argument| {
            let of = argument.shape.as_ref().map(code).unwrap_or_default();
            [
                format!("`{}`", argument.name),
                of,
                history(argument),
                cell(&argument.docs),
            ]
        });
        table(page, ["argument", "type", "", "meaning"], rows);
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

/// When an argument comes, and what it is when it does not.
fn history(argument: &Argument) -> String {
    let mut parts = Vec::new();
    if argument.optional {
        parts.push("optional".to_owned());
    }
    if !argument.since.is_empty() {
        parts.push(format!("since {}", versions(&argument.since)));
    }
    if let Some(until) = argument.until {
        parts.push(format!("until {until}"));
    }
    if let Some(default) = argument.default.as_deref().filter(|default| !default.is_empty()) {
        parts.push(format!("default `{}`", cell(default)));
    }
    parts.join(", ")
}

fn versions(versions: &[Version]) -> String {
    versions
        .iter()
        .map(Version::to_string)
        .collect::<Vec<_>>()
        .join(" and ")
}

fn code(shape: &Shape) -> String {
    format!("`{}`", cell(&shape.to_string()))
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
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
