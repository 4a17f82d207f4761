//! Both ends in Python: an `rpcapi.py` that calls the API through oslo.messaging, and the skeleton of a `manager.py`
//! that serves it.
//!
//! Streams are left out: oslo.messaging has no calls that are answered many times.

use std::collections::BTreeSet;
use std::fmt::Write;

use rpc_snapshot::{Argument, ErrorClass, Method, Snapshot, Version};

/// What every client does: it finds the newest version that the pin allows, and leaves out what that one lacks.
const CLIENT: &str = include_str!("client.py");

/// The words of Python, which name nothing.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The caller's side.
pub(super) fn client(api: &Snapshot) -> String {
    let mut text = head(api, "Calls");
    text.push_str("import oslo_messaging\n\n");
    let _ = writeln!(text, "TOPIC = {}", optional(api.topic.as_deref()));
    let _ = writeln!(text, "NAMESPACE = {}", optional(api.namespace.as_deref()));
    let _ = writeln!(text, "VERSION = '{}'", api.version);
    let modules: Vec<String> = modules(api).iter().map(|module| quoted(module)).collect();
    text.push_str("# For 'allowed_remote_exmods' of the transport: errors of these modules are raised by their class.\n");
    let _ = writeln!(text, "EXMODS = [{}]", modules.join(", "));
    let _ = write!(
        text,
        "{}",
        CLIENT.replace("__NAME__", &format!("{}API", api.name))
    );
    for method in &api.methods {
        for (way, named) in ways(method) {
            sender(&mut text, api, method, way, &named);
        }
    }
    text
}

/// The server's side, to be filled in.
pub(super) fn manager(api: &Snapshot) -> String {
    let mut text = head(api, "Serves");
    text.push_str("import oslo_messaging\n");
    let modules = modules(api);
    if !modules.is_empty() {
        text.push('\n');
    }
    for module in &modules {
        let _ = writeln!(text, "import {module}");
    }
    let _ = write!(text, "\n\nclass {}Manager:\n", api.name);
    docstring(&mut text, &api.docs, "    ");
    let _ = write!(
        text,
        "\n    target = oslo_messaging.Target(namespace={}, version='{}')\n",
        optional(api.namespace.as_deref()),
        api.version
    );
    for method in api.methods.iter().filter(|method| !method.kinds.stream) {
        text.push('\n');
        let errors: Vec<String> = method.errors.iter().flatten().map(class).collect();
        if !errors.is_empty() {
            let _ = write!(
                text,
                "    @oslo_messaging.expected_exceptions(\n        {})\n",
                errors.join(",\n        ")
            );
        }
        let mut parameters = vec!["self".to_owned(), "ctxt".to_owned()];
        for argument in in_order(method) {
            if KEYWORDS.contains(&argument.name.as_str()) {
                continue;
            }
            parameters.push(match argument.optional {
                true => format!("{}={}", argument.name, default(argument)),
                false => argument.name.clone(),
            });
        }
        if method
            .arguments
            .iter()
            .any(|argument| KEYWORDS.contains(&argument.name.as_str()))
        {
            // A word of Python can be a key and no parameter.
            parameters.push("**others".to_owned());
        }
        let _ = writeln!(text, "    def {}({}):", method.name, parameters.join(", "));
        docstring(&mut text, &method.docs, "        ");
        text.push_str("        raise NotImplementedError()\n");
        for alias in &method.aliases {
            let _ = write!(text, "\n    {alias} = {}\n", method.name);
        }
    }
    text
}

fn head(api: &Snapshot, verb: &str) -> String {
    format!(
        "\"\"\"{verb} {} {}. Written by 'cargo rpc export --python'.\"\"\"\n\n",
        api.name, api.version
    )
}

/// How a method is sent, and what the client calls that: by the method's name where there is one way.
fn ways(method: &Method) -> Vec<(&'static str, String)> {
    let kinds = method.kinds;
    let ways = [
        ("call", kinds.call),
        ("cast", kinds.cast),
        ("fanout", kinds.fanout),
    ];
    let given = ways.into_iter().filter(|(_, given)| *given);
    let named = given.enumerate().map(|(at, (way, _))| match at {
        0 => (way, plain(&method.name)),
        _ => (way, format!("{}_{way}", method.name)),
    });
    named.collect()
}

