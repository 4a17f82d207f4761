//! Arguments out of a request: one function for each number of arguments, called by generated code.
//!
//! A function and not a trait on tuples: a type that cannot travel is then reported once, at the type. What does
//! not depend on the number of arguments is done once for all of them, in [`read_all`].

use serde::de::DeserializeOwned;

use super::Failure;
use super::absent::Absent;
use super::escape::plain_run;
use super::grammar::{Bad, Members, object};
use super::reader::{Reader, read};
use super::source::Plain;
use super::span::{Text, Value};
use crate::sanitized::is_secret;
use crate::spec::ArgSpec;
use crate::travels::Travels;

/// Where the value of an argument goes, whatever its type.
trait Place {
    /// Reads the value that `text` begins with, and tells where it ends. `None` if it is not so simple.
    fn read_first(&mut self, text: &str) -> Option<usize>;

    /// Reads the value that `text` is; without one, takes what stands for an argument that is missing.
    fn fill(&mut self, text: Option<&str>, spec: &ArgSpec) -> Result<(), Failure>;
}

impl<T: DeserializeOwned> Place for Option<T> {
    fn read_first(&mut self, text: &str) -> Option<usize> {
        let mut reader = Reader::new(text);
        *self = Some(T::deserialize(&mut reader).ok()?);
        Some(reader.place())
    }

    fn fill(&mut self, text: Option<&str>, spec: &ArgSpec) -> Result<(), Failure> {
        *self = Some(match text {
            Some(text) => read(text).map_err(|error| refused(spec, &error))?,
            None => absent(spec)?,
        });
        Ok(())
    }
}

/// Puts each value in the place of its argument; places are in the order of `specs`.
fn read_all(json: &str, specs: &[ArgSpec], places: &mut [&mut dyn Place]) -> Result<(), Failure> {
    match read_usual(json, specs, places) {
        Some(()) => Ok(()),
        None => read_any(json, specs, places),
    }
}

/// Reads arguments that are written as an envelope's are, without blanks, and all fit: in one pass. `None` is no
/// verdict on others, and what it left in the places is of no use.
fn read_usual(json: &str, specs: &[ArgSpec], places: &mut [&mut dyn Place]) -> Option<()> {
    let mut rest = json.strip_prefix('{')?;
    if rest == "}" {
        return Some(());
    }
    for next in 0.. {
        rest = rest.strip_prefix('"')?;
        let (name, after) = rest.split_at_checked(plain_run(rest.as_bytes()))?;
        rest = after.strip_prefix("\":")?;
        // Nearly always in order.
        let index = match specs.get(next) {
            Some(spec) if spec.name == name => next,
            _ => specs.iter().position(|spec| spec.name == name)?,
        };
        let end = places.get_mut(index)?.read_first(rest)?;
        rest = rest.get(end..)?;
        if rest == "}" {
            break;
        }
        rest = rest.strip_prefix(',')?;
    }
    Some(())
}

/// Reads arguments in any spelling, and tells what is wrong with them.
#[cold]
fn read_any(json: &str, specs: &[ArgSpec], places: &mut [&mut dyn Place]) -> Result<(), Failure> {
    let texts = split(json, specs)?;
    for ((place, text), spec) in places.iter_mut().zip(texts).zip(specs) {
        place.fill(text, spec)?;
    }
    Ok(())
}

/// Finds the value of each argument in the order of `specs`.
pub(super) fn split<'a>(json: &'a str, specs: &[ArgSpec]) -> Result<Vec<Option<&'a str>>, Failure> {
    let mut given = Given {
        json,
        specs,
        values: vec![None; specs.len()],
        unexpected: None,
    };
    let read = object(Plain::new(json.as_bytes()), &mut given);
    match (read.map(|_| ()), given.unexpected) {
        (Err(Bad::NotAnObject), _) => Err(not_a_mapping(json)),
        (Err(bad), _) => Err(Failure::type_error(bad.of("the arguments").to_string())),
        (Ok(()), Some(name)) => {
            let text = format!("got an unexpected keyword argument '{name}'");
            Err(Failure::type_error(text))
        }
        (Ok(()), None) => Ok(given.values),
    }
}

/// The arguments that came.
struct Given<'a, 's> {
    json: &'a str,
    specs: &'s [ArgSpec],
    values: Vec<Option<&'a str>>,
    unexpected: Option<String>,
}

impl<'a> Members<Plain<'a>> for Given<'a, '_> {
    fn member(&mut self, key: Text, value: Value, _: &[u8]) -> Result<(), Bad> {
        let name = key.meaning(self.json);
        let index = self.specs.iter().position(|spec| spec.name == name);
        match index.and_then(|index| self.values.get_mut(index)) {
            Some(place) => *place = Some(value.json().of(self.json)),
            None => self.unexpected = Some(name.into_owned()),
        }
        Ok(())
    }
}

