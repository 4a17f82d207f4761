//! Errors: their classes, and which of them a method may answer with.

use rpc_snapshot::Rule::*;

use super::{Edit, TYPED, breaking, compatible};

pub(super) const EDITS: &[Edit] = &[
    breaking(
        "typed_error_gone",
        TYPED,
        &[ErrorNoDelete],
        &[("    #[error(\"busy\")]\n    Busy,\n", "")],
    ),
    compatible(
        "typed_error_added",
        TYPED,
        &[(
            "    #[error(\"busy\")]",
            "    #[error(\"lost\")]\n    Lost,\n    #[error(\"busy\")]",
        )],
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
        "typed_error_class",
        TYPED,
        &[ErrorSameClass],
        &[(
            "    #[error(\"busy\")]",
            "    #[error(\"busy\")]\n    #[rpc(class = \"InUse\")]",
        )],
    ),
    breaking(
        "typed_error_module",
        TYPED,
        &[ErrorSameClass],
        &[("#[rpc(module = \"typed\")]", "#[rpc(module = \"kinds\")]")],
    ),
];
