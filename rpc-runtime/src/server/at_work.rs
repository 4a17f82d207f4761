//! Which requests are at work, for those who look at a server while it runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::wire::Request;

/// A request at work.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CallAtWork {
    /// The method.
    pub method: String,
    /// The namespace of its API.
    pub namespace: Option<String>,
    /// What it is known by across services.
    pub request_id: Option<String>,
    /// For how long.
    pub seconds: f64,
}

/// The requests at work of one server, by the order in which they were taken.
#[derive(Default)]
pub(super) struct Roll(Mutex<State>);

#[derive(Default)]
struct State {
    taken: u64,
    at_work: BTreeMap<u64, (Arc<Request>, Instant)>,
}

impl Roll {
    /// Notes a request until what this returns is dropped.
    pub(super) fn enter(&self, request: Arc<Request>) -> Entered<'_> {
        let mut state = self.lock();
        state.taken += 1;
        let number = state.taken;
        state.at_work.insert(number, (request, Instant::now()));
        Entered { number, roll: self }
    }

    /// How many were ever taken.
    pub(super) fn taken(&self) -> u64 {
        self.lock().taken
    }

    /// The oldest first.
    pub(super) fn read(&self) -> Vec<CallAtWork> {
        #[derive(Deserialize)]
        struct Id {
            request_id: Option<String>,
        }
        // Copied out, so that nobody waits for the lock while contexts are read.
        let at_work: Vec<_> = self.lock().at_work.values().cloned().collect();
        let calls = at_work.iter().map(|(request, since)| CallAtWork {
            method: request.method().unwrap_or_default().to_owned(),
            namespace: request.namespace().map(str::to_owned),
            request_id: request.context::<Id>().ok().and_then(|id| id.request_id),
            seconds: since.elapsed().as_secs_f64(),
        });
        calls.collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry of a request at work.
pub(super) struct Entered<'r> {
    number: u64,
    roll: &'r Roll,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.roll.lock().at_work.remove(&self.number);
    }
}
