//! The macros of `rpc-runtime`; use them through that crate, which re-exports and documents them.
#![forbid(unsafe_code)]
