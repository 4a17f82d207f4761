//! The API itself: its version, its namespace and topic, its releases, and whom it serves.

use rpc_snapshot::{Rule, compare};

use crate::{OLD, broken, compared, kept, snapshot};

#[test]
fn nothing_is_told_of_what_is_the_same() {
    assert!(compared(OLD, OLD).is_empty());
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
fn a_new_major_version_is_another_interface() {
    let without = OLD.replace("method gone call removed 2.0\n  ok null\n", "");
    for (version, told) in [("2.0", 0), ("1.9", 1)] {
        let new = without.replace("Tasks 1.4", &format!("Tasks {version}"));
        assert_eq!(compared(OLD, &new).len(), told);
    }
    let later = OLD.replace("removed 2.0", "removed 3.0");
    let told = compared(&later, "api Tasks 2.0");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1, "'gone' may go with 3.0 (its 'removed'), this is 2.0");
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

/// A major beyond which there is none.
#[test]
fn the_last_major_has_no_next() {
    let last = OLD.replace("api Tasks 1.4", &format!("api Tasks {}.4", u32::MAX));
    let without = last
        .replace("method move", "method shove")
        .replace("method gone", "method come");
    assert!(!compared(&last, &without).is_empty());
}
