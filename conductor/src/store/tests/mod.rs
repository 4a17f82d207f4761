//! The store against real databases: one suite, and what each has of its own.

mod suite;
