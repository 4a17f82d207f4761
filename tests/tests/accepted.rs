//! What the macros must accept, a file a case. Those that need to run say what the expansion came to.
#![allow(missing_docs, unreachable_pub)]

#[path = "accepted/aliases_of_result.rs"]
mod aliases_of_result;
#[path = "accepted/borrowed_arguments.rs"]
mod borrowed_arguments;
#[path = "accepted/cfg.rs"]
mod cfg;
#[path = "accepted/context_of_ones_own.rs"]
mod context_of_ones_own;
#[path = "accepted/deprecated_method.rs"]
mod deprecated_method;
#[path = "accepted/errors.rs"]
mod errors;
#[path = "accepted/every_option.rs"]
mod every_option;
#[path = "accepted/forms_of_older_peers.rs"]
mod forms_of_older_peers;
#[path = "accepted/future_written_out.rs"]
mod future_written_out;
#[path = "accepted/generic_managers.rs"]
mod generic_managers;
#[path = "accepted/lints.rs"]
mod lints;
#[path = "accepted/made_by_macro_rules.rs"]
mod made_by_macro_rules;
#[path = "accepted/many_arguments.rs"]
mod many_arguments;
#[path = "accepted/names_that_collide.rs"]
mod names_that_collide;
#[path = "accepted/parts_of_one_api.rs"]
mod parts_of_one_api;
#[path = "accepted/released.rs"]
mod released;
#[path = "accepted/releases.rs"]
mod releases;
#[path = "accepted/runtime_elsewhere.rs"]
mod runtime_elsewhere;
#[path = "accepted/shapes.rs"]
mod shapes;
#[path = "accepted/shared.rs"]
mod shared;
#[path = "accepted/smallest.rs"]
mod smallest;
#[path = "accepted/visibilities.rs"]
mod visibilities;
