//! What one side writes, the other reads: what is compatible one way is not the other way round.

use rpc_snapshot::{Rule, compare, read};

/// Whether a rule is broken, and how it is told, of a value that was one thing and is another.
fn told(of: &str, old: &str, new: &str, types: [&str; 2]) -> Vec<(Option<Rule>, String)> {
    let api = |version: &str, shape: &str, types: &str| {
        let method = format!("api A {version}\nmethod m call\n{}\n", of.replace("{}", shape));
        let text = format!("{method}\n{types}");
        read(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let changes = compare(&api("1.0", old, types[0]), &api("1.1", new, types[1])).into_iter();
    changes.map(|change| (change.rule, change.text)).collect()
}

const ARGUMENT: &str = "  arg a {}\n  ok null";
const ANSWER: &str = "  ok {}";

/// Compatible in an argument from the first to the second, in an answer from the second to the first, and in no other
/// way.
#[track_caller]
fn widens(narrow: &str, wide: &str, types: &str) {
    let compared = |of, old, new| {
        let told = told(of, old, new, [types, types]);
        assert!(!told.is_empty());
        told.iter().all(|(rule, _)| rule.is_none())
    };
    assert!(compared(ARGUMENT, narrow, wide), "{narrow} to {wide}");
    assert!(compared(ANSWER, wide, narrow), "{wide} to {narrow}");
    assert!(!compared(ARGUMENT, wide, narrow), "{wide} to {narrow}");
    assert!(!compared(ANSWER, narrow, wide), "{narrow} to {wide}");
}

/// Compatible in neither way.
#[track_caller]
fn differs(one: &str, other: &str, types: &str) {
    for of in [ARGUMENT, ANSWER] {
        for (old, new) in [(one, other), (other, one)] {
            let told = told(of, old, new, [types, types]);
            assert!(
                told.iter().any(|(rule, _)| rule.is_some()),
                "{old} to {new}: {told:?}"
            );
        }
    }
}

const WORDS: &str = "type State enum\n  value Up\n  value Down\n";

#[test]
fn words_are_texts() {
    widens("State", "text", WORDS);
    widens("State?", "text?", WORDS);
    widens("[State]", "[text]", WORDS);
    widens("{State:u8}", "{text:u8}", WORDS);
    differs("State", "char", WORDS);
    differs("State", "text", &format!("{WORDS}  value Moving is u8\n"));
    for tagged in ["tag kind", "tag kind content of", "untagged"] {
        differs(
            "State",
            "text",
            &WORDS.replace("State enum", &format!("State enum {tagged}")),
        );
    }
}

#[test]
fn so_many_are_any_number() {
    widens("[u8;3]", "[u8]", "");
    widens("[u8;3]", "[u16]", "");
    widens("(u8,u8)", "[u8]", "");
    widens("(u8,u16)", "[u32]", "");
    differs("[u8;3]", "[text]", "");
    differs("(u8,text)", "[u8]", "");
    differs("[u8;3]", "[u8;4]", "");
    differs("(u8,u8)", "[u8;3]", "");
    for (old, new) in [("(u8,u8)", "[u8;2]"), ("[u8;2]", "(u8,u8)")] {
        for of in [ARGUMENT, ANSWER] {
            assert_eq!(told(of, old, new, ["", ""]), [], "{old} to {new}");
        }
    }
    widens("(u8,u16)", "[u16;2]", "");
    let parts = told(ARGUMENT, "(u8,text)", "[u8]", ["", ""]);
    assert!(
        matches!(&parts[..], [.., (Some(Rule::ArgSameShapeOrWider), text)] if text.ends_with(" .1: it was released as text and is u8")),
        "{parts:?}"
    );
}

#[test]
fn numbers_are_texts_as_keys() {
    widens("{u32:bool}", "{text:bool}", "");
    widens("{Id:bool}", "{text:bool}", "type Id is i64\n");
    differs("{u32:bool}", "{text:u8}", "");
    differs("{f64:bool}", "{text:bool}", "");
    differs("u32", "text", "");
}

/// What is told of a struct of an argument, and of an answer, that gets other fields.
fn fields(old: &str, new: &str) -> [Vec<(Option<Rule>, String)>; 2] {
    [ARGUMENT, ANSWER].map(|of| told(of, "T", "T", [old, new]))
}

#[test]
fn a_strict_reader_refuses_what_is_new() {
    let strict = "type T struct strict\n  field a u8\n";
    let plain = "type T struct\n  field a u8\n";
    let with = |old: &str, field: &str| fields(old, &format!("{old}  field b {field}\n"));
    let refused = |by: &str| format!("field 'b' is new, and old {by} refuse fields that they do not know");
    for field in ["u8 optional", "u8? optional"] {
        let [argument, answer] = with(strict, field);
        let is_refused = |told: &[(Option<Rule>, String)], rule, by| matches!(told, [(Some(found), text)] if *found == rule && text.contains(&refused(by)));
        assert!(
            is_refused(&argument, Rule::ArgSameShapeOrWider, "servers"),
            "{argument:?}"
        );
        assert!(
            is_refused(&answer, Rule::OkSameShapeOrNarrower, "callers"),
            "{answer:?}"
        );
        for told in with(plain, field) {
            assert!(matches!(&told[..], [(None, _)]), "{told:?}");
        }
    }
    // Who sets it asks for what old servers do not have; a server cannot know who reads it.
    let [argument, answer] = with(strict, "u8? optional omittable");
    assert!(matches!(&argument[..], [(None, _)]), "{argument:?}");
    assert!(
        matches!(&answer[..], [(Some(Rule::OkSameShapeOrNarrower), _)]),
        "{answer:?}"
    );
    // Old writers write nothing that a new strict reader refuses.
    assert_eq!(fields(plain, strict), [vec![], vec![]]);
}

/// Old servers need what old callers always sent.
#[test]
fn a_value_is_not_left_out() {
    let of = |field: &str| format!("type T struct\n  field a {field}\n");
    let told = |old: &str, new: &str| fields(&of(old), &of(new)).map(|told| told.into_iter().next());
    let left_out = |by: &str| format!(".a: it may be left out now, and old {by} need it");
    let [argument, answer] = told("u8", "u8 optional omittable");
    assert!(
        matches!(&argument, Some((Some(Rule::ArgSameShapeOrWider), text)) if text.ends_with(&left_out("servers"))),
        "{argument:?}"
    );
    assert!(
        matches!(&answer, Some((Some(Rule::OkSameShapeOrNarrower), text)) if text.ends_with(&left_out("callers"))),
        "{answer:?}"
    );
    // None is what old callers could not say.
    let [argument, _] = told("u8", "u8? optional omittable");
    assert!(matches!(argument, Some((None, _))), "{argument:?}");
    assert_eq!(told("u8 optional", "u8 optional omittable"), [None, None]);
}

/// The place for other values holds a name and nothing else.
#[test]
fn an_open_enum_takes_content_beside_its_tag_alone() {
    for (tagging, content, is_read) in [
        ("", "", true),
        ("", " is u8", false),
        ("tag kind content of ", " is u8", false),
        ("tag kind ", " is T", true),
    ] {
        let old = format!("type S enum {tagging}open\n  value Other\n\ntype T struct\n  field a u8\n");
        let new = old.replace("value Other", &format!("value New{content}\n  value Other"));
        let told = told(ANSWER, "S", "S", [&old, &new]);
        let is_kept = told.iter().all(|(rule, _)| rule.is_none());
        assert_eq!(is_kept, is_read, "{tagging}{content}: {told:?}");
    }
}