fn sender(text: &mut String, api: &Snapshot, method: &Method, way: &str, named: &str) {
    let mut parameters = vec!["self".to_owned(), "ctxt".to_owned()];
    for argument in in_order(method) {
        let name = plain(&argument.name);
        parameters.push(if argument.optional {
            format!("{name}=ABSENT")
        } else {
            name
        });
    }
    if way != "fanout" {
        parameters.push("server=None".to_owned());
    }
    let _ = write!(text, "\n    def {named}({}):\n", parameters.join(", "));
    docstring(text, &method.docs, "        ");
    let arguments = method
        .arguments
        .iter()
        .map(|argument| format!("{}: {}", quoted(&argument.name), plain(&argument.name)));
    dictionary(text, "arguments", arguments);
    let bounds = |argument: &Argument| (argument.since(api.version), argument.until);
    let changed = method
        .arguments
        .iter()
        .filter(|argument| bounds(argument) != (None, None));
    let versions = changed.map(|argument| {
        let (since, until) = bounds(argument);
        format!(
            "{}: ({}, {})",
            quoted(&argument.name),
            version(since),
            version(until)
        )
    });
    dictionary(text, "versions", versions);
    let since = method.since(api.version).unwrap_or(Version {
        minor: 0,
        ..api.version
    });
    let server = if way == "fanout" { "None" } else { "server" };
    let _ = writeln!(
        text,
        "        return self._send('{way}', ctxt, '{}', '{since}', arguments,\n                          versions, {server})",
        method.name
    );
}

fn dictionary(text: &mut String, name: &str, entries: impl Iterator<Item = String>) {
    let lines: String = entries.map(|entry| format!("            {entry},\n")).collect();
    let _ = match lines.as_str() {
        "" => writeln!(text, "        {name} = {{}}"),
        lines => writeln!(text, "        {name} = {{\n{lines}        }}"),
    };
}

/// Those that must be given first, as Python has it. On the wire they have names and no order.
fn in_order(method: &Method) -> impl Iterator<Item = &Argument> {
    let of = |optional: bool| {
        method
            .arguments
            .iter()
            .filter(move |argument| argument.optional == optional)
    };
    of(false).chain(of(true))
}

/// The modules of the errors, without those that need no import.
fn modules(api: &Snapshot) -> BTreeSet<&str> {
    let errors = api
        .methods
        .iter()
        .flat_map(|method| method.errors.iter().flatten());
    errors
        .map(|error| error.module.as_str())
        .filter(|module| *module != "builtins")
        .collect()
}

fn class(error: &ErrorClass) -> String {
    match error.module.as_str() {
        "builtins" => error.class.clone(),
        module => format!("{module}.{}", error.class),
    }
}

/// What an absent argument is, where Rust and Python write it alike.
fn default(argument: &Argument) -> String {
    let text = argument.default.as_deref().unwrap_or_default();
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    match text {
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        number if is_number => number.to_owned(),
        _ => "None".to_owned(),
    }
}

/// A name of a parameter or method.
fn plain(name: &str) -> String {
    let keyword = KEYWORDS.contains(&name) || ["self", "ctxt", "server"].contains(&name);
    format!("{name}{}", if keyword { "_" } else { "" })
}

fn version(version: Option<Version>) -> String {
    version.map_or_else(|| "None".to_owned(), |version| format!("'{version}'"))
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), quoted)
}

/// A string literal.
fn quoted(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\\', "\\\\")
            .replace('\'', "\\'")
            .replace('\n', "\\n")
    )
}

fn docstring(text: &mut String, docs: &str, indent: &str) {
    let docs = docs.replace('\\', "\\\\").replace("\"\"\"", "'''");
    let mut lines = docs.trim().lines();
    let Some(first) = lines.next() else { return };
    let _ = write!(text, "{indent}\"\"\"{first}");
    let mut several = false;
    for line in lines {
        several = true;
        let line = format!("\n{indent}{}", line.trim_end());
        text.push_str(if line.trim().is_empty() { "\n" } else { &line });
    }
    let end = if several {
        format!("\n{indent}")
    } else {
        String::new()
    };
    let _ = writeln!(text, "{end}\"\"\"");
}
