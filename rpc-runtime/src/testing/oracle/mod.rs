//! A counting oracle: proves that nothing was lost, done twice or told to the wrong caller.
//!
//! Every request carries an id of its own. Callers, casters and handlers note what they do; at the end the notes
//! are checked against what was promised. The notes are in memory, or in a file that several processes append to
//! (one note a line, so that a process that is killed leaves the others' notes whole).
//!
//! ```
//! use rpc_runtime::testing::oracle::{Oracle, Promise};
//!
//! let oracle = Oracle::in_memory();
//! let id = oracle.asked("caller-1"); // sent along with the request
//! oracle.executed(&id, "server-1"); // by the handler
//! oracle.replied(&id, "caller-1", &id); // what came back: a handler echoes the id
//! let report = oracle.check(Promise::EXACTLY_ONCE);
//! assert!(report.is_clean(), "{report}");
//! assert_eq!(report.counts.replied, 1);
//! ```

mod check;
mod notes;

use std::fmt;
use std::io;
use std::path::Path;

pub use check::{Counts, Promise, Report, Violation};
use notes::{Event, Note, Notes};

use crate::error::{CallError, SendError};
use crate::transport::Sent;

/// Takes notes of what happens to requests, and checks them.
#[derive(Debug)]
pub struct Oracle {
    notes: Notes,
}

impl Oracle {
    /// Notes of this process alone.
    pub fn in_memory() -> Self {
        Self {
            notes: Notes::in_memory(),
        }
    }

    /// Notes in a file, which other processes may append to at the same time.
    ///
    /// # Errors
    /// When the file cannot be opened for reading and appending.
    pub fn in_file(path: &Path) -> io::Result<Self> {
        Ok(Self {
            notes: Notes::in_file(path)?,
        })
    }

    /// Notes that a caller sends a request, and gives its id. Call it before sending.
    pub fn asked(&self, caller: &str) -> String {
        let id = uuid::Uuid::new_v4().simple().to_string();
        self.notes.write(&id, caller, Event::Asked);
        id
    }

    /// Notes that a server does what a request asks for. Call it first in the handler.
    pub fn executed(&self, id: &str, server: &str) {
        self.notes.write(id, server, Event::Executed);
    }

    /// Notes that a call returned, and which id its reply carried.
    pub fn replied(&self, id: &str, caller: &str, carried: &str) {
        let event = Event::Replied {
            carried: carried.to_owned(),
        };
        self.notes.write(id, caller, event);
    }

    /// Notes that a cast returned: the bus has taken the message.
    pub fn accepted(&self, id: &str, caller: &str) {
        self.notes.write(id, caller, Event::Accepted);
    }

    /// Notes that a call or cast failed, and how far its message came.
    pub fn failed(&self, id: &str, caller: &str, sent: Sent, why: &str) {
        let event = Event::Failed {
            sent,
            why: why.to_owned(),
        };
        self.notes.write(id, caller, event);
    }

    /// Notes how a call ended whose handler echoes the id: by [`replied`](Self::replied) or
    /// [`failed`](Self::failed). An error that a server answered with is a failure whose message may have been
    /// executed.
    pub fn returned<E: fmt::Display>(&self, id: &str, caller: &str, result: &Result<String, CallError<E>>) {
        match result {
            Ok(carried) => self.replied(id, caller, carried),
            Err(CallError::Send(error)) => self.failed(id, caller, error.sent(), &error.to_string()),
            Err(answer) => self.failed(id, caller, Sent::Unknown, &answer.to_string()),
        }
    }

    /// Notes how a cast ended: by [`accepted`](Self::accepted) or [`failed`](Self::failed).
    pub fn sent(&self, id: &str, caller: &str, result: &Result<(), SendError>) {
        match result {
            Ok(()) => self.accepted(id, caller),
            Err(error) => self.failed(id, caller, error.sent(), &error.to_string()),
        }
    }

    /// Compares the notes with what was promised.
    pub fn check(&self, promise: Promise) -> Report {
        match self.notes.read() {
            Ok(notes) => check::check(&notes, promise),
            Err(error) => Report::unreadable(&error),
        }
    }

    /// How often a request was executed so far, for tests that wait for it.
    pub fn executions(&self, id: &str) -> usize {
        self.count(|note| note.id == id && note.event == Event::Executed)
    }

    /// How much a server executed so far.
    pub fn executed_by(&self, server: &str) -> usize {
        self.count(|note| note.who == server && note.event == Event::Executed)
    }

    fn count(&self, which: impl Fn(&Note) -> bool) -> usize {
        let notes = self.notes.read().unwrap_or_default();
        notes.iter().filter(|note| which(note)).count()
    }
}
