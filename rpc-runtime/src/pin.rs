//! Pins: the version that a client may not go beyond while servers of several releases are about, and what an operator
//! writes for it. Who knows which servers there are is asked through [`PinSource`]; nothing here does.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use crate::spec::{Api, ApiSpec};
use crate::transport::BoxFuture;
use crate::version::Version;

/// The version that a client may not go beyond: a fixed one, or the one that a [`PinSource`] last named.
///
/// Clones share what the source named: after [`refresh`](Pin::refresh) on one of them, every client that was pinned to
/// another sends by the new version.
///
/// ```
/// use std::convert::Infallible;
/// use std::error::Error;
///
/// use rpc_runtime::{ApiSpec, Bus, Context, Pin, PinSource, UpgradeLevel, Version, rpc_api};
///
/// #[rpc_api(topic = "stock", version = "1.26", releases(stein = "1.20", zed = "1.24"))]
/// trait Stock {
///     #[rpc(call)]
///     async fn count(&self, ctx: &Context) -> Result<u32, Infallible>;
/// }
///
/// /// Knows the oldest server from a table.
/// struct Table;
///
/// impl PinSource for Table {
///     async fn version(&self, _: &'static ApiSpec) -> Result<Option<Version>, Box<dyn Error + Send + Sync>> {
///         Ok(Some(Version::new(1, 22)))
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn Error>> {
/// // What an operator has written: zed, 1.22, or auto.
/// let level: UpgradeLevel<StockRelease> = "auto".parse()?;
/// let pin: Pin = level.pin(Table).await?;
/// let stock = StockClient::new(&Bus::memory()).pinned(pin.clone());
/// // On SIGHUP, as in `Manager::reset` of a service.
/// pin.refresh().await?;
/// assert_eq!(pin.version(), Some(Version::new(1, 22)));
/// # let _ = stock;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pin(Kind);

#[derive(Clone)]
enum Kind {
    Fixed(Version),
    Asked(Arc<Asked>),
}

struct Asked {
    api: &'static ApiSpec,
    source: Box<dyn Ask>,
    last: RwLock<Option<Version>>,
}

/// Who knows which version every server of an API understands: a table of services, a file, a fixed answer.
pub trait PinSource: Send + Sync + 'static {
    /// The version that all servers of the API understand; `None` when nothing is to be held back.
    fn version(
        &self,
        api: &'static ApiSpec,
    ) -> impl Future<Output = Result<Option<Version>, Box<dyn Error + Send + Sync>>> + Send;
}

/// The source of a pin could not answer.
#[derive(Debug, thiserror::Error)]
#[error("cannot tell which version the servers of {api} understand: {reason}")]
pub struct PinUnknown {
    /// The API's name.
    pub api: &'static str,
    /// What the source says.
    #[source]
    pub reason: Box<dyn Error + Send + Sync>,
}

impl Pin {
    /// Asks the source, now and at each [`refresh`](Pin::refresh).
    pub async fn of(api: &'static ApiSpec, source: impl PinSource) -> Result<Self, PinUnknown> {
        let asked = Asked {
            api,
            source: Box::new(source),
            last: RwLock::new(None),
        };
        let pin = Self(Kind::Asked(Arc::new(asked)));
        pin.refresh().await?;
        Ok(pin)
    }

    /// The version; `None` when nothing is held back.
    pub fn version(&self) -> Option<Version> {
        match &self.0 {
            Kind::Fixed(version) => Some(*version),
            // Nothing can be half written: a panic of another thread changes nothing.
            Kind::Asked(asked) => *asked.last.read().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Asks the source again, as a service does on SIGHUP. When it cannot answer, the last answer holds.
    pub async fn refresh(&self) -> Result<(), PinUnknown> {
        if let Kind::Asked(asked) = &self.0 {
            let version = asked.source.ask(asked.api).await.map_err(|reason| PinUnknown {
                api: asked.api.name,
                reason,
            })?;
            *asked.last.write().unwrap_or_else(PoisonError::into_inner) = version;
        }
        Ok(())
    }
}

impl From<Version> for Pin {
    fn from(version: Version) -> Self {
        Self(Kind::Fixed(version))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pin").field(&self.version()).finish()
    }
}

/// A [`PinSource`] whose type is forgotten.
trait Ask: Send + Sync {
    fn ask(
        &self,
        api: &'static ApiSpec,
    ) -> BoxFuture<'_, Result<Option<Version>, Box<dyn Error + Send + Sync>>>;
}

impl<S: PinSource> Ask for S {
    fn ask(
        &self,
        api: &'static ApiSpec,
    ) -> BoxFuture<'_, Result<Option<Version>, Box<dyn Error + Send + Sync>>> {
        Box::pin(self.version(api))
    }
}

/// The releases of an API: the enum that `releases(..)` of [`rpc_api`](crate::rpc_api) makes.
pub trait Release: Copy + 'static {
    /// Whose releases they are.
    type Api: Api;

    /// All of them, the earliest first.
    const ALL: &'static [Self];

    /// The position in `ALL`.
    fn index(self) -> usize;

    /// The name, as an operator writes it.
    fn name(self) -> &'static str {
        <Self::Api as Api>::SPEC.releases[self.index()].0
    }

    /// The version that the release speaks.
    fn version(self) -> Version {
        <Self::Api as Api>::SPEC.releases[self.index()].1
    }

    /// The release of this name.
    fn named(name: &str) -> Result<Self, UnknownLevel> {
        let found = Self::ALL.iter().find(|release| release.name() == name);
        found
            .copied()
            .ok_or_else(|| UnknownLevel::of(<Self::Api as Api>::SPEC, name))
    }
}