/// What Python says when it asks the arguments for their items.
#[cold]
fn not_a_mapping(json: &str) -> Failure {
    let class = match json.trim_start().bytes().next() {
        Some(b'[') => "list",
        Some(b'"') => "str",
        Some(b't' | b'f') => "bool",
        Some(b'n') => "NoneType",
        _ if json.contains(['.', 'e', 'E', 'I', 'N']) => "float",
        _ => "int",
    };
    let text = format!("'{class}' object has no attribute 'items'");
    Failure::new("builtins", "AttributeError", text)
}

/// What stands for an argument that did not come.
#[cold]
fn absent<T: DeserializeOwned>(spec: &ArgSpec) -> Result<T, Failure> {
    match spec.default {
        Some(default) => default()
            .and_then(|value| read(&String::from_utf8_lossy(&value)))
            .map_err(|error| refused(spec, &error)),
        None => T::deserialize(Absent).map_err(|_| missing(spec)),
    }
}

#[cold]
pub(super) fn refused(spec: &ArgSpec, error: &serde_json::Error) -> Failure {
    let name = spec.name;
    Failure::type_error(if spec.secret || is_secret(name) {
        format!("argument '{name}' is not of the declared type")
    } else {
        format!("argument '{name}': {error}")
    })
}

#[cold]
fn missing(spec: &ArgSpec) -> Failure {
    Failure::type_error(format!("missing 1 required positional argument: '{}'", spec.name))
}

/// A function for each number of arguments: the types so far, then the names and the next type.
macro_rules! decoders {
    ([$($index:tt $type:ident)*] $name:ident $_taken:ident $count:tt $next:ident; $($more:tt)*) => {
        /// Reads the arguments of a request, in the order of `specs`, which are as many.
        ///
        /// A missing one has its default, or is `None` if it is optional. The error is Python's: a `TypeError` for
        /// one that is missing, unknown or of another type, an `AttributeError` if `json` is not an object.
        pub fn $name<$($type: Travels),*>(json: &str, specs: &[ArgSpec]) -> Result<($($type,)*), Failure> {
            let mut _values = ($(None::<$type>,)*);
            read_all(json, specs, &mut [$(&mut _values.$index),*])?;
            Ok(($(
                match _values.$index {
                    Some(value) => value,
                    None => absent(&specs[$index])?,
                },
            )*))
        }
        decoders! { [$($index $type)* $count $next] $($more)* }
    };
    ([$($all:tt)*]) => {};
}

crate::arities::arities! { decoders }

#[cfg(test)]
mod tests {
    use super::*;

    const AB: &[ArgSpec] = &[ArgSpec::new("a"), ArgSpec::new("b")];

    fn error<T: std::fmt::Debug>(result: Result<T, Failure>) -> (String, String) {
        let failure = result.unwrap_err();
        assert_eq!(failure.module, "builtins");
        (failure.class, failure.message)
    }

    #[test]
    fn arguments_are_taken_by_name() {
        type Both = (i64, String);
        let both = |json| decode2::<i64, String>(json, AB);
        let expected: Both = (1, "x".to_owned());
        for json in [
            r#"{"a":1,"b":"x"}"#,
            r#" { "b" : "x" , "a" : 1 } "#,
            r#"{"\u0061":1,"b":"\u0078"}"#,
            r#"{"a":5,"b":"x","a":1}"#,
        ] {
            assert_eq!(both(json), Ok(expected.clone()), "{json}");
        }
        assert_eq!(decode0("{}", &[]), Ok(()));
        assert_eq!(decode0(" { } ", &[]), Ok(()));
    }

    /// One pass or two: the answer is the same, wherever one pass has an answer.
    #[test]
    fn the_usual_way_and_the_other_agree() {
        type Places = (Option<f64>, Option<Option<Vec<String>>>);
        let read_both = |json: &str| {
            let mut usual: Places = (None, None);
            let mut any: Places = (None, None);
            let read = read_usual(json, AB, &mut [&mut usual.0, &mut usual.1]);
            let expected = read_any(json, AB, &mut [&mut any.0, &mut any.1]);
            read.map(|()| {
                assert_eq!(expected.is_ok(), usual.0.is_some(), "{json}");
                if expected.is_ok() {
                    // As text: NaN is not itself.
                    let usual: Places = (usual.0, usual.1.or(Some(None)));
                    assert_eq!(format!("{usual:?}"), format!("{any:?}"), "{json}");
                }
            })
        };
        let values = [
            "1",
            "-0.5e3",
            "NaN",
            "null",
            "[]",
            "[\"x\"]",
            "[\"\\u0041\"]",
            "{}",
            "\"1\"",
            "1 ",
            "",
        ];
        let mut usual = 0;
        for a in values {
            for b in values {
                for (first, second) in [("a", "b"), ("b", "a"), ("a", "a"), ("a", "c"), ("\\u0061", "b")] {
                    for end in ["}", ",}", "}}", " }", ""] {
                        let json = format!("{{\"{first}\":{a},\"{second}\":{b}{end}");
                        usual += read_both(&json).map_or(0, |()| 1);
                        usual += read_both(&format!("{{\"{first}\":{a}{end}")).map_or(0, |()| 1);
                    }
                }
            }
        }
        assert!(usual > 0);
    }

