//! The versions that an operator says the peers have (`[upgrade_levels]`): a version, a release of Nova, or `auto`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use rpc_runtime::Version;

/// The version of one kind of peers. `None`, which is `auto`, holds nothing back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Level<P>(pub(crate) Option<Version>, PhantomData<P>);

impl<P> Default for Level<P> {
    fn default() -> Self {
        Self(None, PhantomData)
    }
}

/// A kind of peers: the versions that are spoken to, and the releases that have them.
pub(crate) trait Kind {
    /// Majors, each with the least minor.
    const SPOKEN: &'static [Version];
    /// Releases as operators name them.
    const RELEASES: &'static [(&'static str, Version)];
}

/// Compute services.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OfCompute;

/// Schedulers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OfScheduler;

impl Kind for OfCompute {
    const SPOKEN: &'static [Version] = &[Version::new(2, 47), Version::new(6, 0)];
    const RELEASES: &'static [(&'static str, Version)] = &[
        ("havana", Version::new(2, 47)),
        ("wallaby", Version::new(6, 0)),
        ("xena", Version::new(6, 0)),
        ("yoga", Version::new(6, 0)),
        ("zed", Version::new(6, 1)),
        ("antelope", Version::new(6, 2)),
        ("bobcat", Version::new(6, 2)),
        ("caracal", Version::new(6, 3)),
        ("dalmatian", Version::new(6, 3)),
        ("epoxy", Version::new(6, 4)),
        ("flamingo", Version::new(6, 4)),
        ("gazpacho", Version::new(6, 5)),
        ("hibiscus", Version::new(6, 5)),
    ];
}

impl Kind for OfScheduler {
    const SPOKEN: &'static [Version] = &[Version::new(2, 9), Version::new(4, 5)];
    const RELEASES: &'static [(&'static str, Version)] = &[("havana", Version::new(2, 9))];
}

impl<P: Kind> FromStr for Level<P> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let version = match text {
            "" | "auto" => return Ok(Self(None, PhantomData)),
            name => match P::RELEASES.iter().find(|(release, _)| *release == name) {
                Some((_, version)) => *version,
                None => name.parse::<Version>().map_err(|_| {
                    let names: Vec<&str> = P::RELEASES.iter().map(|(name, _)| *name).collect();
                    format!("write a version as in 6.0, auto, or one of {}", names.join(", "))
                })?,
            },
        };
        let is_spoken = |least: &Version| least.major == version.major && least.minor <= version.minor;
        if !P::SPOKEN.iter().any(is_spoken) {
            let spoken: Vec<String> = P::SPOKEN
                .iter()
                .map(|least| format!("{least} and later of {}", least.major))
                .collect();
            return Err(format!(
                "peers of {version} are not spoken to, but those of {}",
                spoken.join(", or ")
            ));
        }
        Ok(Self(Some(version), PhantomData))
    }
}

impl<P> fmt::Display for Level<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => version.fmt(f),
            None => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_version_a_release_or_auto() {
        let compute = |text: &str| text.parse::<Level<OfCompute>>().map(|level| level.to_string());
        for (text, level) in [
            ("6.2", "6.2"),
            ("zed", "6.1"),
            ("havana", "2.47"),
            ("auto", "auto"),
        ] {
            assert_eq!(compute(text).as_deref(), Ok(level));
        }
        assert!(compute("5.13").unwrap_err().contains("6.0 and later of 6"));
        assert!(
            compute("newton")
                .unwrap_err()
                .contains("auto, or one of havana, wallaby")
        );
        assert!("4.4".parse::<Level<OfScheduler>>().is_err());
        assert!("4.5".parse::<Level<OfScheduler>>().is_ok());
    }
}
