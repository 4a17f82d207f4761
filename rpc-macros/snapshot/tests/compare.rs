//! Each rule, broken and kept: a released text, an edit of it, and what is told.

use rpc_snapshot::{
    Body, Change, Collector, Definition, Difference, Differences, Field, List, Role, Rule, Shape, Snapshot,
    Text, compare, differences, read,
};

const OLD: &str = "\
api Tasks 1.4
topic conductor
namespace tasks
release zed 1.3

method move call cast since 1.2 alias shift idempotent
  arg instance Instance
  arg clean bool optional since 1.3 default true
  arg hosts [text]? optional since 1.4
  ok Report
  error nova.exception NotFound NotFound

method gone call removed 2.0
  ok null

type Flavor struct
  field name text
  field size u32
  field extra {text:text} optional

type Instance struct
  field uuid text
  field flavor Flavor
  field state State
  field parent Instance? optional

type Report struct
  field done u64
  field states [State]

type State enum
  value Up
  value Down
  value Moving is u8
";

/// What is told of the released text, edited by replacing; the version is raised unless the edit says otherwise.
fn told(edits: &[(&str, &str)]) -> Vec<(Option<Rule>, String)> {
    let mut text = OLD.replace("Tasks 1.4", "Tasks 1.5");
    for (from, to) in edits {
        assert!(text.contains(from), "{from:?} is not there");
        text = text.replace(from, to);
    }
    let changes = compare(&snapshot(OLD), &snapshot(&text));
    changes
        .into_iter()
        .map(|change| (change.rule, change.text))
        .collect()
}

