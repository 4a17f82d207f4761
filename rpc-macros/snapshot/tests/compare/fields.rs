//! Fields of structs, however deep; where they stand, and what their types are called, is nothing to the wire.

use rpc_snapshot::Rule;

use crate::{OLD, broken, compared, edited, kept, raised};

#[test]
fn fields() {
    // An argument and an answer have the type: either may tell.
    broken(
        &[("  field name text\n", "")],
        Rule::TypeFieldNoDelete,
        "'instance' of 'move' .flavor: field 'name'",
    );
    broken(
        &[("field name text", "field title text")],
        Rule::TypeFieldSameName,
        "did you rename it to 'title'?",
    );
    broken(
        &[("field size u32", "field size u16")],
        Rule::ArgSameShapeOrWider,
        ".flavor.size: it was released as u32 and is u16",
    );
    broken(
        &[("field size u32", "field size text")],
        Rule::ArgSameShapeOrWider,
        "as u32 and is text",
    );
    broken(
        &[("field extra {text:text} optional", "field extra {text:text}")],
        Rule::ArgNotMadeRequired,
        ".flavor.extra",
    );
    broken(
        &[("field size u32", "field size u32\n  field new u8")],
        Rule::ArgSameShapeOrWider,
        "old callers do not send it",
    );
    broken(
        &[("field done u64", "field done u64 omittable")],
        Rule::OkSameShapeOrNarrower,
        ".done: it may be left out now",
    );
    broken(
        &[("{text:text}", "{text:u8}")],
        Rule::ArgSameShapeOrWider,
        ".flavor.extra[]: it was released as text and is u8",
    );
    kept(&[("field size u32", "field size u64")]);
    kept(&[("field size u32", "field size i64")]);
    kept(&[("field size u32", "field size u32? optional")]);
    kept(&[("field size u32", "field size any")]);
    kept(&[("field size u32", "field size u32\n  field new u8? optional")]);
    kept(&[("field done u64", "field done u32")]);
    kept(&[("field done u64", "field done u64\n  field more text optional")]);
    // New callers are answered by old servers.
    broken(
        &[("field done u64", "field done u64\n  field more text")],
        Rule::OkAddedIsOptional,
        "the answer of 'move': field 'more' is new: old servers do not send it",
    );
    broken(
        &[("field done u64", "field done u128")],
        Rule::OkSameShapeOrNarrower,
        "the answer of 'move' .done",
    );
    broken(
        &[("field done u64", "field done u64?")],
        Rule::OkSameShapeOrNarrower,
        "as u64 and is u64?",
    );
    broken(
        &[("field done u64", "field done any")],
        Rule::OkSameShapeOrNarrower,
        "as u64 and is any",
    );
    broken(
        &[("field size u32", "field size u64"), ("Tasks 1.5", "Tasks 1.4")],
        Rule::ApiVersionRaisedWhenChanged,
        "the version is still \"1.4\"",
    );
}

#[test]
fn where_a_field_stands_is_nothing_to_the_wire() {
    let flat = OLD.replace("  field flavor Flavor", "  flatten Flavor");
    let moved = OLD.replace(
        "  field flavor Flavor",
        "  field extra {text:text} optional\n  field size u32\n  field name text",
    );
    assert!(compared(&flat, &moved).is_empty());
    assert!(compared(&moved, &flat).is_empty());
    let less = moved.replace("  field name text\n  field state", "  field state");
    assert_eq!(compared(&flat, &less)[0].0, Some(Rule::TypeFieldNoDelete));
}

/// A reader that collects what it does not know takes a new field for one of the collected.
#[test]
fn a_new_field_must_not_fall_into_a_map_of_something_else() {
    let of = |values: &str, more: &str| {
        let fields = format!("field done u64\n{more}  flatten {{text:{values}}}");
        edited(&raised(OLD), &[("field done u64", &fields)])
    };
    let rules = |values: &str| -> Vec<_> {
        let told = compared(&of(values, ""), &of(values, "  field name text optional\n"));
        told.into_iter().map(|(rule, _)| rule).collect()
    };
    assert_eq!(rules("u8"), [Some(Rule::OkSameShapeOrNarrower)]);
    assert_eq!(rules("any"), [Some(Rule::ApiVersionRaisedWhenChanged)]);
}

#[test]
fn the_name_of_a_type_is_nothing_to_the_wire() {
    let renamed = OLD.replace("Flavor", "Size");
    let wrapped = OLD.replace("uuid text", "uuid Id") + "\ntype Id is text\n";
    for new in [renamed, wrapped] {
        assert!(compared(OLD, &new).is_empty());
    }
}
