//! `$name`, `${name}` and `${group.name}` in values: what oslo.config puts there. It knows the files' text and a few
//! defaults, and no meaning.

use super::ini::{Assigned, Ini};

/// References that lead to references: more of them are a circle.
const DEPTH: u8 = 16;

/// The value of an option of a group, with its references replaced.
pub(super) fn value(ini: &Ini, group: &str, assigned: &Assigned) -> Result<String, String> {
    replaced(ini, group, &assigned.value, DEPTH)
}

fn replaced(ini: &Ini, group: &str, text: &str, depth: u8) -> Result<String, String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        let (before, from) = rest.split_at(at);
        value.push_str(before);
        let escaped = ["\\$", "$$"].iter().find_map(|escape| from.strip_prefix(escape));
        if let Some(after) = escaped {
            value.push('$');
            rest = after;
        } else if let Some((name, after)) = reference(from) {
            let depth = depth
                .checked_sub(1)
                .ok_or_else(|| format!("'${name}' leads back to itself"))?;
            value.push_str(&referred(ini, group, name, depth)?);
            rest = after;
        } else {
            let (letter, after) = from.split_at(1);
            value.push_str(letter);
            rest = after;
        }
    }
    value.push_str(rest);
    Ok(value)
}

/// The name that a text which starts with `$` refers to, and what follows. `$` before anything else is a `$`.
fn reference(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('$')?;
    let (name, after) = match rest.strip_prefix('{') {
        Some(inside) => inside.split_once('}')?,
        None => {
            let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
            rest.split_at(end)
        }
    };
    let first = name.chars().next()?;
    let is_name = (first.is_ascii_alphabetic() || first == '_') && name.chars().all(is_part);
    is_name.then_some((name, after))
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

fn referred(ini: &Ini, group: &str, name: &str, depth: u8) -> Result<String, String> {
    // Without a group: that of the option that refers, and then DEFAULT.
    let places = match name.split_once('.') {
        Some((group, name)) => vec![(group, name)],
        None => vec![(group, name), ("DEFAULT", name)],
    };
    for (group, name) in places {
        if let Some(assigned) = ini.get(group, name) {
            return replaced(ini, group, &assigned.value, depth);
        }
    }
    match name {
        "host" => Ok(rpc_runtime::service::host_name()),
        "rabbit_host" => Ok("localhost".to_owned()),
        "rabbit_port" => Ok("5672".to_owned()),
        _ => Err(format!(
            "refers to '${name}', which the files do not set; set it, or write '$$' for a '$'"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn substituted(text: &str, group: &str) -> Result<String, String> {
        let mut ini = Ini::default();
        ini.read("f", text).unwrap();
        value(&ini, group, ini.get(group, "a").unwrap())
    }

    #[test]
    fn references_are_replaced() {
        for (text, expected) in [
            ("a = $b/x\nb = 1", "1/x"),
            ("a = ${b}c\nb = 1", "1c"),
            ("a = ${g.b}-$g.b\n[g]\nb = 2", "2-2"),
            ("a = $b\nb = $c\nc = 3", "3"),
            ("a = p$$w \\$x $ $1 ${ \\n\nb=1", "p$w $x $ $1 ${ \\n"),
            ("a = $rabbit_host:$rabbit_port", "localhost:5672"),
            ("a = $rabbit_host\nrabbit_host = mq", "mq"),
            ("a = instance-%08x", "instance-%08x"),
        ] {
            assert_eq!(substituted(text, "DEFAULT").as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(
            substituted("b = 1\n[g]\na = $b$c\nc = 2", "g").as_deref(),
            Ok("12")
        );
    }

    #[test]
    fn what_leads_nowhere_or_in_circles_is_told() {
        let error = |text| substituted(text, "DEFAULT").unwrap_err();
        assert!(error("a = $nothing").contains("'$nothing'"));
        // A dot is a part of the name.
        assert!(error("a = $b.\nb = 1").contains("'$b.'"));
        assert!(error("a = $b\nb = $a").contains("leads back to itself"));
    }
}
