//! A trait under `#[rpc_api]`.

use proc_macro2::Ident;
use rpc_snapshot::{Rule, Snapshot};
use syn::{Expr, ItemTrait, Path, TraitItem, TraitItemFn, Type};

use crate::errors::{Located, Place};

/// A trait under `#[rpc_api]`.
pub(crate) struct Api {
    /// The trait as written, without its items and without our attributes.
    pub(crate) item: ItemTrait,
    /// The items, in their order.
    pub(crate) members: Vec<Member>,
    pub(crate) topic: Option<Located<String>>,
    pub(crate) namespace: Option<Located<String>>,
    /// `None` when it is missing or cannot be read, which is told already.
    pub(crate) version: Option<Located<Version>>,
    /// The latest version of an earlier major that is served as well.
    pub(crate) accepts: Option<Located<Version>>,
    pub(crate) releases: Vec<Release>,
    /// What it must stay compatible with.
    pub(crate) released: Option<Released>,
    pub(crate) waivers: Vec<Waiver>,
    /// The type of the second parameter of each method; `None` for the runtime's.
    pub(crate) context: Option<Type>,
    /// Where the runtime is.
    pub(crate) runtime: Path,
    /// Whether the trait can be named by other items without arguments.
    pub(crate) sound: bool,
}

impl Api {
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.members.iter().filter_map(|member| match member {
            Member::Method(method) => Some(&**method),
            Member::Other(_) => None,
        })
    }

    pub(crate) fn methods_mut(&mut self) -> impl Iterator<Item = &mut Method> {
        self.members.iter_mut().filter_map(|member| match member {
            Member::Method(method) => Some(&mut **method),
            Member::Other(_) => None,
        })
    }

    /// Those that client and dispatch can be written for.
    pub(crate) fn sound_methods(&self) -> impl Iterator<Item = &Method> {
        let sound = self.sound;
        self.methods().filter(move |method| sound && method.sound)
    }

    /// Its version. One that is not known is told already, and 1.0 stands for it.
    pub(crate) fn version(&self) -> Version {
        let first = Version { major: 1, minor: 0 };
        self.version.as_ref().map_or(first, |version| version.value)
    }

    /// The latest version of each major that is served, the earlier major first.
    pub(crate) fn latest(&self) -> impl Iterator<Item = Version> {
        let own = self.version();
        let earlier = self.accepts.as_ref().map(|accepts| accepts.value);
        let earlier = earlier.filter(|earlier| earlier.major < own.major);
        earlier.into_iter().chain([own])
    }

    /// The versions in which `method` appeared, one for each major that has it. A major later than the first that has it
    /// has it from its start, unless it says otherwise.
    pub(crate) fn since(&self, method: &Method) -> Vec<Version> {
        let mut since: Vec<Version> = method.since.iter().map(|since| since.value).collect();
        let first = since.iter().map(|since| since.major).min();
        for latest in self.latest() {
            let listed = since.iter().any(|since| since.major == latest.major);
            if !listed && first.is_none_or(|first| first < latest.major) {
                since.push(Version { minor: 0, ..latest });
            }
        }
        since.sort_unstable();
        since
    }
}

/// The interface that was released.
pub(crate) struct Released {
    /// Where it is, from the crate's own folder.
    pub(crate) path: Located<String>,
    /// What is there, once it is read.
    pub(crate) snapshot: Option<Snapshot>,
}

/// A rule towards the released API that an item may break.
pub(crate) struct Waiver {
    pub(crate) rule: Rule,
    /// Why it may be.
    pub(crate) because: String,
    /// Its id.
    pub(crate) place: Place,
    /// Whether it is broken.
    pub(crate) used: bool,
}

/// A release of `releases(zed = "1.24")`.
pub(crate) struct Release {
    pub(crate) name: Ident,
    pub(crate) version: Located<Version>,
}

impl Release {
    /// Its name as a variant: `v2024_1` is `V2024_1`, `antelope` is `Antelope`.
    pub(crate) fn variant(&self) -> Ident {
        let name = syn::ext::IdentExt::unraw(&self.name).to_string();
        let mut letters = name.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let variant: String = first.chain(letters).collect();
        Ident::new(&variant, self.name.span())
    }
}

