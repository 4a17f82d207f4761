//! What an instance is called on its host: a template in Python's style, filled in from its row.

use crate::store::{Row, Value};

/// The name: `%08x` and the like stand for the number of the instance, `%(column)s` for a column. A template that
/// cannot be filled in gives the UUID.
pub(super) fn name(template: &str, instance: &Row) -> String {
    filled(template, instance).unwrap_or_else(|| instance.text("uuid").unwrap_or_default().to_owned())
}

fn filled(template: &str, instance: &Row) -> Option<String> {
    let mut name = String::new();
    let mut rest = template;
    while let Some((before, directive)) = rest.split_once('%') {
        name.push_str(before);
        rest = match directive.strip_prefix('%') {
            Some(after) => {
                name.push('%');
                after
            }
            None => one(directive, instance, &mut name)?,
        };
    }
    name.push_str(rest);
    Some(name)
}

/// Fills in one directive, which `text` begins with; gives what comes after it.
fn one<'t>(text: &'t str, instance: &Row, name: &mut String) -> Option<&'t str> {
    let (value, text) = match text.strip_prefix('(') {
        Some(named) => {
            let (column, after) = named.split_once(')')?;
            (instance.find(column)?, after)
        }
        None => (instance.get("id"), text),
    };
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (width, conversion) = text.split_at(at);
    let number = || match value {
        Value::Int(number) => Some(*number),
        _ => None,
    };
    let value = match conversion.chars().next()? {
        'x' => format!("{:x}", number()?),
        'X' => format!("{:X}", number()?),
        'd' | 'i' => number()?.to_string(),
        's' => plain(value),
        _ => return None,
    };
    let fill = if width.starts_with('0') { '0' } else { ' ' };
    let width: usize = if width.is_empty() { 0 } else { width.parse().ok()? };
    let missing = width.min(LONGEST).saturating_sub(value.chars().count());
    name.extend(std::iter::repeat_n(fill, missing));
    name.push_str(&value);
    Some(&conversion[1..])
}

/// Nobody means more; a template must not fill the memory.
const LONGEST: usize = 255;

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Null => "None".to_owned(),
        other => super::rows::json(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in_as_by_python() {
        let instance = Row::new()
            .with("id", 42_i64)
            .with("uuid", "a-b")
            .with("hostname", "web")
            .with("host", Value::Null);
        for (template, expected) in [
            ("instance-%08x", "instance-0000002a"),
            ("%X", "2A"),
            ("i%5d", "i   42"),
            ("uuid-%(uuid)s", "uuid-a-b"),
            ("%(hostname)s-%(id)04d", "web-0042"),
            ("100%%", "100%"),
            ("%(host)s", "None"),
            ("plain", "plain"),
            // What cannot be filled in.
            ("%(no_such)s", "a-b"),
            ("%(uuid)x", "a-b"),
            ("%q", "a-b"),
            ("%", "a-b"),
            ("%(id", "a-b"),
        ] {
            assert_eq!(name(template, &instance), expected, "{template}");
        }
    }
}
