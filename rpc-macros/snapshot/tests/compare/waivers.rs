//! Waivers: a rule that is waived where it stands, and nowhere else.

use rpc_snapshot::{Change, Rule, compare};

use crate::{OLD, edited, snapshot};

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
    let text = edited(OLD, &step);
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
