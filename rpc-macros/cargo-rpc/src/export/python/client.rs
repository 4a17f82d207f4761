//! The caller's side, `rpcapi.py`.

use std::collections::BTreeSet;
use std::fmt::Write;

use rpc_snapshot::{Argument, Method, Snapshot, Version};

use super::words::{docstring, in_order, optional, plain, quoted, signature, version};
use super::{UNSENDABLE, head, methods, modules, older_forms};

/// What every client does: it finds the newest version that the pin allows, and leaves out what that one lacks.
const CLIENT: &str = include_str!("client.py");

/// What every client has.
const ATTRIBUTES: &[&str] = &["client", "older_form"];

/// What every sender has.
const PARAMETERS: &[&str] = &["self", "ctxt", "server"];

pub(in crate::export) fn client(api: &Snapshot) -> String {
    let mut text = head(api, ("Calls", "Servers", "a client"));
    text.push_str("import oslo_messaging\n\n");
    let _ = writeln!(text, "TOPIC = {}", optional(api.topic.as_deref()));
    let _ = writeln!(text, "NAMESPACE = {}", optional(api.namespace.as_deref()));
    let _ = writeln!(text, "VERSION = '{}'", api.version);
    let modules: Vec<String> = modules(api).iter().map(|module| quoted(module)).collect();
    text.push_str("# For 'allowed_remote_exmods' of the transport: errors of these modules are raised by their class.\n");
    let _ = writeln!(text, "EXMODS = [{}]", modules.join(", "));
    text.push_str(&CLIENT.replace("__NAME__", &format!("{}API", api.name)));
    let mut taken: BTreeSet<String> = methods(api)
        .map(|method| plain(&method.name, ATTRIBUTES))
        .collect();
    for method in methods(api) {
        let kinds = method.kinds.each().into_iter();
        let ways = kinds.filter_map(|(way, given)| given.then_some(way));
        for (at, way) in ways.enumerate() {
            // By the method's name where there is one way.
            let mut named = plain(&method.name, ATTRIBUTES);
            if at > 0 {
                named = format!("{}_{way}", method.name);
                while !taken.insert(named.clone()) {
                    named.push('_');
                }
            }
            sender(&mut text, api, method, way, &named);
        }
    }
    text
}

fn sender(text: &mut String, api: &Snapshot, method: &Method, way: &str, named: &str) {
    let mut parameters = vec!["self".to_owned(), "ctxt".to_owned()];
    for argument in in_order(method) {
        let absent = if argument.optional { "=ABSENT" } else { "" };
        parameters.push(plain(&argument.name, PARAMETERS) + absent);
    }
    if way != "fanout" {
        parameters.push("server=None".to_owned());
    }
    text.push('\n');
    signature(text, named, &parameters);
    docstring(text, &method.docs, "        ");
    if let Some(reason) = hindrance(method, way) {
        let _ = writeln!(
            text,
            "        raise NotImplementedError(\n            {})",
            quoted(&reason)
        );
        return;
    }
    let arguments = method.arguments.iter().map(|argument| {
        let value = plain(&argument.name, PARAMETERS);
        format!("{}: {value}", quoted(&argument.name))
    });
    dictionary(text, "arguments", arguments);
    let versions = method
        .arguments
        .iter()
        .filter_map(|argument| bounds(api, argument));
    dictionary(text, "versions", versions);
    let older = method.arguments.iter().filter_map(|argument| {
        let forms = older_forms(api, argument);
        (!forms.is_empty()).then(|| format!("{}: [{}]", quoted(&argument.name), forms.join(", ")))
    });
    dictionary(text, "older", older);
    let since = method.since(api.version).unwrap_or(Version {
        minor: 0,
        ..api.version
    });
    let server = if way == "fanout" { "None" } else { "server" };
    let _ = writeln!(
        text,
        "        return self._send('{way}', ctxt, '{}', '{since}', arguments,\n                          versions, older, {server})",
        method.name
    );
}

/// Why oslo.messaging cannot send a method.
fn hindrance(method: &Method, way: &str) -> Option<String> {
    if way == "stream" {
        return Some("a stream: oslo.messaging has none".to_owned());
    }
    let mut names = method.arguments.iter().map(|argument| argument.name.as_str());
    let name = names.find(|name| UNSENDABLE.contains(name))?;
    Some(format!("oslo.messaging cannot send an argument named {name}"))
}

/// From which version on an argument is sent, and to which.
fn bounds(api: &Snapshot, argument: &Argument) -> Option<String> {
    let bounds = (argument.since(api.version), argument.until);
    let entry = || {
        let (since, until) = (version(bounds.0), version(bounds.1));
        format!("{}: ({since}, {until})", quoted(&argument.name))
    };
    (bounds != (None, None)).then(entry)
}

fn dictionary(text: &mut String, name: &str, entries: impl Iterator<Item = String>) {
    let lines: String = entries.map(|entry| format!("            {entry},\n")).collect();
    let _ = match lines.as_str() {
        "" => writeln!(text, "        {name} = {{}}"),
        lines => writeln!(text, "        {name} = {{\n{lines}        }}"),
    };
}
