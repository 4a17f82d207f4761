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
}
