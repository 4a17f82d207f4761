//! The server's side, `manager.py`, to be filled in.

use std::fmt::Write;

use rpc_snapshot::{Argument, ErrorClass, Method, Snapshot};

use super::default::Default;
use super::words::{docstring, in_order, optional, plain, quoted, signature};
use super::{head, methods, modules, older_forms};

/// What takes arguments whose names no parameter can have.
const RENAMED: &str = include_str!("renamed.py");

/// What every method has.
const PARAMETERS: &[&str] = &["self", "ctxt"];

pub(in crate::export) fn manager(api: &Snapshot) -> String {
    let mut text = head(api, ("Serves", "Callers", "a manager"));
    let renames = methods(api).any(|method| renamed(method).next().is_some());
    if renames {
        text.push_str("import functools\n\n");
    }
    text.push_str("import oslo_messaging\n");
    let modules = modules(api);
    if !modules.is_empty() {
        text.push('\n');
    }
    for module in &modules {
        let _ = writeln!(text, "import {module}");
    }
    if renames {
        text.push_str(RENAMED);
    }
    let class = format!("{}Manager", api.name);
    let _ = write!(text, "\n\nclass {class}:\n");
    docstring(&mut text, &api.docs, "    ");
    let _ = write!(
        text,
        "\n    target = oslo_messaging.Target(namespace={}, version='{}')\n",
        optional(api.namespace.as_deref()),
        api.version
    );
    let mut words = String::new();
    for method in methods(api) {
        let name = plain(&method.name, &[]);
        self::method(&mut text, api, method, &name);
        for wire in [&method.name].into_iter().chain(&method.aliases) {
            if plain(wire, &[]) != *wire {
                let _ = writeln!(words, "setattr({class}, {}, {class}.{name})", quoted(wire));
            } else if *wire != name {
                let _ = write!(text, "\n    {wire} = {name}\n");
            }
        }
    }
    if !words.is_empty() {
        let _ = write!(text, "\n\n# Callers know these by words of Python.\n{words}");
    }
    text
}

fn method(text: &mut String, api: &Snapshot, method: &Method, name: &str) {
    text.push('\n');
    let errors: Vec<String> = method.errors.iter().flatten().map(class).collect();
    if !errors.is_empty() {
        let _ = write!(
            text,
            "    @oslo_messaging.expected_exceptions(\n        {})\n",
            errors.join(",\n        ")
        );
    }
    let renamed: Vec<String> = renamed(method)
        .map(|argument| {
            let parameter = plain(&argument.name, PARAMETERS);
            format!("{}: {}", quoted(&argument.name), quoted(&parameter))
        })
        .collect();
    if !renamed.is_empty() {
        let _ = writeln!(text, "    @renamed(**{{{}}})", renamed.join(", "));
    }
    let mut parameters = vec!["self".to_owned(), "ctxt".to_owned()];
    let mut body = String::new();
    for argument in in_order(method) {
        let parameter = plain(&argument.name, PARAMETERS);
        let older = older_forms(api, argument);
        if !older.is_empty() {
            let _ = writeln!(
                body,
                "        # {parameter} has another form from callers below {}.",
                older.join(", ")
            );
        }
        if !argument.optional {
            parameters.push(parameter);
            continue;
        }
        let value = match Default::of(argument, &api.types) {
            Default::Value(value) => value,
            Default::Fresh(value) => {
                let _ = writeln!(
                    body,
                    "        if {parameter} is None:\n            {parameter} = {value}"
                );
                "None".to_owned()
            }
            Default::Rust(written) => {
                let _ = writeln!(body, "        # {parameter} when it is absent: {written}.");
                "None".to_owned()
            }
        };
        parameters.push(format!("{parameter}={value}"));
    }
    signature(text, name, &parameters);
    docstring(text, &method.docs, "        ");
    text.push_str(&body);
    let reason = match method.kinds.stream {
        true => "'a stream: oslo.messaging has none'",
        false => "",
    };
    let _ = writeln!(text, "        raise NotImplementedError({reason})");
}

/// The arguments whose names no parameter can have.
fn renamed(method: &Method) -> impl Iterator<Item = &Argument> {
    let arguments = method.arguments.iter();
    arguments.filter(|argument| plain(&argument.name, PARAMETERS) != argument.name)
}

fn class(error: &ErrorClass) -> String {
    match error.module.as_str() {
        "builtins" => error.class.clone(),
        module => format!("{module}.{}", error.class),
    }
}