/// What an operator sets for an API while it is upgraded (Nova's `[upgrade_levels]`): the name of a release, a version,
/// or `auto`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UpgradeLevel<R> {
    /// No later than this release.
    Release(R),
    /// No later than this version.
    Version(Version),
    /// What a [`PinSource`] says.
    Auto,
}

impl<R: Release> UpgradeLevel<R> {
    /// The pin that this means. Only [`Auto`](Self::Auto) asks the source.
    pub async fn pin(self, source: impl PinSource) -> Result<Pin, PinUnknown> {
        match self {
            Self::Release(release) => Ok(release.version().into()),
            Self::Version(version) => Ok(version.into()),
            Self::Auto => Pin::of(<R::Api as Api>::SPEC, source).await,
        }
    }
}

impl<R: Release> FromStr for UpgradeLevel<R> {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let Ok(version) = text.parse::<Version>() else {
            return R::named(text).map(Self::Release);
        };
        let spec = <R::Api as Api>::SPEC;
        let known = |served: Version| served.major == version.major;
        if known(spec.version) || spec.accepts.is_some_and(known) {
            Ok(Self::Version(version))
        } else {
            Err(UnknownLevel::Major {
                api: spec.name,
                version,
                latest: spec.version,
            })
        }
    }
}

/// A setting that names no release and no version of an API.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnknownLevel {
    /// Neither a version, nor the name of a release.
    #[error("{text:?} is no release of {api}: use {known}, a version or auto")]
    Name {
        /// What was given.
        text: String,
        /// The API's name.
        api: &'static str,
        /// The releases.
        known: String,
    },
    /// A version that no client of the API can send.
    #[error("{version} is of another major than {api}, which is at {latest}")]
    Major {
        /// The API's name.
        api: &'static str,
        /// What was given.
        version: Version,
        /// The API's own version.
        latest: Version,
    },
}

impl UnknownLevel {
    fn of(api: &'static ApiSpec, text: &str) -> Self {
        let names: Vec<&str> = api.releases.iter().map(|&(name, _)| name).collect();
        Self::Name {
            text: text.to_owned(),
            api: api.name,
            known: names.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    const fn v(minor: u32) -> Version {
        Version::new(1, minor)
    }

    struct StockApi;

    impl Api for StockApi {
        const SPEC: &'static ApiSpec =
            &ApiSpec::new("Stock", v(26), &[]).releases(&[("stein", v(20)), ("zed", v(24))]);
        type Context = ();
    }

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum StockRelease {
        Stein,
        Zed,
    }

    impl Release for StockRelease {
        type Api = StockApi;
        const ALL: &'static [Self] = &[Self::Stein, Self::Zed];

        fn index(self) -> usize {
            self as usize
        }
    }

    type Level = UpgradeLevel<StockRelease>;

    #[test]
    fn an_operator_writes_a_release_a_version_or_auto() {
        assert_eq!("zed".parse(), Ok(Level::Release(StockRelease::Zed)));
        assert_eq!("1.22".parse(), Ok(Level::Version(v(22))));
        assert_eq!("auto".parse(), Ok(Level::Auto));
        let error = |text: &str| text.parse::<Level>().unwrap_err().to_string();
        assert_eq!(
            error("Zed"),
            "\"Zed\" is no release of Stock: use stein, zed, a version or auto"
        );
        assert_eq!(
            error("2.0"),
            "2.0 is of another major than Stock, which is at 1.26"
        );
    }

    /// A fleet whose oldest server speaks this minor version; nobody knows while it is 0.
    struct Fleet(Arc<AtomicU32>);

    impl PinSource for Fleet {
        async fn version(
            &self,
            _: &'static ApiSpec,
        ) -> Result<Option<Version>, Box<dyn Error + Send + Sync>> {
            match self.0.load(Ordering::Relaxed) {
                0 => Err("no database".into()),
                minor => Ok(Some(v(minor))),
            }
        }
    }

    #[tokio::test]
    async fn auto_asks_once_and_when_it_is_told_to() {
        let oldest = Arc::new(AtomicU32::new(20));
        let pin = Level::Auto.pin(Fleet(oldest.clone())).await.unwrap();
        let of_a_client = pin.clone();
        oldest.store(24, Ordering::Relaxed);
        assert_eq!(of_a_client.version(), Some(v(20)));
        pin.refresh().await.unwrap();
        assert_eq!(of_a_client.version(), Some(v(24)));
        oldest.store(0, Ordering::Relaxed);
        let error = pin.refresh().await.unwrap_err().to_string();
        assert_eq!(
            error,
            "cannot tell which version the servers of Stock understand: no database"
        );
        assert_eq!(of_a_client.version(), Some(v(24)));
    }

    #[tokio::test]
    async fn what_is_fixed_asks_nobody() {
        let nobody = || Fleet(Arc::new(AtomicU32::new(0)));
        let pin = Level::Release(StockRelease::Stein).pin(nobody()).await.unwrap();
        assert_eq!(pin.version(), Some(v(20)));
        assert!(pin.refresh().await.is_ok());
        assert!(Level::Auto.pin(nobody()).await.is_err());
    }
}
