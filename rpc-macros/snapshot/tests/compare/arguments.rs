//! Arguments: their names, since when and until when they are sent, and in which form.

use rpc_snapshot::Rule;

use crate::{OLD, broken, compared, edited, kept, raised};

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
    let old = edited(OLD, &[("  ok Report", "  arg size u8 below 1.3\n  ok Report")]);
    let told = |size: &str| compared(&old, &edited(&raised(&old), &[("size u8 below 1.3", size)]));
    let gone = told("size u8");
    let text = "'size' was read in its form from before 1.3 when 1.4 was released";
    assert_eq!(gone, [(Some(Rule::ArgSameShapeOrWider), text.to_owned())]);
    assert_eq!(told("size u8 below 1.3"), []);
    // The form from before 1.3 is no excuse for another in 1.4.
    assert_eq!(told("size text below 1.3")[0].0, Some(Rule::ArgSameShapeOrWider));
    assert_eq!(told("size text below 1.3 below 1.5")[0].0, None);
}