/// An item of the trait.
pub(crate) enum Member {
    Method(Box<Method>),
    /// One that an API cannot have; kept so that nothing else breaks.
    Other(Box<TraitItem>),
}

/// A method of the trait.
pub(crate) struct Method {
    /// As written, without our attributes, and with a stand-in for each pattern that is not a name.
    pub(crate) declared: TraitItemFn,
    pub(crate) kinds: Kinds,
    /// Its name on the wire.
    pub(crate) wire: Located<String>,
    pub(crate) aliases: Vec<Located<String>>,
    /// One for each major that it came to; none for a method that was always there.
    pub(crate) since: Vec<Located<Version>>,
    pub(crate) removed: Option<Dated>,
    pub(crate) timeout: Option<Located<Timeout>>,
    pub(crate) monitored: Option<Place>,
    pub(crate) idempotent: bool,
    pub(crate) delivery: Delivery,
    /// Nobody asks what its answer looks like.
    pub(crate) opaque: bool,
    pub(crate) waivers: Vec<Waiver>,
    /// Absent only in a method that is not sound.
    pub(crate) context: Option<Context>,
    pub(crate) arguments: Vec<Argument>,
    /// Whether its signature is one that client and dispatch can be written for.
    pub(crate) sound: bool,
}

impl Method {
    pub(crate) fn ident(&self) -> &Ident {
        &self.declared.sig.ident
    }

    /// Whether some builds may lack it.
    pub(crate) fn has_cfg(&self) -> bool {
        self.declared.attrs.iter().any(|attr| attr.path().is_ident("cfg"))
    }
}

/// How a method may be sent, and where that is said.
#[derive(Default)]
pub(crate) struct Kinds {
    pub(crate) call: Option<Place>,
    pub(crate) cast: Option<Place>,
    pub(crate) fanout: Option<Place>,
    pub(crate) stream: Option<Place>,
}

impl Kinds {
    pub(crate) fn is_empty(&self) -> bool {
        self.call.is_none() && self.cast.is_none() && self.fanout.is_none() && self.stream.is_none()
    }

    /// Whether a caller waits for something.
    pub(crate) fn answers(&self) -> bool {
        self.call.is_some() || self.stream.is_some()
    }
}

/// The second parameter.
pub(crate) struct Context {
    pub(crate) ident: Ident,
    /// Behind the `&`.
    pub(crate) ty: Type,
}

/// A parameter that travels.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Its key on the wire.
    pub(crate) wire: Located<String>,
    pub(crate) since: Option<Since>,
    pub(crate) until: Option<Dated>,
    pub(crate) below: Vec<Below>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) unsent: Option<Located<Unsent>>,
    pub(crate) secret: bool,
    /// Nobody asks what it looks like.
    pub(crate) opaque: bool,
    pub(crate) waivers: Vec<Waiver>,
}

/// The `since` of an argument.
pub(crate) struct Since {
    /// The word `since`.
    pub(crate) key: Place,
    /// One for each major that it came to; at least one.
    pub(crate) versions: Vec<Located<Version>>,
}

/// An option with a version, as `until = "1.8"`.
pub(crate) struct Dated {
    /// The word.
    pub(crate) key: Place,
    pub(crate) version: Located<Version>,
}

/// `below("1.10", to_old, from_old)`.
pub(crate) struct Below {
    pub(crate) version: Located<Version>,
    /// Makes the old form of today's.
    pub(crate) to: Expr,
    /// Makes today's form of the old one; `None` when the type reads both.
    pub(crate) from: Option<Expr>,
}

/// What an argument is when a call comes without it.
pub(crate) enum DefaultValue {
    /// `Default::default()` of its type.
    OfType,
    Value(Box<Expr>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unsent {
    Refuse,
    Drop,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Delivery {
    #[default]
    AtMostOnce,
    AtLeastOnce,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Timeout {
    Millis(u64),
    Class(String),
}

/// `major.minor`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