fn snapshot(text: &str) -> Snapshot {
    read(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[track_caller]
fn broken(edits: &[(&str, &str)], rule: Rule, text: &str) {
    let told = told(edits);
    let broken: Vec<_> = told.iter().filter(|(rule, _)| rule.is_some()).collect();
    assert!(
        broken
            .iter()
            .any(|(found, told)| *found == Some(rule) && told.contains(text)),
        "{broken:#?}"
    );
    assert!(
        broken.iter().all(|(found, _)| *found == Some(rule)),
        "{broken:#?}"
    );
}

#[track_caller]
fn kept(edits: &[(&str, &str)]) {
    let told = told(edits);
    assert!(told.iter().all(|(rule, _)| rule.is_none()), "{told:#?}");
    assert!(edits.is_empty() || !told.is_empty());
}

#[test]
fn nothing_is_told_of_what_is_the_same() {
    assert!(compare(&snapshot(OLD), &snapshot(OLD)).is_empty());
    kept(&[]);
}

#[test]
fn the_api() {
    broken(
        &[("namespace tasks\n", "")],
        Rule::ApiSameNamespace,
        "the namespace 'tasks'",
    );
    broken(
        &[("topic conductor", "topic other")],
        Rule::ApiSameTopic,
        "the topic 'conductor'",
    );
    broken(
        &[("Tasks 1.5", "Tasks 1.3")],
        Rule::ApiVersionNotLowered,
        "1.4 is released; \"1.3\" goes back",
    );
    broken(
        &[("release zed 1.3\n", "")],
        Rule::ApiReleasesAppendOnly,
        "'zed' was there",
    );
    broken(
        &[("zed 1.3", "zed 1.2")],
        Rule::ApiReleasesAppendOnly,
        "'zed' speaks 1.3, not 1.2",
    );
}

#[test]
fn methods() {
    broken(
        &[("method gone call removed 2.0\n  ok null\n", "")],
        Rule::MethodNoDelete,
        "may go with 2.0",
    );
    broken(
        &[("method move", "method shove")],
        Rule::MethodNoDelete,
        "NoSuchMethod",
    );
    broken(
        &[("call cast", "call")],
        Rule::MethodSameKindsOrMore,
        "could be cast",
    );
    broken(
        &[("cast since 1.2", "cast since 1.3")],
        Rule::MethodSameSince,
        "'since' was \"1.2\"",
    );
    broken(
        &[(" alias shift", "")],
        Rule::MethodAliasNoDelete,
        "answered to 'shift'",
    );
    broken(
        &[("shift idempotent", "shift")],
        Rule::MethodSameIdempotencyOrMore,
        "was idempotent",
    );
    let new = "method new cast\n\nmethod gone";
    broken(
        &[("method gone", new)],
        Rule::MethodAddedHasSince,
        "'new' is new since 1.4",
    );
    broken(
        &[("method gone", new), ("Tasks 1.5", "Tasks 1.4")],
        Rule::ApiVersionRaisedWhenChanged,
        "still \"1.4\"",
    );
    kept(&[("method gone", "method new cast since 1.5\n\nmethod gone")]);
    kept(&[("call cast", "call cast fanout")]);
    // The old name is answered to.
    kept(&[
        (
            "method move call cast since 1.2",
            "method shove call cast since 1.5 alias move",
        ),
        ("optional since 1.3", "optional"),
    ]);
}

/// A waiver waives its rule where it stands, and nowhere else.
#[test]
fn what_is_waived() {
    let step = [
        ("Tasks 1.4", "Tasks 1.5"),
        (
            "topic conductor",
            "topic other\nbreaks API_SAME_TOPIC because none send there",
        ),
        (
            "  arg instance",
            "  breaks METHOD_SAME_IDEMPOTENCY_OR_MORE because none repeats it\n  arg instance",
        ),
        (" idempotent\n", "\n"),
        (
            "default true",
            "default false\n    breaks ARG_SAME_DEFAULT because all send it",
        ),
        ("done u64", "done text"),
        ("size u32", "size u16"),
    ];
    let text = step
        .iter()
        .fold(OLD.to_owned(), |text, (from, to)| text.replace(from, to));
    let changes = compare(&snapshot(OLD), &snapshot(&text));
    let waived = changes
        .iter()
        .filter_map(|change| Some((change.rule?, change.waived.as_deref()?)));
    assert_eq!(
        waived.collect::<Vec<_>>(),
        [
            (Rule::ApiSameTopic, "none send there"),
            (Rule::MethodSameIdempotencyOrMore, "none repeats it"),
            (Rule::ArgSameDefault, "all send it"),
        ]
    );
    let broken: Vec<Rule> = changes.iter().filter_map(Change::broken).collect();
    assert_eq!(broken, [Rule::ArgSameShapeOrWider, Rule::OkSameShapeOrNarrower]);
    // What is released with them is what the next is compared with.
    assert!(compare(&snapshot(&text), &snapshot(&text)).is_empty());
}

#[test]
fn a_new_major_version_is_another_interface() {
    let without = OLD.replace("method gone call removed 2.0\n  ok null\n", "");
    for (version, told) in [("2.0", 0), ("1.9", 1)] {
        let new = snapshot(&without.replace("Tasks 1.4", &format!("Tasks {version}")));
        assert_eq!(compare(&snapshot(OLD), &new).len(), told);
    }
    let later = OLD.replace("removed 2.0", "removed 3.0");
    let changes = compare(&snapshot(&later), &snapshot("api Tasks 2.0"));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(
        changes[0].text,
        "'gone' may go with 3.0 (its 'removed'), this is 2.0"
    );
}

#[test]
fn callers_of_an_earlier_major_go_with_a_new_one_alone() {
    let of = |version: &str| snapshot(&OLD.replace("api Tasks 1.4", &format!("api Tasks {version}")));
    let told = |old: &str, new: &str| -> Vec<_> {
        let changes = compare(&of(old), &of(new)).into_iter();
        changes
            .map(|change| (change.rule, change.text, change.help))
            .collect()
    };
    let lowered = |served: &str, released: &str| {
        let text = format!("callers of {served} were served when {released} was released");
        vec![(
            Some(Rule::ApiVersionNotLowered),
            text,
            Some(format!("accepts = \"{served}\"")),
        )]
    };
    let both = "2.3\naccepts 1.4";
    assert_eq!(told(both, "2.4"), lowered("1.4", "2.3"));
    assert_eq!(told(both, "2.4\naccepts 1.3"), lowered("1.4", "2.3"));
    assert_eq!(told("1.4", "2.0\naccepts 1.3"), lowered("1.4", "1.4"));
    for (old, new) in [
        (both, "2.3\naccepts 1.4"),
        (both, "2.4\naccepts 1.5"),
        (both, "3.0\naccepts 2.3"),
        ("1.4", "2.0\naccepts 1.4"),
    ] {
        assert_eq!(told(old, new), [], "{old} {new}");
    }
}

/// What was promised to stay until a version is promised to every caller of before.
#[test]
fn removed_is_not_moved_to_an_earlier_version() {
    let later = OLD.replace("removed 2.0", "removed 3.0");
    let told = |version: &str, removed: &str| -> Vec<_> {
        let new = later
            .replace("Tasks 1.4", &format!("Tasks {version}"))
            .replace(" removed 3.0", removed);
        let changes = compare(&snapshot(&later), &snapshot(&new)).into_iter();
        changes.map(|change| (change.rule, change.text)).collect()
    };
    let text = |now: &str| format!("'gone' was to stay until 3.0 when 1.4 was released, not {now}");
    for (version, removed) in [("1.5", "2.0"), ("2.0", "2.1")] {
        let broken = vec![(Some(Rule::MethodNoDelete), text(removed))];
        assert_eq!(told(version, &format!(" removed {removed}")), broken);
    }
    for kept in [" removed 3.0", " removed 3.1", " removed 4.0", ""] {
        assert_eq!(told("1.5", kept), []);
        assert_eq!(told("2.0", kept), []);
    }
}

/// A major beyond which there is none.
#[test]
fn the_last_major_has_no_next() {
    let last = OLD.replace("api Tasks 1.4", &format!("api Tasks {}.4", u32::MAX));
    let without = last
        .replace("method move", "method shove")
        .replace("method gone", "method come");
    assert!(!compare(&snapshot(&last), &snapshot(&without)).is_empty());
}

#[test]
fn arguments() {
    broken(
        &[("  arg clean bool optional since 1.3 default true\n", "")],
        Rule::ArgNoDelete,
        "released in 1.3 and is gone",
    );
    broken(
        &[("arg hosts", "arg nodes")],
        Rule::ArgSameName,
        "'hosts' of 'move'",
    );
    broken(
        &[("optional since 1.3", "optional since 1.4")],
        Rule::ArgSameSince,
        "was \"1.3\"",
    );
    broken(
        &[("bool optional since 1.3 default true", "bool since 1.3")],
        Rule::ArgNotMadeRequired,
        "leave 'clean' out",
    );
    broken(
        &[("default true", "default false")],
        Rule::ArgSameDefault,
        "an absent 'clean' was true",
    );
    broken(
        &[("  ok Report", "  arg new u8\n  ok Report")],
        Rule::ArgAddedIsOptional,
        "callers at 1.4 do not send it",
    );
    broken(
        &[("  ok Report", "  arg new u8? optional since 1.4\n  ok Report")],
        Rule::ArgAddedHasSince,
        "servers of 1.4 refuse it",
    );
    kept(&[("  ok Report", "  arg new u8? optional since 1.5\n  ok Report")]);
    kept(&[(
        "arg hosts [text]? optional since 1.4",
        "arg hosts [text]? optional since 1.4 until 1.5",
    )]);
    broken(
        &[(
            "optional since 1.3 default",
            "optional since 1.3 until 1.4 default",
        )],
        Rule::ArgNoDelete,
        "'clean' was sent to servers of 1.4 when 1.4 was released",
    );
    broken(
        &[
            ("  ok Report", "  arg new u8? optional since 1.4\n  ok Report"),
            ("Tasks 1.5", "Tasks 1.4"),
        ],
        Rule::ApiVersionRaisedWhenChanged,
        "still \"1.4\"",
    );
}

#[test]
fn forms() {
    // Callers of 1.4 send a text, and it is read.
    kept(&[(
        "arg hosts [text]? optional since 1.4",
        "arg hosts u8 optional since 1.4 below 1.5",
    )]);
    let old = OLD.replace("  ok Report", "  arg size u8 below 1.3\n  ok Report");
    let compared = |size: &str| {
        let new = old
            .replace("Tasks 1.4", "Tasks 1.5")
            .replace("size u8 below 1.3", size);
        let changes = compare(&snapshot(&old), &snapshot(&new)).into_iter();
        changes
            .map(|change| (change.rule, change.text))
            .collect::<Vec<_>>()
    };
    let gone = compared("size u8");
    let text = "'size' was read in its form from before 1.3 when 1.4 was released";
    assert_eq!(gone, [(Some(Rule::ArgSameShapeOrWider), text.to_owned())]);
    assert_eq!(compared("size u8 below 1.3"), []);
    // The form from before 1.3 is no excuse for another in 1.4.
    assert_eq!(
        compared("size text below 1.3")[0].0,
        Some(Rule::ArgSameShapeOrWider)
    );
    assert_eq!(compared("size text below 1.3 below 1.5")[0].0, None);
}

#[test]
fn errors() {
    broken(
        &[("  error nova.exception NotFound NotFound", "  errors none")],
        Rule::ErrorNoDelete,
        "nova.exception.NotFound",
    );
    broken(
        &[("error nova.exception NotFound", "error cinder.exception NotFound")],
        Rule::ErrorSameClass,
        "was released as nova",
    );
}

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

/// A field may change its name where the reader knows the other.
#[test]
fn aliases_of_fields() {
    kept(&[("field name text", "field name text alias title")]);
    kept(&[("field name text", "field title text alias name")]);
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
    let told = |old: &[(&str, &str)], new: &[(&str, &str)]| {
        let edit = |edits: &[(&str, &str)]| {
            edits
                .iter()
                .fold(OLD.to_owned(), |text, (from, to)| text.replace(from, to))
        };
        let (old, new) = (edit(old), edit(new).replace("Tasks 1.4", "Tasks 1.5"));
        let changes = compare(&snapshot(&old), &snapshot(&new));
        let told = changes.into_iter().map(|change| (change.rule, change.text));
        told.collect::<Vec<_>>()
    };
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
    // What answers bear is read by the aliases of then.
    assert_eq!(
        told(
            &[("field done u64", "field done u64 alias made")],
            &[("field done u64", "field made u64")]
        ),
        [(
            None,
            "the answer of 'move' .done: its name is 'made' now".to_owned()
        )]
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
    let of_argument = ("field states [State]", "field states any");
    let told = |old: &str, new: &str| {
        let edit = |to: &str| {
            OLD.replace(of_argument.0, of_argument.1)
                .replace("value Down", to)
        };
        let changes = compare(
            &snapshot(&edit(old)),
            &snapshot(&edit(new).replace("Tasks 1.4", "Tasks 1.5")),
        );
        let told = changes.into_iter().map(|change| (change.rule, change.text));
        told.collect::<Vec<_>>()
    };
    let at = |text: &str| format!("argument 'instance' of 'move' .state::Down: {text}");
    assert_eq!(
        told("value Down", "value Off alias Down"),
        [(None, at("its name is 'Off' now"))]
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

#[test]
fn values() {
    broken(
        &[("  value Up\n", "")],
        Rule::TypeEnumValueNoDelete,
        "value 'Up' was released",
    );
    broken(
        &[("value Up", "value On")],
        Rule::TypeEnumValueSameName,
        "did you rename it to 'On'?",
    );
    broken(
        &[("value Down", "value Down\n  value New")],
        Rule::OkSameShapeOrNarrower,
        ".states[]: value 'New' is new",
    );
    let told = told(&[("State enum", "State enum tag kind")]);
    assert!(
        told.len() == 2 && told.iter().all(|(_, text)| text.contains("tagged otherwise")),
        "{told:?}"
    );
    let untagged = OLD.replace("State enum", "State enum untagged");
    let new = untagged.replace("value Up", "value On");
    assert!(compare(&snapshot(&untagged), &snapshot(&new)).is_empty());
    let open = OLD.replace("State enum", "State enum open");
    let new = open
        .replace("value Down", "value Down\n  value New")
        .replace("Tasks 1.4", "Tasks 1.5");
    assert!(
        compare(&snapshot(&open), &snapshot(&new))
            .iter()
            .all(|change| change.rule.is_none())
    );
}

#[test]
fn where_a_field_stands_is_nothing_to_the_wire() {
    let flat = OLD.replace("  field flavor Flavor", "  flatten Flavor");
    let moved = OLD.replace(
        "  field flavor Flavor",
        "  field extra {text:text} optional\n  field size u32\n  field name text",
    );
    assert!(compare(&snapshot(&flat), &snapshot(&moved)).is_empty());
    assert!(compare(&snapshot(&moved), &snapshot(&flat)).is_empty());
    let less = moved.replace("  field name text\n  field state", "  field state");
    assert_eq!(
        compare(&snapshot(&flat), &snapshot(&less))[0].rule,
        Some(Rule::TypeFieldNoDelete)
    );
}

/// A reader that collects what it does not know takes a new field for one of the collected.
#[test]
fn a_new_field_must_not_fall_into_a_map_of_something_else() {
    let of = |values: &str, more: &str| {
        let fields = format!("field done u64\n{more}  flatten {{text:{values}}}");
        snapshot(
            &OLD.replace("Tasks 1.4", "Tasks 1.5")
                .replace("field done u64", &fields),
        )
    };
    let rules = |values: &str| -> Vec<_> {
        let changes = compare(&of(values, ""), &of(values, "  field name text optional\n")).into_iter();
        changes.map(|change| change.rule).collect()
    };
    assert_eq!(rules("u8"), [Some(Rule::OkSameShapeOrNarrower)]);
    assert_eq!(rules("any"), [Some(Rule::ApiVersionRaisedWhenChanged)]);
}

#[test]
fn the_name_of_a_type_is_nothing_to_the_wire() {
    let renamed = OLD.replace("Flavor", "Size");
    let wrapped = OLD.replace("uuid text", "uuid Id") + "\ntype Id is text\n";
    for new in [renamed, wrapped] {
        assert!(compare(&snapshot(OLD), &snapshot(&new)).is_empty());
    }
}

/// A type that is nothing but itself, or that circles through others, ends.
#[test]
fn circles_end() {
    let circle = "api X 1.0\nmethod m call\n  arg a A\n\ntype A is B\n\ntype B is A\n";
    assert!(compare(&snapshot(circle), &snapshot(circle)).is_empty());
    let list = "api X 1.0\nmethod m call\n  arg a A\n\ntype A is [A]\n";
    let changes = compare(&snapshot(list), &snapshot(list));
    assert!(changes.is_empty(), "{changes:?}");
    // Of one side alone, and through nothing that a path shows.
    let optional = "api X 1.0\nmethod m call\n  arg a A\n  ok A\n\ntype A is A?\n";
    let text = "api X 1.0\nmethod m call\n  arg a text?\n  ok text?\n";
    for (old, new) in [(optional, text), (text, optional)] {
        assert!(!compare(&snapshot(old), &snapshot(new)).is_empty());
    }
}

#[test]
fn differences_come_one_after_the_other() {
    let (old, new) = (snapshot(OLD), snapshot(OLD));
    let shape = old.methods[0].arguments[0].shape.as_ref().expect("a shape");
    let present = new.methods[0].arguments[0].shape.as_ref().expect("a shape");
    // A name that nothing stands behind is whatever JSON holds.
    let found = differences(shape, &old.types, present, Role::Argument, 0);
    assert!(matches!(found, [Some(Difference { rule: None, .. }), None, ..]));
    let found = differences(shape, &old.types, present, Role::Argument, 1);
    assert!(matches!(found, [None, ..]));
}

/// As many as there are, in one order: however many are told at a time, and however many were told before.
#[test]
fn differences_are_many() {
    let wide = |of: &str| {
        let fields: String = (0..300).map(|at| format!("  field f{at} {of}\n")).collect();
        snapshot(&format!(
            "api X 1.0\nmethod m call\n  arg a T\n\ntype T struct\n{fields}"
        ))
    };
    let (old, new) = (wide("u32"), wide("u8"));
    let told: Vec<_> = compare(&old, &new)
        .into_iter()
        .map(|change| change.text)
        .collect();
    let expected = (0..300).map(|at| format!("argument 'a' of 'm' .f{at}: it was released as u32 and is u8"));
    assert_eq!(told, expected.collect::<Vec<_>>());

    let shape = Shape::Type(Box::leak(Box::new(new.types[0].clone())));
    let name = Shape::Name("T".into());
    let mut found = Vec::new();
    while found.len() % Differences::default().len() == 0 {
        let more = differences(&name, &old.types, &shape, Role::Argument, found.len());
        found.extend(
            more.iter()
                .flatten()
                .map(|found| format!("argument 'a' of 'm'{}", found.text())),
        );
    }
    assert_eq!(found, told);
}

/// Each level has the next one twice: there are more ways down than can be gone.
#[test]
fn a_type_that_many_share_is_compared_once() {
    let diamond = |last: &str| {
        let levels: String = (0..40)
            .map(|at| format!("type L{at} struct\n  field a L{0}\n  field b L{0}\n\n", at + 1))
            .collect();
        snapshot(&format!(
            "api X 1.0\nmethod m call\n  arg a L0\n\n{levels}type L40 struct\n  field x {last}\n"
        ))
    };
    assert!(compare(&diamond("u8"), &diamond("u8")).is_empty());
    let changes = compare(&diamond("u32"), &diamond("u8"));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(
        changes[0].text.ends_with("it was released as u32 and is u8"),
        "{changes:?}"
    );
}

/// So the compiler does, where it knows the types by their origin.
#[test]
fn a_type_that_many_share_is_compared_once_in_a_constant() {
    let level = |within: Shape, at: usize, origin: &str| {
        let field = |name| Field {
            name: Text::Borrowed(name),
            aliases: List::default(),
            docs: Text::default(),
            shape: within.clone().into(),
            optional: false,
            omittable: false,
            flatten: false,
        };
        Definition {
            name: format!("L{at}").into(),
            origin: origin.to_owned().into(),
            docs: Text::default(),
            body: Body::Struct {
                fields: vec![field("a"), field("b")].into(),
                strict: false,
            },
        }
    };
    // Nor is it described more than once.
    let mut collector = Collector::default();
    let shared = (0..40).fold(Shape::Bool, |within, at| {
        Shape::Type(Box::leak(Box::new(level(within, at, "x.rs:1"))))
    });
    collector.shape(&shared);
    assert_eq!(collector.into_types().len(), 40);
    let u8 = Shape::Integer {
        signed: false,
        bits: 8,
    };
    let u32 = Shape::Integer {
        signed: false,
        bits: 32,
    };
    let types: Vec<Definition> = (0..40)
        .map(|at| {
            level(
                if at == 0 {
                    u32.clone()
                } else {
                    Shape::Name(format!("L{}", at - 1).into())
                },
                at,
                "",
            )
        })
        .collect();
    let constant = |first: Shape| {
        (0..40).fold(first, |within, at| {
            Shape::Type(Box::leak(Box::new(level(within, at, "x.rs:1"))))
        })
    };
    let old = Shape::Name("L39".into());
    assert!(matches!(
        differences(&old, &types, &constant(u32.clone()), Role::Argument, 0),
        [None, ..]
    ));
    let narrower = constant(u8);
    let found = differences(&old, &types, &narrower, Role::Argument, 0);
    // Of both fields of the innermost.
    assert!(matches!(found, [Some(_), Some(_), None, ..]), "{found:?}");

    // Two of one name and another origin are two.
    let (one, other) = (level(u32, 0, "x.rs:1"), level(Shape::Text, 0, "x.rs:2"));
    let pair = |one: Shape, other: Shape| Shape::Tuple(vec![one.into(), other.into()].into());
    let leak = |definition| Shape::Type(Box::leak(Box::new(definition)));
    let old = pair(Shape::Name("L0".into()), Shape::Name("L0".into()));
    let new = pair(leak(one), leak(other));
    assert!(differences(&old, &types, &new, Role::Argument, 0)[0].is_some());
}

#[test]
fn what_is_too_deep_to_be_compared_is_no_match() {
    let nested = |last: &str| {
        let shape = format!("{}{last}{}", "[".repeat(50), "]".repeat(50));
        let types = format!(
            "type T is {shape}\n\ntype S is {}T{}\n\ntype R is {}S{}\n",
            "[".repeat(50),
            "]".repeat(50),
            "[".repeat(50),
            "]".repeat(50)
        );
        snapshot(&format!("api X 1.0\nmethod m call\n  arg a R\n\n{types}"))
    };
    let changes = compare(&nested("u32"), &nested("u8"));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].rule, Some(Rule::ArgSameShapeOrWider));
    assert!(changes[0].text.contains("too deep"), "{changes:?}");
}
