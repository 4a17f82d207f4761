//! Where notes are kept, and their form as a line of text.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::transport::Sent;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Note {
    pub(super) id: String,
    /// The caller or the server.
    pub(super) who: String,
    pub(super) event: Event,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Event {
    Asked,
    Executed,
    Replied { carried: String },
    Accepted,
    Failed { sent: Sent, why: String },
}

#[derive(Debug)]
pub(super) enum Notes {
    Memory(Mutex<Vec<Note>>),
    File { path: PathBuf, file: File },
}

impl Notes {
    pub(super) fn in_memory() -> Self {
        Self::Memory(Mutex::default())
    }

    pub(super) fn in_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self::File {
            path: path.to_owned(),
            file,
        })
    }

    pub(super) fn write(&self, id: &str, who: &str, event: Event) {
        let note = Note {
            id: id.to_owned(),
            who: who.to_owned(),
            event,
        };
        match self {
            // A test that panics elsewhere still wants its notes.
            Self::Memory(notes) => notes.lock().unwrap_or_else(PoisonError::into_inner).push(note),
            Self::File { file, .. } => {
                // One write a line: the system appends it whole.
                let mut file = file;
                if let Err(error) = file.write_all(note.line().as_bytes()) {
                    tracing::error!(%error, "the oracle lost a note");
                }
            }
        }
    }

    pub(super) fn read(&self) -> io::Result<Vec<Note>> {
        match self {
            Self::Memory(notes) => Ok(notes.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            Self::File { path, .. } => {
                let text = std::fs::read_to_string(path)?;
                let notes = text.lines().map(|line| {
                    let complaint = || io::Error::other(format!("not a note: '{line}'"));
                    Note::parse(line).ok_or_else(complaint)
                });
                notes.collect()
            }
        }
    }
}

impl Note {
    /// Fields separated by tabs: the id, who, what, and what belongs to it.
    fn line(&self) -> String {
        let flat = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        let event = match &self.event {
            Event::Asked => "asked".to_owned(),
            Event::Executed => "executed".to_owned(),
            Event::Accepted => "accepted".to_owned(),
            Event::Replied { carried } => format!("replied\t{}", flat(carried)),
            Event::Failed { sent, why } => format!("failed\t{sent:?}\t{}", flat(why)),
        };
        format!("{}\t{}\t{event}\n", flat(&self.id), flat(&self.who))
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let (id, who, event) = match fields[..] {
            [id, who, "asked"] => (id, who, Event::Asked),
            [id, who, "executed"] => (id, who, Event::Executed),
            [id, who, "accepted"] => (id, who, Event::Accepted),
            [id, who, "replied", carried] => {
                let carried = carried.to_owned();
                (id, who, Event::Replied { carried })
            }
            [id, who, "failed", sent, why] => {
                let sent = [Sent::No, Sent::Unknown, Sent::Confirmed]
                    .into_iter()
                    .find(|known| format!("{known:?}") == sent)?;
                let why = why.to_owned();
                (id, who, Event::Failed { sent, why })
            }
            _ => return None,
        };
        Some(Self {
            id: id.to_owned(),
            who: who.to_owned(),
            event,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_survives_its_line() {
        let events = [
            Event::Asked,
            Event::Executed,
            Event::Accepted,
            Event::Replied {
                carried: "x".to_owned(),
            },
            Event::Failed {
                sent: Sent::Unknown,
                why: "no reply".to_owned(),
            },
        ];
        for event in events {
            let note = Note {
                id: "1".to_owned(),
                who: "caller".to_owned(),
                event,
            };
            let line = note.line();
            assert_eq!(Note::parse(line.trim_end_matches('\n')), Some(note), "{line}");
        }
        assert_eq!(Note::parse("1\tcaller\tinvented"), None);
        assert_eq!(Note::parse("1\tcaller\tfailed\tPerhaps\twhy"), None);
    }

    #[test]
    fn text_cannot_break_a_line() {
        let note = Note {
            id: "1".to_owned(),
            who: "a\tb".to_owned(),
            event: Event::Failed {
                sent: Sent::No,
                why: "two\nlines".to_owned(),
            },
        };
        assert_eq!(note.line(), "1\ta b\tfailed\tNo\ttwo lines\n");
    }

    #[test]
    fn writers_of_one_file_see_each_other() {
        let name = format!("rpc-oracle-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        let (one, two) = (Notes::in_file(&path).unwrap(), Notes::in_file(&path).unwrap());
        one.write("1", "caller", Event::Asked);
        two.write("1", "server", Event::Executed);
        let read = (one.read().unwrap(), two.read().unwrap());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.0.len(), 2);
        assert_eq!(read.0, read.1);
    }
}
