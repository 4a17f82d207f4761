//! The text form, there and back.

use rpc_snapshot::{Method, Rule, Snapshot, Version, read};

const WHOLE: &str = "\
api ComputeTask 1.26
doc What a conductor does.
doc
doc At length.
topic conductor
namespace compute_task
accepts 0.9
release stein 1.20
release zed 1.24
breaks API_SAME_TOPIC because its callers name it: all of them

method migrate call cast since 1.2 removed 2.0 alias old timeout 30s deprecated idempotent monitored at_least_once
  doc Moves a server.
  breaks ERROR_NO_DELETE because nobody looks
  arg instance Instance
    doc Which.
    breaks ARG_SAME_SHAPE_OR_WIDER because none is that large
    breaks ARG_NOT_MADE_REQUIRED because all send it
  arg clean bool optional since 1.11 until 1.20 below 1.12 below 1.15 secret default Vec::<u8>::new()
  arg default_host text optional default a default ()
  arg more {text:any}? optional default
  ok [Host]
  error nova.exception NotFound Gone

method reset fanout
  errors none

method watch stream
  items _

type Action enum tag kind content of open
  doc What happens.
  value Start\\u{20}again
    doc At first.
  value Stop alias Halt is text
  value Move alias Go alias Shift struct
    doc Elsewhere.
    field to Host optional
      doc Where.

type Host is text

type Instance struct strict
  doc A server.
  field uuid text
    doc Its key.
  field \\u{} text
  field kids [Instance] alias children alias \\u{} optional omittable
  field action Action
  flatten {text:any}

type Loose enum untagged
  value 0 is u8
";

#[test]
fn what_is_read_is_written_the_same() {
    let snapshot = read(WHOLE).expect("a snapshot");
    assert_eq!(snapshot.to_string(), WHOLE);
    let default = snapshot.methods[0].arguments[2].default.as_deref();
    assert_eq!(default, Some("a default ()"));
}

#[test]
fn a_name_may_be_any_text() {
    for name in [
        "in progress",
        "",
        " ",
        "\t",
        "back\\slash",
        r"\u{20}",
        "é",
        "a\u{2003}b",
        "_",
        "#",
    ] {
        let mut snapshot = Snapshot::new("X", Version { major: 1, minor: 0 });
        snapshot.topic = Some(name.to_owned());
        snapshot.methods.push(Method::new(name));
        let read = read(&snapshot.to_string()).expect(name);
        assert_eq!(
            (read.topic.as_deref(), &*read.methods[0].name),
            (Some(name), name)
        );
    }
}

