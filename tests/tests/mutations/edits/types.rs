//! What a caller may send: numbers, lists, maps, and the names of types.

use rpc_snapshot::Rule::*;

use super::{Edit, NEXT_TYPED, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
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
    compatible(
        "typed_number_to_signed",
        TYPED,
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: Vec<i64>")],
    ),
    breaking(
        "typed_list_to_map",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: HashMap<String, u32>")],
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
    compatible("typed_type_renamed", TYPED, &[("Flavor", "Size")]),
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
        "typed_generic",
        TYPED,
        &[(
            "#[derive(Serialize, Deserialize, Wire)]\npub struct Flavor {\n    name: String,\n    size: u32,\n    extra: Extra,",
            "#[derive(Serialize, Deserialize, Wire)]\npub struct Flavor<T = Extra> {\n    name: String,\n    size: u32,\n    extra: T,",
        )],
    ),
    compatible(
        "typed_words_to_text",
        TYPED,
        &[NEXT_TYPED, ("level: Level", "level: String")],
    ),
    breaking(
        "typed_text_to_words",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("uuid: String", "uuid: Level")],
    ),
    compatible(
        "typed_array_to_list",
        TYPED,
        &[NEXT_TYPED, ("span: [u8; 3]", "span: Vec<u8>")],
    ),
    compatible(
        "typed_tuple_to_list",
        TYPED,
        &[NEXT_TYPED, ("place: (u8, u16)", "place: Vec<u16>")],
    ),
    compatible(
        "typed_array_to_tuple",
        TYPED,
        &[("span: [u8; 3]", "span: (u8, u8, u8)")],
    ),
    breaking(
        "typed_list_to_array",
        TYPED,
        &[ArgSameShapeOrWider],
        &[NEXT_TYPED, ("ids: Vec<u32>", "ids: [u32; 2]")],
    ),
    compatible(
        "typed_number_keys_to_text",
        TYPED,
        &[
            NEXT_TYPED,
            ("sizes: HashMap<u32, bool>", "sizes: HashMap<String, bool>"),
        ],
    ),
];
