//! Arguments in the forms they had for earlier versions, made into those of today before they are read.

use std::borrow::Cow;

use super::Failure;
use super::args::{refused, split};
use crate::spec::{ArgSpec, Way};
use crate::version::Version;

/// The arguments of a request that asks for `version`, each in today's form. They are only looked at when one of them
/// had another.
pub(crate) fn todays<'a>(
    json: &'a str,
    version: Version,
    specs: &[ArgSpec],
) -> Result<Cow<'a, str>, Failure> {
    if specs.iter().all(|spec| spec.form_in(version).is_none()) {
        return Ok(Cow::Borrowed(json));
    }
    let values = split(json, specs)?;
    let mut text = String::with_capacity(json.len());
    for (spec, value) in specs.iter().zip(values) {
        let Some(value) = value else {
            continue;
        };
        let value = match spec.form_in(version) {
            Some(form) => Cow::Owned(converted(spec, form.convert, value)?),
            None => Cow::Borrowed(value),
        };
        text.push(if text.is_empty() { '{' } else { ',' });
        // Names of arguments are identifiers.
        text.extend(["\"", spec.name, "\":", &value]);
    }
    if text.is_empty() {
        text.push('{');
    }
    text.push('}');
    Ok(Cow::Owned(text))
}

type Convert = fn(&str, Way) -> serde_json::Result<Vec<u8>>;

fn converted(spec: &ArgSpec, convert: Convert, value: &str) -> Result<String, Failure> {
    let json = convert(value, Way::FromOld).map_err(|error| refused(spec, &error))?;
    // serde_json writes UTF-8.
    Ok(String::from_utf8_lossy(&json).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::other_form;
    use crate::spec::Below;

    /// Once a text, now a number.
    const NUMBER: ArgSpec = ArgSpec::new("number").below(&[Below::new(Version::new(1, 5), |json, way| {
        other_form::<u32, String, _>(json, way, ToString::to_string, |text: String| text.parse())
    })]);
    const SPECS: &[ArgSpec] = &[ArgSpec::new("name"), NUMBER];

    fn read(json: &str, minor: u32) -> Result<String, String> {
        todays(json, Version::new(1, minor), SPECS)
            .map(Cow::into_owned)
            .map_err(|failure| failure.message)
    }

    #[test]
    fn an_old_form_is_made_new_and_the_rest_is_left() {
        let old = r#"{"number": "7", "name": "a\u0062"}"#;
        assert_eq!(read(old, 4).unwrap(), r#"{"name":"a\u0062","number":7}"#);
        assert_eq!(read(old, 5).unwrap(), old);
        assert_eq!(read("{}", 0).unwrap(), "{}");
        assert_eq!(read(r#"{"name":null}"#, 0).unwrap(), r#"{"name":null}"#);
    }

    #[test]
    fn what_does_not_fit_is_told_by_the_name_of_the_argument() {
        let text = read(r#"{"number":"seven"}"#, 4).unwrap_err();
        assert_eq!(text, "argument 'number': invalid digit found in string");
        let text = read(r#"{"number":7}"#, 4).unwrap_err();
        assert!(
            text.starts_with("argument 'number': invalid type: integer `7`, expected a string"),
            "{text}"
        );
        let text = read(r#"{"size":7}"#, 4).unwrap_err();
        assert_eq!(text, "got an unexpected keyword argument 'size'");
    }
}
