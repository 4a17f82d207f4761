//! A socket through which an operator looks into a service while it runs. Not there unless asked for.
//!
//! A line is a question, and its answer is a line of JSON:
//!
//! ```text
//! $ echo calls | nc -q1 127.0.0.1 4444
//! [{"method":"migrate_server","namespace":"compute_task","request_id":"req-5b..","seconds":12.7}]
//! ```
//!
//! | question | answer |
//! | --- | --- |
//! | `calls` | The requests at work, the oldest first. |
//! | `tasks` | The periodic tasks: runs, failures, and whether one runs now. |
//! | `counters` | What was counted since the start. |
//! | `settings` | The settings in force, without what is secret. |
//! | `help` | The questions. |
//!
//! On TCP it listens on loopback, where every user of this machine may ask; a path is for the user of the process
//! alone. Nothing can be changed through it.

mod place;
mod session;

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tracing::{debug, warn};

pub(super) use place::Bound;
pub use place::{BadPlace, Place};

use super::Identity;
use super::periodic::Reports;
use crate::bus::Bus;
use crate::sanitized::sanitized;
use crate::server::Server;

/// Who may ask at once.
const SESSIONS: usize = 16;

/// Gives the settings in force.
pub(super) type Settings = Arc<dyn Fn() -> Value + Send + Sync>;

/// What can be looked at.
pub(super) struct Inside {
    pub(super) identity: Identity,
    pub(super) bus: Bus,
    /// Not held: the service ends when its owner drops it.
    pub(super) server: Weak<Server>,
    pub(super) tasks: Reports,
    pub(super) settings: Settings,
}

/// A question that is understood.
const QUESTIONS: [&str; 5] = ["calls", "tasks", "counters", "settings", "help"];

impl Inside {
    fn answer(&self, question: &str) -> Value {
        match question {
            "calls" => json!(self.server.upgrade().map(|server| server.calls())),
            "tasks" => json!(self.tasks.read()),
            "counters" => self.counters(),
            "settings" => sanitized((self.settings)()),
            "help" | "" => json!(QUESTIONS),
            other => json!({"error": format!("'{other}' is no question"), "known": QUESTIONS}),
        }
    }

    fn counters(&self) -> Value {
        let server = self.server.upgrade();
        let server = server.as_deref();
        json!({
            "service": self.identity.to_string(),
            "pid": std::process::id(),
            "requests_taken": server.and_then(Server::taken),
            "requests_at_work": server.map(Server::at_work),
            "requests_unreadable": server.map(Server::unreadable),
            "calls_waiting": self.bus.waiting(),
            "replies_ignored": self.bus.ignored_replies(),
            "tasks_alive": tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        })
    }
}

/// Answers whoever asks, for as long as this is polled.
pub(super) async fn open(bound: Bound, inside: Inside) {
    let inside = Arc::new(inside);
    let seats = Arc::new(Semaphore::new(SESSIONS));
    let mut sessions = tokio::task::JoinSet::new();
    loop {
        // A full house takes nobody in until somebody leaves.
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else {
            return;
        };
        while sessions.try_join_next().is_some() {}
        match bound.accept().await {
            Ok(stream) => {
                let inside = Arc::clone(&inside);
                sessions.spawn(async move {
                    let _seat = seat;
                    if let Err(error) = session::run(stream, |question| inside.answer(question)).await {
                        debug!(%error, "a session of the inspection socket ended");
                    }
                });
            }
            Err(error) => {
                warn!(%error, "the inspection socket cannot be connected to");
                // Out of descriptors, as a rule: at once it would fail again.
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