    #[test]
    fn errors_are_those_of_python() {
        let both = |json| error(decode2::<i64, String>(json, AB));
        let type_error = |text: &str| ("TypeError".to_owned(), text.to_owned());
        assert_eq!(
            both(r#"{"a":1,"b":"x","c":2}"#),
            type_error("got an unexpected keyword argument 'c'")
        );
        assert_eq!(
            error(decode0(r#"{"c":2}"#, &[])),
            type_error("got an unexpected keyword argument 'c'")
        );
        assert_eq!(
            both(r#"{"a":1}"#),
            type_error("missing 1 required positional argument: 'b'")
        );
        let (class, text) = both(r#"{"a":"1","b":"x"}"#);
        assert_eq!(class, "TypeError");
        assert!(
            text.starts_with("argument 'a': invalid type: string \"1\", expected i64"),
            "{text}"
        );
        for (json, class) in [
            ("null", "NoneType"),
            ("[]", "list"),
            ("\"{}\"", "str"),
            ("1", "int"),
            ("1.5", "float"),
            ("true", "bool"),
            ("NaN", "float"),
            ("-3", "int"),
        ] {
            let text = format!("'{class}' object has no attribute 'items'");
            assert_eq!(both(json), ("AttributeError".to_owned(), text));
        }
        for json in ["", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}}", "{\"a\" 1}"] {
            assert!(decode2::<i64, Option<i64>>(json, AB).is_err(), "{json}");
        }
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let secret = [ArgSpec::new("a").secret()];
        let (_, text) = error(decode1::<i64>(r#"{"a":"hunter2"}"#, &secret));
        assert_eq!(text, "argument 'a' is not of the declared type");
        // Nor is one that has only the name of a secret.
        let named = [ArgSpec::new("new_pass")];
        let (_, text) = error(decode1::<i64>(r#"{"new_pass":"hunter2"}"#, &named));
        assert_eq!(text, "argument 'new_pass' is not of the declared type");
    }

    #[test]
    fn what_is_missing_has_its_default_or_is_none() {
        let infinite = [ArgSpec::new("a").default(|| crate::wire::Argument::to_json(&f64::INFINITY))];
        assert_eq!(decode1::<f64>("{}", &infinite), Ok((f64::INFINITY,)));
        let specs = [
            ArgSpec::new("a").default(|| serde_json::to_vec(&7)),
            ArgSpec::new("b"),
        ];
        assert_eq!(decode2::<i64, Option<String>>("{}", &specs), Ok((7, None)));
        assert_eq!(
            decode2::<Option<i64>, Option<i64>>(r#"{"b":null}"#, &specs),
            Ok((Some(7), None))
        );
        // Null is a value, and absent is not null.
        assert!(decode2::<i64, i64>("{}", &specs).is_err());
        assert!(decode2::<i64, ()>("{}", &specs).is_err());
        assert!(decode2::<i64, serde_json::Value>("{}", &specs).is_err());
        assert!(decode2::<i64, Option<i64>>(r#"{"a":null}"#, &specs).is_err());
    }

    #[test]
    fn what_only_python_writes_is_read() {
        let json = r#"{"a":[NaN,Infinity,-Infinity,1e400,0.5],"b":"a\ud800b"}"#;
        let (floats, text) = decode2::<Vec<f64>, String>(json, AB).unwrap();
        assert!(floats[0].is_nan());
        assert_eq!(
            floats[1..],
            [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, 0.5]
        );
        assert_eq!(text, "a\u{fffd}b");
        let json =
            r#"{"a":340282366920938463463374607431768211455,"b":-170141183460469231731687303715884105728}"#;
        assert_eq!(decode2::<u128, i128>(json, AB), Ok((u128::MAX, i128::MIN)));
        assert_eq!(
            decode2::<f64, f64>(json, AB),
            Ok((3.402823669209385e38, -1.7014118346046923e38))
        );
    }
}
