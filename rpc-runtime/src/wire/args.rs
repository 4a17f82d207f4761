//! Arguments out of a request: one function for each number of arguments, called by generated code.
//!
//! A function and not a trait on tuples: a type that cannot travel is then reported once, at the type.

use serde::de::{DeserializeOwned, IntoDeserializer, value};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::Failure;
use crate::spec::ArgSpec;

type Parts<'a> = BTreeMap<&'a str, &'a RawValue>;

fn parts<'a>(json: &'a str, specs: &[ArgSpec]) -> Result<Parts<'a>, Failure> {
    let parts: Parts<'a> =
        serde_json::from_str(json).map_err(|error| Failure::type_error(format!("arguments: {error}")))?;
    for name in parts.keys() {
        if !specs.iter().any(|spec| spec.name == *name) {
            return Err(Failure::type_error(format!(
                "got an unexpected keyword argument '{name}'"
            )));
        }
    }
    Ok(parts)
}

fn take<T: DeserializeOwned>(parts: &Parts<'_>, spec: &ArgSpec) -> Result<T, Failure> {
    let bad = |error: serde_json::Error| Failure::type_error(format!("argument '{}': {error}", spec.name));
    if let Some(raw) = parts.get(spec.name) {
        return serde_json::from_str(raw.get()).map_err(bad);
    }
    if let Some(default) = spec.default {
        return serde_json::from_slice(&default().map_err(bad)?).map_err(bad);
    }
    // An optional value that is absent is `None`, as everywhere in serde.
    let unit: value::UnitDeserializer<value::Error> = ().into_deserializer();
    T::deserialize(unit)
        .map_err(|_| Failure::type_error(format!("missing 1 required positional argument: '{}'", spec.name)))
}

macro_rules! arities {
    ($($name:ident($($index:literal $type:ident),*);)*) => {$(
        /// Reads the arguments of a request, in the order of `specs`.
        pub fn $name<$($type: DeserializeOwned),*>(json: &str, specs: &[ArgSpec]) -> Result<($($type,)*), Failure> {
            let parts = parts(json, specs)?;
            let _ = &parts;
            Ok(($(take::<$type>(&parts, &specs[$index])?,)*))
        }
    )*};
}

arities! {
    decode0();
    decode1(0 A);
    decode2(0 A, 1 B);
    decode3(0 A, 1 B, 2 C);
    decode4(0 A, 1 B, 2 C, 3 D);
}
