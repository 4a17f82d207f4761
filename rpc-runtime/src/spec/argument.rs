//! Arguments: the versions that have them, the forms they had, and what stands for one that does not come.

use super::History;
use super::history::last;
use crate::version::Version;

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgSpec {
    /// Its key on the wire.
    pub name: &'static str,
    /// The versions that have it; calls of the others come without it.
    pub history: History,
    /// How it was written for earlier receivers, the earliest first.
    pub below: &'static [Below],
    /// The JSON text of the value to use when a call comes without it.
    pub default: Option<fn() -> serde_json::Result<Vec<u8>>>,
    /// What a client does with a value when the pin is below `since`.
    pub unsent: Unsent,
    /// Never written to a log.
    pub secret: bool,
}

impl ArgSpec {
    /// An argument that every call has.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            history: History::ALWAYS,
            below: &[],
            default: None,
            unsent: Unsent::Refuse,
            secret: false,
        }
    }

    /// Arguments that every call has.
    pub const fn all<const N: usize>(names: [&'static str; N]) -> [Self; N] {
        let mut arguments = [Self::new(""); N];
        let mut at = 0;
        while at < N {
            arguments[at] = Self::new(names[at]);
            at += 1;
        }
        arguments
    }

    /// One that a version brought; one version for each major, if the API has two.
    pub const fn since(mut self, versions: &'static [Version]) -> Self {
        self.history.since = versions;
        self
    }

    /// One that receivers of this version and later ones do without.
    pub const fn until(mut self, version: Version) -> Self {
        self.history.until = Some(version);
        self
    }

    /// With the forms it had for earlier receivers, the earliest first.
    pub const fn below(mut self, forms: &'static [Below]) -> Self {
        self.below = forms;
        self
    }

    /// With the JSON text of the value it has in calls without it.
    pub const fn default(mut self, value: fn() -> serde_json::Result<Vec<u8>>) -> Self {
        self.default = Some(value);
        self
    }

    /// With another treatment by clients that are pinned to a version from before.
    pub const fn unsent(mut self, unsent: Unsent) -> Self {
        self.unsent = unsent;
        self
    }

    /// Kept out of logs.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The form in which it travels in messages of this version, if that is another than today's.
    pub fn form_in(&self, version: Version) -> Option<&'static Below> {
        self.below.iter().find(|below| version < below.version)
    }

    /// The versions at which it changed, or a method's message by it.
    pub(super) fn changes(&self) -> impl Iterator<Item = Version> {
        let forms = self.below.iter().map(|below| below.version);
        self.history.changes().chain(forms)
    }

    /// The last of its changes, or `other` if that is later.
    pub(super) const fn latest(&self, other: Version) -> Version {
        let mut latest = last(self.history.since, other);
        if let Some(until) = self.history.until {
            latest = until.or_later(latest);
        }
        let mut at = 0;
        while at < self.below.len() {
            latest = self.below[at].version.or_later(latest);
            at += 1;
        }
        latest
    }
}

/// The form of an argument in messages from before a version.
#[derive(Clone, Copy, Debug)]
pub struct Below {
    /// The version that has another form.
    pub version: Version,
    /// Makes one form of the other, both as JSON.
    pub convert: fn(&str, Way) -> serde_json::Result<Vec<u8>>,
}

impl Below {
    /// A form, and what makes it and reads it.
    pub const fn new(version: Version, convert: fn(&str, Way) -> serde_json::Result<Vec<u8>>) -> Self {
        Self { version, convert }
    }
}

/// From which form to which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// For a receiver from before: from today's form.
    ToOld,
    /// From a sender from before: to today's form.
    FromOld,
}

/// What becomes of an argument that the receiver is too old for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Unsent {
    /// A value that differs from the default is an error: it was meant to have an effect.
    #[default]
    Refuse,
    /// The value is left out.
    Drop,
}
