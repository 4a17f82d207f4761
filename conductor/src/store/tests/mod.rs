//! The store against real databases: one suite for all, and what may go wrong with each.

mod faults;
mod opening;
mod suite;
