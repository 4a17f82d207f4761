//! Tells the messages of a stream that came before.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};

/// How many messages of a stream are remembered. More than this are not on their way at once.
const REPEATS: usize = 128;

/// The last messages of a stream, by their ids. One whose confirm or acknowledgement was lost with a connection comes
/// again with the same id. A peer that gives no ids may send two equal items, and each of them counts.
#[derive(Default)]
pub(super) struct Repeats {
    last: VecDeque<u64>,
    state: RandomState,
}

impl Repeats {
    /// Whether a message is none of the last ones; it is from now on.
    pub(super) fn is_new(&mut self, unique_id: Option<&str>) -> bool {
        let Some(id) = unique_id else {
            return true;
        };
        let hash = self.state.hash_one(id);
        if self.last.contains(&hash) {
            return false;
        }
        if self.last.len() == REPEATS {
            self.last.pop_front();
        }
        self.last.push_back(hash);
        true
    }
}
