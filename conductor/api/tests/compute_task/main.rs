//! The compute tasks beside Nova's own client, which was recorded by `tests/nova/compute_task.py` under every version
//! cap. With `--check` it records again and compares.

#![allow(clippy::unwrap_used, reason = "a test")]

mod receiving;
mod recorded;
mod sending;
