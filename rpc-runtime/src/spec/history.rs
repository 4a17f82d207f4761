//! From which version on something is part of an API, and until which.

use crate::version::Version;

/// The versions of an API that have a method or an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct History {
    /// The versions that brought it: one for each major that it came to. A later major has it from its start. None:
    /// it was always there.
    pub since: &'static [Version],
    /// The first version without it.
    pub until: Option<Version>,
}

impl History {
    /// In every version.
    pub const ALWAYS: Self = Self::since(&[]);

    /// From these on, one for each major.
    pub const fn since(versions: &'static [Version]) -> Self {
        Self {
            since: versions,
            until: None,
        }
    }

    /// Whether the version has it.
    pub fn has(&self, version: Version) -> bool {
        let gone = self.until.is_some_and(|until| version >= until);
        !gone && self.came_before(version)
    }

    /// Whether the version is not from before it came.
    pub(crate) fn came_before(&self, version: Version) -> bool {
        let same_major = |since: &&Version| since.major == version.major;
        match self.since.iter().find(same_major) {
            Some(&since) => since <= version,
            None => self.since.is_empty() || self.since.iter().any(|since| since.major < version.major),
        }
    }

    /// The version that brought it to the major of this one, or else to any.
    pub fn since_in(&self, version: Version) -> Option<Version> {
        let same_major = |since: &&Version| since.major == version.major;
        let found = self.since.iter().find(same_major);
        found.or_else(|| self.since.last()).copied()
    }

    /// When it came and went.
    pub(super) fn changes(&self) -> impl Iterator<Item = Version> {
        self.since.iter().copied().chain(self.until)
    }
}

/// The last of the versions, or `other` if that is later.
pub(super) const fn last(versions: &[Version], other: Version) -> Version {
    let mut last = other;
    let mut at = 0;
    while at < versions.len() {
        last = versions[at].or_later(last);
        at += 1;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn v(major: u32, minor: u32) -> Version {
        Version::new(major, minor)
    }

    const OF_5: History = History::since(&[v(5, 9)]);
    const OF_6: History = History::since(&[v(6, 1)]);
    const OF_BOTH: History = History::since(&[v(5, 9), v(6, 1)]);

    #[test]
    fn a_later_major_has_what_an_earlier_one_had() {
        assert!(History::ALWAYS.has(v(5, 0)));
        assert!(OF_5.has(v(6, 0)) && OF_5.has(v(5, 9)) && !OF_5.has(v(5, 8)));
        assert!(OF_6.has(v(6, 1)) && !OF_6.has(v(6, 0)) && !OF_6.has(v(5, 13)));
        assert!(OF_BOTH.has(v(5, 9)) && !OF_BOTH.has(v(6, 0)) && OF_BOTH.has(v(6, 1)));
        assert_eq!(OF_BOTH.since_in(v(5, 0)), Some(v(5, 9)));
        assert_eq!(OF_6.since_in(v(5, 0)), Some(v(6, 1)));
    }

    #[test]
    fn what_goes_is_in_no_later_version() {
        let gone = History {
            until: Some(v(6, 0)),
            ..OF_5
        };
        assert!(gone.has(v(5, 13)) && !gone.has(v(6, 0)) && !gone.has(v(6, 1)));
    }
}
