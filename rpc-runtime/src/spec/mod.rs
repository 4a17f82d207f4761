//! What the compiler knows of an API, as static data: the runtime reads it, `#[rpc_api]` writes it.

mod argument;
mod history;
mod method;

pub use argument::{ArgSpec, Below, Unsent, Way};
pub use history::History;
pub use method::{Delivery, Kinds, MethodSpec, Timeout};

use crate::version::Version;

/// A trait under `#[rpc_api]`, as a type: the macro implements this for the marker `<Trait>Api`.
pub trait Api: Send + Sync + 'static {
    /// What the trait declares.
    const SPEC: &'static ApiSpec;

    /// What travels as the context of each call; the type of the methods' second parameter. That it
    /// [travels](crate::Travels) is asked for where it is used.
    type Context: 'static;
}

/// A whole API.
#[derive(Clone, Copy, Debug)]
pub struct ApiSpec {
    /// The trait's name.
    pub name: &'static str,
    /// The topic its servers listen on, unless a client or server says otherwise.
    pub topic: Option<&'static str>,
    /// Separates APIs that share a topic; absent on the wire when `None`.
    pub namespace: Option<&'static str>,
    /// The latest version a server of this code implements.
    pub version: Version,
    /// The latest version of an earlier major that such a server implements as well.
    pub accepts: Option<Version>,
    /// Releases and the version that each speaks, the earliest first.
    pub releases: &'static [(&'static str, Version)],
    /// Every method, in the order of the trait.
    pub methods: &'static [&'static MethodSpec],
}

impl ApiSpec {
    /// An API without a topic and a namespace of its own.
    pub const fn new(name: &'static str, version: Version, methods: &'static [&'static MethodSpec]) -> Self {
        Self {
            name,
            topic: None,
            namespace: None,
            version,
            accepts: None,
            releases: &[],
            methods,
        }
    }

    /// On this topic.
    pub const fn topic(mut self, topic: &'static str) -> Self {
        self.topic = Some(topic);
        self
    }

    /// In this namespace.
    pub const fn namespace(mut self, namespace: &'static str) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// Also for callers of an earlier major, up to this version of it.
    pub const fn accepts(mut self, version: Version) -> Self {
        self.accepts = Some(version);
        self
    }

    /// With the versions that releases speak, the earliest first.
    pub const fn releases(mut self, releases: &'static [(&'static str, Version)]) -> Self {
        self.releases = releases;
        self
    }

    /// The method a peer means by `name`: its wire name or an alias.
    pub fn method(&self, name: &str) -> Option<&'static MethodSpec> {
        self.methods
            .iter()
            .copied()
            .find(|method| method.name == name || method.aliases.contains(&name))
    }

    /// Whether a server takes messages that ask for this version.
    pub const fn serves(&self, requested: Version) -> bool {
        match self.accepts {
            Some(earlier) if earlier.accepts(requested) => true,
            _ => self.version.accepts(requested),
        }
    }

    /// The major version that both APIs serve in one namespace, so that one of them could not be reached by it.
    pub(crate) const fn shared_major(&self, other: &Self) -> Option<u32> {
        if !self.same_namespace(other) {
            return None;
        }
        match self.accepts {
            _ if other.has_major(self.version.major) => Some(self.version.major),
            Some(earlier) if other.has_major(earlier.major) => Some(earlier.major),
            _ => None,
        }
    }

    const fn has_major(&self, major: u32) -> bool {
        match self.accepts {
            Some(earlier) if earlier.major == major => true,
            _ => self.version.major == major,
        }
    }

    /// Whether both are in one namespace, or in none.
    pub(crate) const fn same_namespace(&self, other: &Self) -> bool {
        match (self.namespace, other.namespace) {
            (None, None) => true,
            (Some(a), Some(b)) => same_text(a.as_bytes(), b.as_bytes()),
            _ => false,
        }
    }
}

/// Whether the texts are equal, as a constant can ask.
pub(crate) const fn same_text(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
