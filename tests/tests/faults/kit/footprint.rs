//! What this process holds: threads, descriptors, tasks.

use std::fs;

use tokio::runtime::Handle;

/// How much is held at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Footprint {
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    pub(crate) tasks: usize,
}

impl Footprint {
    pub(crate) fn now() -> Self {
        let count = |folder: &str| fs::read_dir(folder).map_or(0, Iterator::count);
        Self {
            threads: count("/proc/self/task"),
            descriptors: count("/proc/self/fd"),
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }

    /// Waits until no more is held than before.
    pub(crate) async fn restored(before: Self) {
        let fits = |now: Self| {
            now.threads <= before.threads
                && now.descriptors <= before.descriptors
                && now.tasks <= before.tasks
        };
        let mut now = Self::now();
        let what = || format!("back to {before:?}");
        super::eventually(what(), async || {
            now = Self::now();
            fits(now)
        })
        .await;
    }
}
