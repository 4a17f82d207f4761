//! Answers, which old callers read.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TYPED, TASKS, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
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
    breaking(
        "typed_answer_to_any",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[NEXT_TYPED, ("    done: u64", "    done: serde_json::Value")],
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
    breaking(
        "typed_items_retyped",
        TYPED,
        &[TypeFieldSameName],
        &[(
            "pub struct Host {\n    name: String",
            "pub struct Host {\n    label: String",
        )],
    ),
    compatible(
        "typed_answer_text_to_words",
        TYPED,
        &[NEXT_TYPED, ("grade: String", "grade: Level")],
    ),
    compatible(
        "typed_answer_list_to_array",
        TYPED,
        &[NEXT_TYPED, ("range: Vec<u8>", "range: [u8; 2]")],
    ),
    compatible(
        "typed_answer_text_keys_to_numbers",
        TYPED,
        &[
            NEXT_TYPED,
            ("counts: HashMap<String, bool>", "counts: HashMap<u32, bool>"),
        ],
    ),
    breaking(
        "typed_opaque_answer",
        TYPED,
        &[OkSameShapeOrNarrower],
        &[
            NEXT_TYPED,
            (
                "#[rpc(stream, since = \"1.3\")]",
                "#[rpc(stream, opaque, since = \"1.3\")]",
            ),
        ],
    ),
];
