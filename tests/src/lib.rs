//! What crosses crates: helpers that several test programs use. The tests themselves are in `tests/`.

pub mod conformance;
pub mod program;
pub mod python;
pub mod work;
