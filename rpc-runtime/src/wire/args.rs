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
    decode5(0 A, 1 B, 2 C, 3 D, 4 E);
    decode6(0 A, 1 B, 2 C, 3 D, 4 E, 5 F);
    decode7(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G);
    decode8(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H);
    decode9(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I);
    decode10(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J);
    decode11(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K);
    decode12(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L);
    decode13(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M);
    decode14(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N);
    decode15(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O);
    decode16(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P);
    decode17(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q);
    decode18(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R);
    decode19(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R, 18 S);
    decode20(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R, 18 S, 19 T);
    decode21(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R, 18 S, 19 T, 20 U);
    decode22(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R, 18 S, 19 T, 20 U, 21 V);
    decode23(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R, 18 S, 19 T, 20 U, 21 V, 22 W);
    decode24(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P, 16 Q, 17 R, 18 S, 19 T, 20 U, 21 V, 22 W, 23 X);
}
