//! Fields of structs, however deep, and those of Nova's objects, which every task carries.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TYPED, OBJECT, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
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
    breaking(
        "typed_field_renamed_with_alias",
        TYPED,
        &[TypeFieldSameName],
        &[
            NEXT_TYPED,
            (
                "    #[serde(alias = \"caption\")]\n    title: String",
                "    #[serde(alias = \"caption\", alias = \"title\")]\n    label: String",
            ),
        ],
    ),
    compatible(
        "typed_field_alias_made_name",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "    #[serde(alias = \"caption\")]\n    title: String",
                "    #[serde(alias = \"title\")]\n    caption: String",
            ),
        ],
    ),
    breaking(
        "typed_field_alias_made_name_without_version",
        TYPED,
        &[ApiVersionRaisedWhenChanged],
        &[(
            "    #[serde(alias = \"caption\")]\n    title: String",
            "    #[serde(alias = \"title\")]\n    caption: String",
        )],
    ),
    breaking(
        "typed_field_alias_gone",
        TYPED,
        &[TypeAliasNoDelete],
        &[("    #[serde(alias = \"caption\")]\n", "")],
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
        "typed_fields_reordered",
        TYPED,
        &[(
            "    name: String,\n    size: u32,\n",
            "    size: u32,\n    name: String,\n",
        )],
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
    breaking(
        "typed_field_gone_deep",
        TYPED,
        &[TypeFieldNoDelete],
        &[("    hint: Option<String>,\n", "")],
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
        "typed_field_required_deep",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            ("    weight: f32,\n", "    weight: f32,\n    length: f32,\n"),
        ],
    ),
    breaking(
        "typed_field_made_required",
        TYPED,
        &[ArgNotMadeRequired],
        &[NEXT_TYPED, ("    hint: Option<String>", "    hint: String")],
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
    compatible(
        "typed_strict",
        TYPED,
        &[(
            "pub struct Extra {",
            "#[serde(deny_unknown_fields)]\npub struct Extra {",
        )],
    ),
    breaking(
        "typed_strict_gains_field",
        TYPED,
        &[ArgSameShapeOrWider, OkSameShapeOrNarrower],
        &[
            NEXT_TYPED,
            (
                "pub struct Host {\n    name: String,\n",
                "pub struct Host {\n    name: String,\n    rack: Option<String>,\n",
            ),
        ],
    ),
    breaking(
        "typed_strict_gains_field_left_out",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[
            NEXT_TYPED,
            (
                "pub struct Host {\n    name: String,\n",
                "pub struct Host {\n    name: String,\n    #[serde(skip_serializing_if = \"Option::is_none\")]\n    rack: Option<String>,\n",
            ),
        ],
    ),
    breaking(
        "typed_value_left_out",
        TYPED,
        &[ArgSameShapeOrWider],
        &[
            NEXT_TYPED,
            (
                "    size: u32,",
                "    #[serde(default, skip_serializing_if = \"is_zero\")]\n    size: u32,",
            ),
            (
                "#[derive(Debug, thiserror",
                "fn is_zero(size: &u32) -> bool {\n    *size == 0\n}\n\n#[derive(Debug, thiserror",
            ),
        ],
    ),
];
