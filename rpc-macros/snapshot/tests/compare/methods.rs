//! Methods: their names, the ways they are sent, what is promised of them, and their errors.

use rpc_snapshot::Rule;

use crate::{OLD, broken, compared, kept};

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

/// What was promised to stay until a version is promised to every caller of before.
#[test]
fn removed_is_not_moved_to_an_earlier_version() {
    let later = OLD.replace("removed 2.0", "removed 3.0");
    let told = |version: &str, removed: &str| {
        let new = later
            .replace("Tasks 1.4", &format!("Tasks {version}"))
            .replace(" removed 3.0", removed);
        compared(&later, &new)
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
