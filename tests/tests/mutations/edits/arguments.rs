//! Arguments: their names, since when and until when they are sent, and what an absent one is.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TASKS, NEXT_TYPED, TASKS, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
    breaking(
        "tasks_argument_renamed",
        TASKS,
        &[ArgSameName],
        &[("orig_image_ref:", "original_image_ref:")],
    ),
    compatible(
        "tasks_argument_renamed_in_rust",
        TASKS,
        &[(
            "orig_image_ref:",
            r#"#[rpc(name = "orig_image_ref")] original_image_ref:"#,
        )],
    ),
    compatible(
        "tasks_arguments_reordered",
        TASKS,
        &[(
            "aggregate: NovaObject, image_ids: Vec<String>",
            "image_ids: Vec<String>, aggregate: NovaObject",
        )],
    ),
    breaking(
        "tasks_argument_gone",
        TASKS,
        &[ArgNoDelete],
        &[("        image_ref: Option<String>,\n", "")],
    ),
    breaking(
        "tasks_until_released",
        TASKS,
        &[ArgNoDelete],
        &[(
            "        on_shared_storage: Option<bool>",
            "        #[rpc(until = \"1.26\")] on_shared_storage: Option<bool>",
        )],
    ),
    compatible(
        "tasks_until_next",
        TASKS,
        &[
            NEXT_TASKS,
            (
                "        on_shared_storage: Option<bool>",
                "        #[rpc(until = \"1.27\")] on_shared_storage: Option<bool>",
            ),
        ],
    ),
    breaking(
        "tasks_argument_since",
        TASKS,
        &[ArgSameSince],
        &[(
            r#"#[rpc(since = "1.25")] target_state"#,
            r#"#[rpc(since = "1.26")] target_state"#,
        )],
    ),
    breaking(
        "typed_argument_since_gone",
        TYPED,
        &[ArgSameSince],
        &[NEXT_TYPED, ("#[rpc(since = \"1.4\")] hosts", "hosts")],
    ),
    compatible(
        "tasks_argument_added",
        TASKS,
        &[
            NEXT_TASKS,
            (
                "image_ids: Vec<String>)",
                r#"image_ids: Vec<String>, #[rpc(since = "1.27")] force: Option<bool>)"#,
            ),
        ],
    ),
    breaking(
        "tasks_argument_added_required",
        TASKS,
        &[ArgAddedIsOptional],
        &[
            NEXT_TASKS,
            ("image_ids: Vec<String>)", "image_ids: Vec<String>, force: bool)"),
        ],
    ),
    breaking(
        "tasks_argument_added_without_since",
        TASKS,
        &[ArgAddedHasSince],
        &[
            NEXT_TASKS,
            (
                "image_ids: Vec<String>)",
                "image_ids: Vec<String>, force: Option<bool>)",
            ),
        ],
    ),
    breaking(
        "tasks_argument_added_without_version",
        TASKS,
        &[ApiVersionRaisedWhenChanged],
        &[(
            "image_ids: Vec<String>)",
            r#"image_ids: Vec<String>, #[rpc(since = "1.26")] force: Option<bool>)"#,
        )],
    ),
    breaking(
        "tasks_default",
        TASKS,
        &[ArgSameDefault],
        &[(
            r#"#[rpc(since = "1.24", default = false)]"#,
            r#"#[rpc(since = "1.24", default = true)]"#,
        )],
    ),
    breaking(
        "tasks_argument_default_gone",
        TASKS,
        &[ArgNotMadeRequired],
        &[
            NEXT_TASKS,
            ("#[rpc(default = false)] preserve_ephemeral", "preserve_ephemeral"),
        ],
    ),
    breaking(
        "tasks_argument_no_option",
        TASKS,
        &[ArgNotMadeRequired, ArgSameShapeOrWider],
        &[("        host: Option<String>,\n", "        host: String,\n")],
    ),
    compatible(
        "tasks_argument_widened",
        TASKS,
        &[NEXT_TASKS, ("recreate: bool", "recreate: Option<bool>")],
    ),
    compatible(
        "typed_argument_optional",
        TYPED,
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: Option<Vec<u32>>")],
    ),
    breaking(
        "typed_argument_optional_without_version",
        TYPED,
        &[ApiVersionRaisedWhenChanged],
        &[("ids: Vec<u32>", "ids: Option<Vec<u32>>")],
    ),
    breaking(
        "tasks_argument_retyped",
        TASKS,
        &[ArgSameShapeOrWider],
        &[("recreate: bool", "recreate: String")],
    ),
    breaking(
        "tasks_below_gone",
        TASKS,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TASKS,
            (
                "#[rpc(below(\"1.6\", legacy::instance_to_row, legacy::instance_of_row))] instance",
                "instance",
            ),
        ],
    ),
    compatible(
        "tasks_secret",
        TASKS,
        &[(
            "since = \"1.25\")] target_state",
            "since = \"1.25\", secret)] target_state",
        )],
    ),
    compatible(
        "tasks_unsent",
        TASKS,
        &[(
            "since = \"1.25\")] target_state",
            "since = \"1.25\", unsent = drop)] target_state",
        )],
    ),
    compatible(
        "typed_waived",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "ids: Vec<u32>",
                "#[rpc(breaks = \"ARG_SAME_SHAPE_OR_WIDER\", because = \"no id is that large\")] ids: Vec<u16>",
            ),
        ],
    ),
    compatible(
        "typed_opaque_argument",
        TYPED,
        &[NEXT_TYPED, ("ids: Vec<u32>", "#[rpc(opaque)] ids: Vec<u32>")],
    ),
    breaking(
        "typed_opaque_argument_without_version",
        TYPED,
        &[ApiVersionRaisedWhenChanged],
        &[("ids: Vec<u32>", "#[rpc(opaque)] ids: Vec<u32>")],
    ),
];
