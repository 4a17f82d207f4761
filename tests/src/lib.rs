//! What several test programs share. The tests themselves are in `tests/`.

pub mod conformance;
pub mod databases;
pub mod program;
pub mod python;
pub mod work;
