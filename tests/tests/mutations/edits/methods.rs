//! Methods: their names, the ways they are sent, and what is promised of them.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TASKS, NEXT_TYPED, TASKS, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
    breaking(
        "tasks_method_renamed",
        TASKS,
        &[MethodNoDelete],
        &[("async fn cache_images", "async fn fetch_images")],
    ),
    compatible(
        "tasks_method_renamed_in_rust",
        TASKS,
        &[
            (
                r#"#[rpc(cast, since = "1.21")]"#,
                r#"#[rpc(cast, since = "1.21", name = "cache_images")]"#,
            ),
            ("async fn cache_images", "async fn fetch_images"),
        ],
    ),
    compatible(
        "tasks_method_alias",
        TASKS,
        &[
            NEXT_TASKS,
            (
                "#[rpc(cast, since = \"1.21\")]",
                "#[rpc(cast, since = \"1.21\", alias = \"fetch_images\")]",
            ),
        ],
    ),
    breaking(
        "typed_alias_gone",
        TYPED,
        &[MethodAliasNoDelete],
        &[(", alias = \"shift\"", "")],
    ),
    breaking(
        "typed_method_gone_early",
        TYPED,
        &[MethodNoDelete],
        &[
            NEXT_TYPED,
            (
                "    #[deprecated(note = \"the API of the base answers\")]\n    #[rpc(call, removed = \"2.0\")]\n    async fn ping(&self, ctx: &Context) -> Result<(), Infallible>;\n",
                "",
            ),
            ("use std::convert::Infallible;\n", ""),
        ],
    ),
    compatible(
        "typed_deprecated",
        TYPED,
        &[("    #[rpc(cast)]\n", "    #[deprecated]\n    #[rpc(cast)]\n")],
    ),
    breaking(
        "typed_method_added_without_since",
        TYPED,
        &[MethodAddedHasSince],
        &[
            NEXT_TYPED,
            (
                "    #[rpc(cast)]\n",
                "    #[rpc(cast)]\n    async fn learn(&self, ctx: &Context);\n\n    #[rpc(cast)]\n",
            ),
        ],
    ),
    breaking(
        "tasks_method_renamed_with_alias",
        TASKS,
        &[MethodSameName],
        &[
            NEXT_TASKS,
            (
                r#"#[rpc(cast, since = "1.21")]"#,
                r#"#[rpc(cast, since = "1.21", alias = "cache_images")]"#,
            ),
            ("async fn cache_images", "async fn fetch_images"),
        ],
    ),
    compatible(
        "tasks_method_renamed_from_then_on",
        TASKS,
        &[
            NEXT_TASKS,
            (
                r#"#[rpc(cast, since = "1.21")]"#,
                r#"#[rpc(cast, since = "1.27", alias = "cache_images")]"#,
            ),
            ("async fn cache_images", "async fn fetch_images"),
        ],
    ),
    compatible(
        "tasks_method_renamed_with_new_argument",
        TASKS,
        &[
            NEXT_TASKS,
            (
                r#"#[rpc(cast, since = "1.21")]"#,
                r#"#[rpc(cast, since = "1.27", alias = "cache_images")]"#,
            ),
            ("async fn cache_images", "async fn fetch_images"),
            (
                "image_ids: Vec<String>)",
                "image_ids: Vec<String>, force: Option<bool>)",
            ),
        ],
    ),
    breaking(
        "tasks_method_since",
        TASKS,
        &[MethodSameSince],
        &[(r#"since = "1.21""#, r#"since = "1.20""#)],
    ),
    breaking(
        "typed_method_since_gone",
        TYPED,
        &[MethodSameSince],
        &[NEXT_TYPED, ("#[rpc(stream, since = \"1.3\")]", "#[rpc(stream)]")],
    ),
    breaking(
        "tasks_call_dropped",
        TASKS,
        &[MethodSameKindsOrMore],
        &[(
            r#"#[rpc(call, cast, since = "1.22")]"#,
            r#"#[rpc(call, since = "1.22")]"#,
        )],
    ),
    compatible(
        "tasks_fanout_added",
        TASKS,
        &[
            NEXT_TASKS,
            (
                r#"#[rpc(cast, since = "1.21")]"#,
                r#"#[rpc(cast, fanout, since = "1.21")]"#,
            ),
        ],
    ),
    breaking(
        "typed_stream_to_call",
        TYPED,
        &[MethodSameKindsOrMore],
        &[
            NEXT_TYPED,
            ("#[rpc(stream, since = \"1.3\")]", "#[rpc(call, since = \"1.3\")]"),
            (
                "Result<Items<Event, TypedError>, TypedError>",
                "Result<Vec<Event>, TypedError>",
            ),
            ("Context, Items, RpcError", "Context, RpcError"),
        ],
    ),
    breaking(
        "typed_call_to_cast",
        TYPED,
        &[MethodSameKindsOrMore],
        &[
            NEXT_TYPED,
            (
                "#[rpc(call, removed = \"2.0\")]",
                "#[rpc(cast, removed = \"2.0\")]",
            ),
            (" -> Result<(), Infallible>", ""),
            ("use std::convert::Infallible;\n", ""),
        ],
    ),
    compatible(
        "typed_cast_added",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "#[rpc(call, removed = \"2.0\")]",
                "#[rpc(call, cast, removed = \"2.0\")]",
            ),
        ],
    ),
    compatible(
        "typed_idempotent",
        TYPED,
        &[("    #[rpc(cast)]\n", "    #[rpc(cast, idempotent)]\n")],
    ),
    compatible(
        "typed_alias_made_name",
        TYPED,
        &[
            (
                "since = \"1.1\", alias = \"shift\"",
                "since = \"1.5\", alias = \"migrate\"",
            ),
            ("async fn migrate", "async fn shift"),
            ("since = \"1.2\", default = true", "default = true"),
            ("#[rpc(since = \"1.4\")] hosts", "hosts"),
        ],
    ),
    breaking(
        "typed_alias_made_name_too_early",
        TYPED,
        &[MethodSameName],
        &[
            ("alias = \"shift\"", "alias = \"migrate\""),
            ("async fn migrate", "async fn shift"),
        ],
    ),
    breaking(
        "typed_idempotent_no_more",
        TYPED,
        &[MethodSameIdempotencyOrMore],
        &[(", idempotent)", ")")],
    ),
    compatible(
        "tasks_timeout",
        TASKS,
        &[(
            "since = \"1.1\", timeout = long",
            "since = \"1.1\", timeout = \"5s\"",
        )],
    ),
    compatible(
        "tasks_docs",
        TASKS,
        &[("/// Brings a shelved server back.", "/// Wakes a server.")],
    ),
];
