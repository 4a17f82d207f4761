//! Enums: their values, what these hold, and how they are tagged.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TYPED, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
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
        "typed_value_alias_made_name",
        TYPED,
        &[
            NEXT_TYPED,
            (
                "    #[serde(alias = \"On\")]\n    Up,",
                "    #[serde(alias = \"Up\")]\n    On,",
            ),
        ],
    ),
    breaking(
        "typed_value_renamed_with_alias",
        TYPED,
        &[TypeEnumValueSameName],
        &[
            NEXT_TYPED,
            ("    Down,\n", "    #[serde(alias = \"Down\")]\n    Off,\n"),
        ],
    ),
    breaking(
        "typed_value_alias_gone",
        TYPED,
        &[TypeAliasNoDelete],
        &[("    #[serde(alias = \"On\")]\n", "")],
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
    compatible(
        "typed_value_added_to_argument",
        TYPED,
        &[NEXT_TYPED, ("    Down,\n", "    Down,\n    Paused,\n")],
    ),
    compatible(
        "typed_value_added_to_open_answer",
        TYPED,
        &[
            NEXT_TYPED,
            ("    #[serde(other)]", "    Went,\n    #[serde(other)]"),
        ],
    ),
    breaking(
        "typed_value_gains_content",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("    Down,\n", "    Down(u8),\n")],
    ),
    breaking(
        "typed_value_field_renamed",
        TYPED,
        &[TypeFieldSameName],
        &[("Moving { host: String", "Moving { node: String")],
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
    breaking(
        "typed_tag_renamed",
        TYPED,
        &[ArgSameShapeOrWider],
        &[(
            "#[serde(tag = \"kind\", rename_all",
            "#[serde(tag = \"type\", rename_all",
        )],
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
];