#[test]
fn what_concerns_one_side_alone_is_not_released() {
    let text = read(WHOLE).expect("a snapshot").released().to_string();
    for word in ["doc", "timeout", "monitored", "at_least_once", "secret", "breaks"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(text.contains("idempotent") && text.contains("deprecated"));
}

#[test]
fn comments_and_blank_lines_say_nothing() {
    let text = format!("# Written by hand.\n\n{WHOLE}\n  # The end.\n");
    assert_eq!(read(&text).expect("a snapshot").to_string(), WHOLE);
}

#[test]
fn names_that_do_not_travel_may_be_one() {
    let untagged = "api X 1.0\n\ntype T enum untagged\n  value A is u8\n  value A is text\n";
    assert_eq!(read(untagged).expect("a snapshot").to_string(), untagged);
}

/// A mistake is told with its line.
#[test]
fn mistakes() {
    for (text, line, what) in [
        ("", 1, "starts with 'api NAME VERSION'"),
        ("topic x", 1, "starts with 'api NAME VERSION'"),
        ("api X", 1, "a version is missing"),
        ("api X 1", 1, "\"1\" is not a version"),
        ("api X 1.x", 1, "not a version"),
        ("api X 1.0 y", 1, "\"y\" says nothing here"),
        ("api X 1.0\nqueue y", 2, "no fact of a snapshot"),
        ("api X 1.0\n arg y u8", 2, "stands under a method"),
        (
            "api X 1.0\nmethod m call\ntype T struct\n arg y u8",
            4,
            "stands under a method",
        ),
        (
            "api X 1.0\n\nmethod m call\n arg y [u8",
            4,
            "\"[u8\" is not a shape",
        ),
        ("api X 1.0\nmethod m call\n arg y u8 optinal", 3, "\"optinal\""),
        ("api X 1.0\nmethod m calls", 2, "\"calls\""),
        ("api X 1.0\nmethod m call since", 2, "a version is missing"),
        ("api X 1.0\ntype T union", 2, "a struct or an enum"),
        (
            "api X 1.0\ntype T enum\n field x u8",
            3,
            "under a value that is a struct",
        ),
        ("api X 1.0\ntype T struct\n value x", 3, "under an enum"),
        ("api X 1.0\n field x u8", 2, "under a struct"),
        (
            "api X 1.0\ntype T struct\ntype T struct",
            3,
            "type 'T' is there twice",
        ),
        (
            "api X 1.0\n\ntype T struct\n flatten T",
            3,
            "type 'T' flattens itself: write 'field NAME T'",
        ),
        (
            "api X 1.0\ntype A is B\ntype B struct\n flatten C\ntype C struct\n flatten A",
            3,
            "type 'B' flattens itself",
        ),
        (
            "api X 1.0\ntype T struct\n flatten U\n flatten U\ntype U struct",
            2,
            "type 'T' flattens 'U' twice",
        ),
        (
            "api X 1.0\nmethod m call\n arg x T",
            3,
            "type 'T' is named, but not there",
        ),
        (
            "api X 1.0\ntype T struct\n\n field x text\n field y {text:[U]}\n\ntype V is W",
            5,
            "type 'U' is named, but not there",
        ),
        (
            "api X 1.0\nmethod m call\nmethod n call\n\nmethod m cast",
            5,
            "method 'm' is there twice",
        ),
        (
            "api X 1.0\nmethod m call\n arg y u8\nmethod n call\n arg y u8\n arg y u16",
            6,
            "argument 'y' is there twice",
        ),
        (
            "api X 1.0\ntype T struct\n field x u8\n flatten any\n flatten any\n field x u8",
            6,
            "field 'x' is there twice",
        ),
        (
            "api X 1.0\ntype T enum\n value A struct\n  field x u8\n value B struct\n  field x u8\n  field x u8",
            7,
            "field 'x' is there twice",
        ),
        (
            "api X 1.0\ntype T enum\n value A\n value B\n value A is u8",
            5,
            "value 'A' is there twice",
        ),
        (
            "api X 1.0\nrelease zed 1.0\nrelease zed 1.0",
            3,
            "release 'zed' is there twice",
        ),
        ("api X 1.0\nmethod m call\n error a b", 3, "a name is missing"),
        ("api X 1.0\nmethod m call\n errors some", 3, "no fact"),
        ("api X 1.0\nbreaks", 2, "a rule is missing"),
        (
            "api X 1.0\nbreaks ARG_SAME because so",
            2,
            "there is no rule 'ARG_SAME'",
        ),
        ("api X 1.0\nbreaks ARG_SAME_NAME", 2, "write 'because ..'"),
        (
            "api X 1.0\nbreaks ARG_SAME_NAME because ",
            2,
            "why ARG_SAME_NAME may be broken is left open",
        ),
        (
            "api X 1.0\ntype T struct\n breaks ARG_SAME_NAME because so",
            3,
            "stands under the API, a method or an argument",
        ),
        ("api X 1.0\ntopic a\\b", 2, "is not a name"),
        ("api X 1.0\ntopic a\\u{d800}", 2, "is not a name"),
    ] {
        let malformed = read(text).expect_err(text);
        assert_eq!(malformed.line, line, "{text}: {malformed}");
        assert!(malformed.text.contains(what), "{text}: {malformed}");
    }
}

/// Whatever is cut off or left out, the reader returns.
#[test]
fn no_part_of_a_text_is_too_much() {
    for end in (0..WHOLE.len()).filter(|&end| WHOLE.is_char_boundary(end)) {
        let _ = read(&WHOLE[..end]);
    }
    for left_out in 0..WHOLE.lines().count() {
        let lines: Vec<&str> = WHOLE
            .lines()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, line)| line)
            .collect();
        let _ = read(&lines.join("\n"));
    }
}

#[test]
fn a_rule_is_known_by_its_id() {
    for rule in Rule::ALL {
        assert_eq!(rule.id().parse(), Ok(*rule));
        assert!(rule.meaning().ends_with('.'));
    }
    assert_eq!(
        "ARG_SAME".parse::<Rule>().expect_err("none").to_string(),
        "there is no rule 'ARG_SAME'"
    );
}
