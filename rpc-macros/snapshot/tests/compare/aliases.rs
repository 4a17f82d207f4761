//! Aliases: a name may change where both readers know both.

use rpc_snapshot::Rule;

use crate::{OLD, broken, compared, edited, kept, raised};

#[test]
fn aliases_of_fields() {
    kept(&[("field name text", "field name text alias title")]);
    // Old servers are sent the new one.
    broken(
        &[("field name text", "field title text alias name")],
        Rule::TypeFieldSameName,
        ".flavor.name: its name is 'title' now, and old servers read 'name'",
    );
    broken(
        &[
            ("Tasks 1.5", "Tasks 1.4"),
            ("field name text", "field name text alias title"),
        ],
        Rule::ApiVersionRaisedWhenChanged,
        ".flavor.name: it is read as 'title' too now",
    );
    // An answer is read by old callers, who know no new alias.
    broken(
        &[("field done u64", "field made u64 alias done")],
        Rule::TypeFieldSameName,
        "field 'done' was released and is gone",
    );
    let told =
        |old: &[(&str, &str)], new: &[(&str, &str)]| compared(&edited(OLD, old), &raised(&edited(OLD, new)));
    let gone = told(
        &[("field name text", "field name text alias title alias label")],
        &[("field name text", "field name text alias label")],
    );
    assert_eq!(
        gone,
        [(
            Some(Rule::TypeAliasNoDelete),
            "argument 'instance' of 'move' .flavor.name: it was read as 'title' too; keep #[serde(alias = \"title\")]".to_owned()
        )]
    );
    // The alias becomes the name.
    assert_eq!(
        told(
            &[("field name text", "field name text alias title")],
            &[("field name text", "field title text alias name")]
        ),
        [(
            None,
            "argument 'instance' of 'move' .flavor.name: its name is 'title' now".to_owned()
        )]
    );
    // What answers bear is read by the aliases of then, and what old servers answer by those of now.
    let answered = |now: &str| {
        told(
            &[("field done u64", "field done u64 alias made")],
            &[("field done u64", now)],
        )
    };
    let at = |text: &str| format!("the answer of 'move' .done: its name is 'made' now{text}");
    assert_eq!(answered("field made u64 alias done"), [(None, at(""))]);
    let unread = ", and old servers write 'done'; add #[serde(alias = \"done\")]";
    assert_eq!(
        answered("field made u64"),
        [(Some(Rule::TypeFieldSameName), at(unread))]
    );
    // Two that are one to the reader.
    let merged = told(
        &[],
        &[("field name text\n  field size u32", "field size u32 alias name")],
    );
    let one = "fields 'name' and 'size' are one to who reads them, and refused";
    assert!(
        merged
            .iter()
            .any(|(rule, text)| *rule == Some(Rule::ArgSameShapeOrWider) && text.ends_with(one)),
        "{merged:?}"
    );
    let split = told(
        &[("field done u64", "field done u64 alias made")],
        &[("field done u64", "field done u64\n  field made u64")],
    );
    let one = "fields 'done' and 'made' are one to who reads them, and refused";
    assert!(
        split
            .iter()
            .any(|(rule, text)| *rule == Some(Rule::OkSameShapeOrNarrower) && text.ends_with(one)),
        "{split:?}"
    );
}

#[test]
fn aliases_of_values() {
    // An answer holds the states as well: only what is read may have another name.
    let of_argument = edited(OLD, &[("field states [State]", "field states any")]);
    let told = |old: &str, new: &str| {
        let with = |value: &str| edited(&of_argument, &[("value Down", value)]);
        compared(&with(old), &raised(&with(new)))
    };
    let at = |text: &str| format!("argument 'instance' of 'move' .state::Down: {text}");
    assert_eq!(
        told("value Down alias Off", "value Off alias Down"),
        [(None, at("its name is 'Off' now"))]
    );
    let unread = "its name is 'Off' now, and old servers read 'Down'; keep #[serde(rename = \"Down\")] until a release reads both";
    assert_eq!(
        told("value Down", "value Off alias Down"),
        [(Some(Rule::TypeEnumValueSameName), at(unread))]
    );
    assert_eq!(
        told("value Down", "value Down alias Off"),
        [(None, at("it is read as 'Off' too now"))]
    );
    assert_eq!(
        told("value Down alias Off", "value Down"),
        [(
            Some(Rule::TypeAliasNoDelete),
            at("it was read as 'Off' too; keep #[serde(alias = \"Off\")]")
        )]
    );
    broken(
        &[("value Down", "value Off alias Down")],
        Rule::TypeEnumValueSameName,
        "the answer of 'move' .states[]: value 'Down' was released and is gone",
    );
}
