//! The edits: what somebody may do to an API on a working day, and which rule it breaks, if any.

use rpc_snapshot::Rule::{self, *};

/// One edit of one file.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    /// Each text that is there once or more, and what takes its place.
    pub(crate) changes: &'static [(&'static str, &'static str)],
    /// The rules that it breaks, if any.
    pub(crate) breaks: &'static [Rule],
}

const TASKS: &str = "compute_task/mod.rs";
const OBJECT: &str = "object.rs";
pub(crate) const TYPED: &str = "typed.rs";

const NEXT_TASKS: (&str, &str) = (r#"version = "1.26""#, r#"version = "1.27""#);
const NEXT_TYPED: (&str, &str) = (r#"version = "1.5""#, r#"version = "1.6""#);

const fn breaking(
    name: &'static str,
    file: &'static str,
    breaks: &'static [Rule],
    changes: &'static [(&'static str, &'static str)],
) -> Edit {
    Edit {
        name,
        file,
        changes,
        breaks,
    }
}

const fn compatible(
    name: &'static str,
    file: &'static str,
    changes: &'static [(&'static str, &'static str)],
) -> Edit {
    Edit {
        name,
        file,
        changes,
        breaks: &[],
    }
}

pub(crate) const EDITS: &[Edit] = &[
    compatible("tasks_nothing", TASKS, &[]),
    compatible("typed_nothing", TYPED, &[]),
    // The tasks of the conductor: declarations.
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
    breaking(
        "tasks_method_since",
        TASKS,
        &[MethodSameSince],
        &[(r#"since = "1.21""#, r#"since = "1.20""#)],
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
    breaking(
        "tasks_argument_gone",
        TASKS,
        &[ArgNoDelete],
        &[("        image_ref: Option<String>,\n", "")],
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
        "tasks_argument_retyped",
        TASKS,
        &[ArgSameShapeOrWider],
        &[("recreate: bool", "recreate: String")],
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
    compatible(
        "tasks_arguments_reordered",
        TASKS,
        &[(
            "aggregate: NovaObject, image_ids: Vec<String>",
            "image_ids: Vec<String>, aggregate: NovaObject",
        )],
    ),
    breaking(
        "tasks_answer_retyped",
        TASKS,
        &[OkSameShapeOrNarrower],
        &[(
            "-> Result<NovaObject, Failure>",
            "-> Result<Option<NovaObject>, Failure>",
        )],
    ),
    compatible(
        "tasks_docs",
        TASKS,
        &[("/// Brings a shelved server back.", "/// Wakes a server.")],
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
    compatible(
        "tasks_timeout",
        TASKS,
        &[(
            "since = \"1.1\", timeout = long",
            "since = \"1.1\", timeout = \"5s\"",
        )],
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
        "tasks_method_alias",
        TASKS,
        &[(
            "#[rpc(cast, since = \"1.21\")]",
            "#[rpc(cast, since = \"1.21\", alias = \"fetch_images\")]",
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
    // Nova's objects, which every task carries.
    breaking(
        "object_field_renamed",
        OBJECT,
        &[TypeFieldSameName],
        &[("nova_object.version\")", "nova_object.revision\")")],
    ),
    breaking(
        "object_field_required",
        OBJECT,
        &[ArgSameShapeOrWider, OkAddedIsOptional],
        &[
            (
                "    pub data: Map<String, Value>,\n",
                "    pub data: Map<String, Value>,\n    /// Whose it is.\n    pub owner: String,\n",
            ),
            (
                "            changes: None,\n",
                "            changes: None,\n            owner: String::new(),\n",
            ),
            (
                "            changes,\n        } = object",
                "            changes,\n            ..\n        } = object",
            ),
        ],
    ),
    breaking(
        "object_field_retyped",
        OBJECT,
        &[ArgSameShapeOrWider, OkSameShapeOrNarrower],
        &[
            (
                "pub changes: Option<Vec<String>>",
                "pub changes: Option<Vec<u32>>",
            ),
            (
                "let field = field.into();\n        let changes = self.changes.get_or_insert_default();\n        if !changes.contains(&field) {\n            changes.push(field.clone());\n        }",
                "let field = field.into();",
            ),
            (
                "changes.iter().any(|change| change == field)",
                "!changes.is_empty() && !field.is_empty()",
            ),
        ],
    ),
    // Types written out.
    compatible("typed_type_renamed", TYPED, &[("Flavor", "Size")]),
    breaking(
        "typed_field_renamed_deep",
        TYPED,
        &[TypeFieldSameName],
        &[("    title: String", "    label: String")],
    ),
    compatible(
        "typed_field_renamed_in_rust",
        TYPED,
        &[(
            "    title: String",
            "    #[serde(rename = \"title\")]\n    label: String",
        )],
    ),
    compatible(
        "typed_field_renamed_with_alias",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "    #[serde(alias = \"caption\")]\n    title: String",
                "    #[serde(alias = \"caption\", alias = \"title\")]\n    label: String",
            ),
        ],
    ),
    breaking(
        "typed_field_renamed_with_alias_without_version",
        TYPED,
        &[ApiVersionRaisedWhenChanged],
        &[(
            "    #[serde(alias = \"caption\")]\n    title: String",
            "    #[serde(alias = \"caption\", alias = \"title\")]\n    label: String",
        )],
    ),
    breaking(
        "typed_field_alias_gone",
        TYPED,
        &[TypeAliasNoDelete],
        &[("    #[serde(alias = \"caption\")]\n", "")],
    ),
    breaking(
        "typed_value_alias_gone",
        TYPED,
        &[TypeAliasNoDelete],
        &[("    #[serde(alias = \"On\")]\n", "")],
    ),
    compatible(
        "typed_value_renamed_with_alias",
        TYPED,
        &[
            NEXT_TYPED,
            ("    Down,\n", "    #[serde(alias = \"Down\")]\n    Off,\n"),
        ],
    ),
    breaking(
        "typed_answer_field_renamed_with_alias",
        TYPED,
        &[TypeFieldSameName],
        &[
            NEXT_TYPED,
            (
                "    done: u64",
                "    #[serde(alias = \"done\")]\n    finished: u64",
            ),
        ],
    ),
    breaking(
        "typed_field_gone_deep",
        TYPED,
        &[TypeFieldNoDelete],
        &[("    hint: Option<String>,\n", "")],
    ),
    breaking(
        "typed_field_required_deep",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            ("    weight: f32,\n", "    weight: f32,\n    length: f32,\n"),
        ],
    ),
    compatible(
        "typed_field_added_deep",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "    weight: f32,\n",
                "    weight: f32,\n    length: Option<f32>,\n",
            ),
        ],
    ),
    breaking(
        "typed_field_added_without_version",
        TYPED,
        &[ApiVersionRaisedWhenChanged],
        &[(
            "    weight: f32,\n",
            "    weight: f32,\n    length: Option<f32>,\n",
        )],
    ),
    breaking(
        "typed_field_made_required",
        TYPED,
        &[ArgNotMadeRequired],
        &[NEXT_TYPED, ("    hint: Option<String>", "    hint: String")],
    ),
    breaking(
        "typed_narrowed",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("size: u32", "size: u16")],
    ),
    compatible("typed_widened", TYPED, &[NEXT_TYPED, ("size: u32", "size: u64")]),
    compatible(
        "typed_widened_float",
        TYPED,
        &[NEXT_TYPED, ("weight: f32", "weight: f64")],
    ),
    breaking(
        "typed_signed",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: Vec<i32>")],
    ),
    breaking(
        "typed_list_to_map",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: HashMap<String, u32>")],
    ),
    breaking(
        "typed_map_value",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            ("tags: HashMap<String, String>", "tags: HashMap<String, bool>"),
        ],
    ),
    breaking(
        "typed_tuple",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("place: (u8, u16)", "place: (u8, u16, u8)")],
    ),
    compatible(
        "typed_newtype",
        TYPED,
        &[
            ("    uuid: String", "    uuid: Id"),
            (
                "pub struct Flavor {",
                "pub struct Id(String);\n\n#[derive(Serialize, Deserialize, Wire)]\npub struct Flavor {",
            ),
        ],
    ),
    compatible(
        "typed_flattened",
        TYPED,
        &[
            (
                "    size: u32,\n    extra: Extra,\n",
                "    #[serde(flatten)]\n    more: More,\n",
            ),
            (
                "pub struct Extra {",
                "pub struct More {\n    size: u32,\n    extra: Extra,\n}\n\n#[derive(Serialize, Deserialize, Wire)]\npub struct Extra {",
            ),
        ],
    ),
    compatible(
        "typed_fields_reordered",
        TYPED,
        &[(
            "    name: String,\n    size: u32,\n",
            "    size: u32,\n    name: String,\n",
        )],
    ),
    breaking(
        "typed_value_gone",
        TYPED,
        &[TypeEnumValueNoDelete],
        &[NEXT_TYPED, ("    Down,\n", "")],
    ),
    breaking(
        "typed_value_renamed",
        TYPED,
        &[TypeEnumValueSameName],
        &[NEXT_TYPED, ("    Down,\n", "    Off,\n")],
    ),
    compatible(
        "typed_value_added_to_argument",
        TYPED,
        &[NEXT_TYPED, ("    Down,\n", "    Down,\n    Paused,\n")],
    ),
    breaking(
        "typed_value_field_renamed",
        TYPED,
        &[TypeFieldSameName],
        &[("Moving { host: String", "Moving { node: String")],
    ),
    breaking(
        "typed_case_of_values",
        TYPED,
        &[TypeEnumValueSameName],
        &[(
            "#[serde(tag = \"kind\", rename_all = \"snake_case\")]",
            "#[serde(tag = \"kind\")]",
        )],
    ),
    breaking(
        "typed_tag_renamed",
        TYPED,
        &[ArgSameShapeOrWider],
        &[(
            "#[serde(tag = \"kind\", rename_all",
            "#[serde(tag = \"type\", rename_all",
        )],
    ),
    compatible(
        "typed_value_added_to_open_answer",
        TYPED,
        &[
            NEXT_TYPED,
            ("    #[serde(other)]", "    Went,\n    #[serde(other)]"),
        ],
    ),
    compatible(
        "typed_answer_narrowed",
        TYPED,
        &[NEXT_TYPED, ("    done: u64", "    done: u32")],
    ),
    breaking(
        "typed_answer_widened",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[NEXT_TYPED, ("    done: u64", "    done: u128")],
    ),
    compatible(
        "typed_answer_gains_field",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "    done: u64,\n",
                "    done: u64,\n    #[serde(default)]\n    seen: u64,\n",
            ),
        ],
    ),
    breaking(
        "typed_answer_loses_field",
        TYPED,
        &[TypeFieldNoDelete],
        &[
            NEXT_TYPED,
            ("    #[serde(default)]\n    left: Option<u64>,\n", ""),
        ],
    ),
    breaking(
        "typed_items_retyped",
        TYPED,
        &[TypeFieldSameName],
        &[(
            "pub struct Host {\n    name: String",
            "pub struct Host {\n    label: String",
        )],
    ),
    breaking(
        "typed_error_gone",
        TYPED,
        &[ErrorNoDelete],
        &[("    #[error(\"busy\")]\n    Busy,\n", "")],
    ),
    breaking(
        "typed_error_class",
        TYPED,
        &[ErrorSameClass],
        &[(
            "    #[error(\"busy\")]",
            "    #[error(\"busy\")]\n    #[rpc(class = \"InUse\")]",
        )],
    ),
    compatible(
        "typed_error_added",
        TYPED,
        &[(
            "    #[error(\"busy\")]",
            "    #[error(\"lost\")]\n    Lost,\n    #[error(\"busy\")]",
        )],
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
    breaking(
        "typed_alias_gone",
        TYPED,
        &[MethodAliasNoDelete],
        &[(", alias = \"shift\"", "")],
    ),
    breaking(
        "typed_idempotent_no_more",
        TYPED,
        &[MethodSameIdempotencyOrMore],
        &[(", idempotent)", ")")],
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
        "typed_map_key",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            ("tags: HashMap<String, String>", "tags: HashMap<u32, String>"),
        ],
    ),
    compatible(
        "typed_number_to_signed",
        TYPED,
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: Vec<i64>")],
    ),
    breaking(
        "typed_argument_from_any",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("    more: serde_json::Value", "    more: String")],
    ),
    compatible(
        "typed_argument_to_any",
        TYPED,
        &[
            NEXT_TYPED,
            ("    tags: HashMap<String, String>", "    tags: serde_json::Value"),
        ],
    ),
    breaking(
        "typed_answer_to_any",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[NEXT_TYPED, ("    done: u64", "    done: serde_json::Value")],
    ),
    breaking(
        "typed_answer_value_optional",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[NEXT_TYPED, ("    done: u64", "    done: Option<u64>")],
    ),
    breaking(
        "typed_answer_value_left_out",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[
            NEXT_TYPED,
            (
                "    done: u64",
                "    #[serde(default, skip_serializing_if = \"is_zero\")]\n    done: u64",
            ),
            (
                "#[derive(Debug, thiserror",
                "fn is_zero(done: &u64) -> bool {\n    *done == 0\n}\n\n#[derive(Debug, thiserror",
            ),
        ],
    ),
    compatible(
        "typed_answer_option_gone",
        TYPED,
        &[NEXT_TYPED, ("    left: Option<u64>", "    left: u64")],
    ),
    breaking(
        "typed_answer_from_nothing",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[
            NEXT_TYPED,
            ("-> Result<(), Infallible>", "-> Result<u8, Infallible>"),
        ],
    ),
    breaking(
        "typed_answer_field_required",
        TYPED,
        &[OkAddedIsOptional],
        &[
            NEXT_TYPED,
            ("    done: u64,\n", "    done: u64,\n    seen: u64,\n"),
        ],
    ),
    breaking(
        "typed_answer_field_required_deep",
        TYPED,
        &[OkAddedIsOptional],
        &[
            NEXT_TYPED,
            ("    Came { host: Host }", "    Came { host: Host, when: u64 }"),
        ],
    ),
    compatible(
        "typed_field_default",
        TYPED,
        &[
            NEXT_TYPED,
            ("    weight: f32,", "    #[serde(default)]\n    weight: f32,"),
        ],
    ),
    breaking(
        "typed_field_default_gone",
        TYPED,
        &[ArgNotMadeRequired],
        &[NEXT_TYPED, ("    #[serde(default)]\n    height", "    height")],
    ),
    breaking(
        "typed_field_skipped",
        TYPED,
        &[TypeFieldNoDelete],
        &[
            NEXT_TYPED,
            (
                "    hint: Option<String>",
                "    #[serde(skip)]\n    hint: Option<String>",
            ),
        ],
    ),
    breaking(
        "typed_case_of_fields",
        TYPED,
        &[TypeFieldSameName],
        &[
            NEXT_TYPED,
            (
                "pub struct Extra {",
                "#[serde(rename_all = \"UPPERCASE\")]\npub struct Extra {",
            ),
        ],
    ),
    compatible(
        "typed_strict",
        TYPED,
        &[(
            "pub struct Extra {",
            "#[serde(deny_unknown_fields)]\npub struct Extra {",
        )],
    ),
    breaking(
        "typed_untagged",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            (
                "#[serde(tag = \"kind\", rename_all = \"snake_case\")]",
                "#[serde(untagged, rename_all = \"snake_case\")]",
            ),
        ],
    ),
    breaking(
        "typed_tag_with_content",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            (
                "#[serde(tag = \"kind\", rename_all",
                "#[serde(tag = \"kind\", content = \"of\", rename_all",
            ),
        ],
    ),
    breaking(
        "typed_value_gains_content",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("    Down,\n", "    Down(u8),\n")],
    ),
    breaking(
        "typed_value_of_other_fields",
        TYPED,
        &[TypeFieldNoDelete],
        &[
            NEXT_TYPED,
            ("Moving { host: String, since: u64 }", "Moving { host: String }"),
        ],
    ),
    compatible(
        "typed_generic",
        TYPED,
        &[(
            "#[derive(Serialize, Deserialize, Wire)]\npub struct Flavor {\n    name: String,\n    size: u32,\n    extra: Extra,",
            "#[derive(Serialize, Deserialize, Wire)]\npub struct Flavor<T = Extra> {\n    name: String,\n    size: u32,\n    extra: T,",
        )],
    ),
    breaking(
        "typed_error_renamed",
        TYPED,
        &[ErrorNoDelete],
        &[("    Busy,\n", "    Full,\n")],
    ),
    compatible(
        "typed_error_renamed_in_rust",
        TYPED,
        &[(
            "    #[error(\"busy\")]\n    Busy,\n",
            "    #[error(\"busy\")]\n    #[rpc(class = \"Busy\")]\n    Full,\n",
        )],
    ),
    breaking(
        "typed_error_module",
        TYPED,
        &[ErrorSameClass],
        &[("#[rpc(module = \"typed\")]", "#[rpc(module = \"kinds\")]")],
    ),
    compatible(
        "typed_error_first",
        TYPED,
        &[
            ("-> Result<(), Infallible>", "-> Result<(), TypedError>"),
            ("use std::convert::Infallible;\n", ""),
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
        "typed_deprecated",
        TYPED,
        &[("    #[rpc(cast)]\n", "    #[deprecated]\n    #[rpc(cast)]\n")],
    ),
    compatible(
        "typed_idempotent",
        TYPED,
        &[("    #[rpc(cast)]\n", "    #[rpc(cast, idempotent)]\n")],
    ),
    compatible(
        "typed_trait_renamed",
        TYPED,
        &[("pub trait Typed {", "pub trait Kinds {")],
    ),
    breaking(
        "typed_method_since_gone",
        TYPED,
        &[MethodSameSince],
        &[NEXT_TYPED, ("#[rpc(stream, since = \"1.3\")]", "#[rpc(stream)]")],
    ),
    breaking(
        "typed_argument_since_gone",
        TYPED,
        &[ArgSameSince],
        &[NEXT_TYPED, ("#[rpc(since = \"1.4\")] hosts", "hosts")],
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
];
