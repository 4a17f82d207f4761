//! Whatever stands in a file: it is read and written again, or what is wrong is told with its line.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rpc_snapshot::{compare, read};

/// Words of the format, names that are few enough to meet, and what is neither.
const WORDS: &[&str] = &[
    "api",
    "topic",
    "namespace",
    "accepts",
    "release",
    "method",
    "arg",
    "ok",
    "items",
    "errors",
    "error",
    "type",
    "field",
    "flatten",
    "value",
    "doc",
    "breaks",
    "because",
    "API_SAME_TOPIC",
    "call",
    "cast",
    "fanout",
    "stream",
    "since",
    "removed",
    "alias",
    "timeout",
    "deprecated",
    "idempotent",
    "optional",
    "omittable",
    "until",
    "below",
    "secret",
    "default",
    "is",
    "struct",
    "strict",
    "enum",
    "untagged",
    "tag",
    "content",
    "open",
    "none",
    "_",
    "1.0",
    "2.3",
    "4294967295.0",
    "1.",
    "A",
    "B",
    "C",
    "A?",
    "[B]",
    "[C;3]",
    "{text:A}",
    "(A,u8)",
    "text",
    "u8",
    "any",
    "[",
    "?",
    "\\",
    "\\u{41}",
    "#",
    "\u{e9}",
];

/// Any words.
fn line() -> impl Strategy<Value = String> {
    vec(select(WORDS), 0..6).prop_map(|words| words.join(" "))
}

fn shape() -> impl Strategy<Value = &'static str> {
    select(&["A", "B", "C", "B?", "[C]", "text", "{text:B}"][..])
}

/// The type of this name, which may hold itself and the others.
fn definition(name: &'static str) -> impl Strategy<Value = String> {
    let fields = |body| {
        let field = (select(&["field x", "field y", "flatten"][..]), shape());
        vec(field.prop_map(|(what, shape)| format!("\n{what} {shape}")), 0..3)
            .prop_map(move |fields| format!("type {name} {body}{}", fields.concat()))
    };
    let values = vec(shape().prop_map(|shape| format!("\nvalue v is {shape}")), 0..3);
    prop_oneof![
        shape().prop_map(move |shape| format!("type {name} is {shape}")),
        fields("struct"),
        fields("enum tag k\nvalue v struct"),
        (select(&["enum", "enum open", "enum untagged"][..]), values)
            .prop_map(move |(body, values)| format!("type {name} {body}{}", values.concat())),
    ]
}

/// A text with the types that it names, so that most of it is read; often with a line that is anything.
fn text() -> impl Strategy<Value = String> {
    let more = prop_oneof![Just(String::new()), line()];
    (definition("A"), definition("B"), definition("C"), more).prop_map(|(a, b, c, more)| {
        format!("api X 1.0\nmethod m call\n arg a A\n ok B\n{a}\n{b}\n{c}\n{more}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn is_read_or_told(text in prop_oneof![text(), any::<String>()]) {
        match read(&text) {
            Ok(snapshot) => {
                let written = snapshot.to_string();
                let again = read(&written);
                prop_assert!(again.is_ok(), "{again:?}: {written}");
                prop_assert_eq!(again.expect("a snapshot").to_string(), written);
            }
            Err(malformed) => {
                prop_assert!((1..=text.lines().count().max(1)).contains(&malformed.line), "{malformed}");
                prop_assert!(!malformed.text.is_empty());
            }
        }
    }

    #[test]
    fn two_that_are_read_can_be_compared(old in text(), new in text()) {
        if let (Ok(old), Ok(new)) = (read(&old), read(&new)) {
            for change in compare(&old, &new) {
                prop_assert!(!change.text.is_empty());
            }
        }
    }
}
