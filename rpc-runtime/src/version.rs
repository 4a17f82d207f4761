//! Interface versions: `major.minor[.revision]`, what a server accepts, and what a pinned client may send.
//!
//! The rule is oslo.messaging's `version_is_compatible`. Nothing here knows an API or a message.

use std::fmt;
use std::str::FromStr;

/// The version of an interface, or the one a message asks for.
///
/// Parts are compared as numbers: `1.10` is later than `1.9`.
///
/// ```
/// use rpc_runtime::Version;
///
/// let implemented: Version = "1.10".parse().unwrap();
/// assert!(implemented.accepts(Version::new(1, 9)));
/// assert!(!implemented.accepts(Version::new(2, 0)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// Raised when callers of the old interface are no longer served.
    pub major: u32,
    /// Raised when something is added.
    pub minor: u32,
    /// A third part that a few old peers send; 0 when absent.
    pub revision: u32,
}

impl Version {
    /// `major.minor`, revision 0.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self {
            major,
            minor,
            revision: 0,
        }
    }

    /// Whether a server that implements `self` may take a message that asks for `requested`: same major, and
    /// not later.
    pub const fn accepts(self, requested: Version) -> bool {
        self.major == requested.major
            && (requested.minor < self.minor
                || (requested.minor == self.minor && requested.revision <= self.revision))
    }

    /// The later of two, also while compiling.
    pub(crate) const fn or_later(self, other: Self) -> Self {
        if self.major > other.major || self.accepts(other) {
            self
        } else {
            other
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.revision > 0 {
            write!(f, ".{}", self.revision)?;
        }
        Ok(())
    }
}

/// A text that is not a version.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text:?} is not a version: write major.minor, as in \"1.0\"")]
pub struct InvalidVersion {
    /// What was given.
    pub text: String,
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let invalid = || InvalidVersion {
            text: text.to_owned(),
        };
        let mut parts = text.split('.').map(|part| {
            // u32's own reading would take a sign.
            if part.bytes().all(|b| b.is_ascii_digit()) {
                part.parse().map_err(|_| invalid())
            } else {
                Err(invalid())
            }
        });
        let major = parts.next().ok_or_else(invalid)??;
        let minor = parts.next().ok_or_else(invalid)??;
        let revision = parts.next().transpose()?.unwrap_or(0);
        if parts.next().is_some() {
            return Err(invalid());
        }
        Ok(Self {
            major,
            minor,
            revision,
        })
    }
}

/// A version in a message that no peer's rule can read. The text is that of the error Python raises over it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MalformedVersion {
    /// There is no minor part: `IndexError`.
    #[error("list index out of range")]
    TooShort,
    /// A part is not a number: `ValueError`.
    #[error("invalid literal for int() with base 10: '{0}'")]
    NotANumber(String),
}

impl Version {
    /// Reads a version as oslo.messaging's dispatcher reads that of a message: parts after the third do not count,
    /// a third that is not a number is later than any, and numbers are what Python takes for such.
    pub fn of_peer(text: &str) -> Result<Self, MalformedVersion> {
        // Nearly always.
        if let [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] = *text.as_bytes() {
            return Ok(Self::new((major - b'0').into(), (minor - b'0').into()));
        }
        let number = |part: &str| {
            let number = python_int(part).ok_or_else(|| MalformedVersion::NotANumber(part.to_owned()))?;
            Ok(u32::try_from(number.max(0)).unwrap_or(u32::MAX))
        };
        let mut parts = text.split('.');
        let major = number(parts.next().unwrap_or_default())?;
        let minor = number(parts.next().ok_or(MalformedVersion::TooShort)?)?;
        let revision = parts.next().map_or(Ok(0), number).unwrap_or(u32::MAX);
        Ok(Self {
            major,
            minor,
            revision,
        })
    }
}

/// Whether a client that must not go beyond `cap` may send a message of this version: oslo.messaging's
/// `version_cap`. Without a cap, anything; with one, nothing that has no version.
pub const fn may_send(cap: Option<Version>, version: Option<Version>) -> bool {
    match (cap, version) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(cap), Some(version)) => cap.accepts(version),
    }
}

/// What Python's `int()` makes of a text: blanks around it, a sign and single underscores are allowed. A number out
/// of range is the last in range.
pub(crate) fn python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let (digits, negative) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (digits, text.starts_with('-')),
        None => (text, false),
    };
    let mut number = 0_i64;
    for group in digits.split('_') {
        if group.is_empty() {
            return None;
        }
        for digit in group.chars() {
            let digit = digit.to_digit(10)?;
            number = number.saturating_mul(10).saturating_add(i64::from(digit));
        }
    }
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, version) in [("1.0", Version::new(1, 0)), ("2.13", Version::new(2, 13))] {
            assert_eq!(text.parse(), Ok(version));
            assert_eq!(version.to_string(), text);
        }
        assert_eq!(
            "1.2.3".parse(),
            Ok(Version {
                major: 1,
                minor: 2,
                revision: 3
            })
        );
        for bad in [
            "",
            "1",
            "1.",
            ".1",
            "a.b",
            "+1.0",
            " 1.0",
            "1.0.0.0",
            "1.99999999999",
        ] {
            assert!(bad.parse::<Version>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn acceptance() {
        let implemented = Version::new(1, 9);
        assert!(implemented.accepts(Version::new(1, 9)));
        assert!(implemented.accepts(Version::new(1, 0)));
        assert!(!implemented.accepts(Version::new(1, 10)));
        assert!(!implemented.accepts(Version::new(2, 0)));
        assert!(!implemented.accepts(Version {
            major: 1,
            minor: 9,
            revision: 1
        }));
    }

    #[test]
    fn the_version_of_a_message_is_read_as_python_reads_it() {
        let version = |major, minor, revision| {
            Ok(Version {
                major,
                minor,
                revision,
            })
        };
        let not_a_number = |part: &str| Err(MalformedVersion::NotANumber(part.to_owned()));
        for (text, read) in [
            ("1.0", version(1, 0, 0)),
            ("1.2.3.4", version(1, 2, 3)),
            (" 1 .1_0", version(1, 10, 0)),
            ("+1.-5", version(1, 0, 0)),
            ("1.2.x", version(1, 2, u32::MAX)),
            ("1.99999999999999999999", version(1, u32::MAX, 0)),
            ("1", Err(MalformedVersion::TooShort)),
            ("", not_a_number("")),
            ("word", not_a_number("word")),
            ("1.x", not_a_number("x")),
            ("1._1", not_a_number("_1")),
            ("1.", not_a_number("")),
        ] {
            assert_eq!(Version::of_peer(text), read, "{text:?}");
        }
    }

    #[test]
    fn a_cap_refuses_what_has_no_version() {
        let cap = Some(Version::new(1, 4));
        assert!(may_send(None, None) && may_send(None, Some(Version::new(9, 9))));
        assert!(may_send(cap, cap) && may_send(cap, Some(Version::new(1, 0))));
        assert!(!may_send(cap, None) && !may_send(cap, Some(Version::new(1, 5))));
    }
}
