//! The API itself: its version, its namespace and topic, its releases, and whom it serves.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TASKS, NEXT_TYPED, TASKS, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
    compatible("tasks_nothing", TASKS, &[]),
    compatible("typed_nothing", TYPED, &[]),
    compatible("tasks_version_raised", TASKS, &[NEXT_TASKS]),
    breaking(
        "tasks_version_lowered",
        TASKS,
        &[ApiVersionNotLowered],
        &[
            (r#"version = "1.26""#, r#"version = "1.25""#),
            (r#"since = "1.26""#, r#"since = "1.25""#),
        ],
    ),
    breaking(
        "tasks_namespace",
        TASKS,
        &[ApiSameNamespace],
        &[(r#"namespace = "compute_task""#, r#"namespace = "tasks""#)],
    ),
    breaking(
        "tasks_topic",
        TASKS,
        &[ApiSameTopic],
        &[(r#"topic = "conductor""#, r#"topic = "conductors""#)],
    ),
    breaking(
        "tasks_release_changed",
        TASKS,
        &[ApiReleasesAppendOnly],
        &[(r#"havana = "1.6""#, r#"havana = "1.7""#)],
    ),
    breaking(
        "tasks_release_gone",
        TASKS,
        &[ApiReleasesAppendOnly],
        &[("        havana = \"1.6\",\n", "")],
    ),
    compatible(
        "tasks_release_added",
        TASKS,
        &[(r#"antelope = "1.25""#, r#"antelope = "1.25", dalmatian = "1.26""#)],
    ),
    breaking(
        "typed_accepts_lowered",
        TYPED,
        &[ApiVersionNotLowered],
        &[NEXT_TYPED, ("accepts = \"0.9\"", "accepts = \"0.8\"")],
    ),
    breaking(
        "typed_accepts_gone",
        TYPED,
        &[ApiVersionNotLowered],
        &[NEXT_TYPED, ("    accepts = \"0.9\",\n", "")],
    ),
    compatible(
        "typed_accepts_raised",
        TYPED,
        &[NEXT_TYPED, ("accepts = \"0.9\"", "accepts = \"0.10\"")],
    ),
    compatible(
        "typed_trait_renamed",
        TYPED,
        &[("pub trait Typed {", "pub trait Kinds {")],
    ),
];
