//! Names, literals and layout of Python.

use std::fmt::Write;

use rpc_snapshot::{Argument, Method, Version};

/// The words that name nothing.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// How long a line is.
const WIDTH: usize = 79;

/// A name that is neither a word of Python nor one of these.
pub(super) fn plain(name: &str, taken: &[&str]) -> String {
    let is_taken = KEYWORDS.contains(&name) || taken.contains(&name);
    format!("{name}{}", if is_taken { "_" } else { "" })
}

/// Those that must be given first, as Python has it. On the wire they have names and no order.
pub(super) fn in_order(method: &Method) -> impl Iterator<Item = &Argument> {
    let of = |optional: bool| {
        let arguments = method.arguments.iter();
        arguments.filter(move |argument| argument.optional == optional)
    };
    of(false).chain(of(true))
}

/// The first line of a method, broken where it is long.
pub(super) fn signature(text: &mut String, name: &str, parameters: &[String]) {
    let head = format!("    def {name}(");
    let mut line = head.len();
    text.push_str(&head);
    for (at, parameter) in parameters.iter().enumerate() {
        let last = at + 1 == parameters.len();
        let part = format!("{parameter}{}", if last { "):" } else { "," });
        if at > 0 && line + 1 + part.len() > WIDTH {
            line = head.len();
            let _ = write!(text, "\n{:line$}", "");
        } else if at > 0 {
            line += 1;
            text.push(' ');
        }
        line += part.len();
        text.push_str(&part);
    }
    text.push('\n');
}

pub(super) fn version(version: Option<Version>) -> String {
    version.map_or_else(|| "None".to_owned(), |version| format!("'{version}'"))
}

pub(super) fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), quoted)
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("'");
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => literal.extend(['\\', letter]),
            '\n' => literal.push_str("\\n"),
            control if control.is_control() => {
                let _ = write!(literal, "\\x{:02x}", u32::from(control));
            }
            letter => literal.push(letter),
        }
    }
    literal + "'"
}

pub(super) fn docstring(text: &mut String, docs: &str, indent: &str) {
    let mut docs = docs.trim().replace('\\', "\\\\").replace("\"\"\"", "'''");
    if docs.ends_with('"') {
        // It would end the docstring too early.
        docs.push(' ');
    }
    let mut lines = docs.lines();
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
