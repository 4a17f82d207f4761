//! The compute tasks beside Nova's own client, which was recorded under every version cap by
//! `tests/nova/compute_task.py`; `tests/nova/run compute_task` records again and compares.

#![allow(clippy::unwrap_used, reason = "a test")]

mod receiving;
mod recorded;
mod sending;
