//! An API as data: what its trait declares, as far as the wire can tell.

use std::fmt;

use crate::rules::Rule;
use crate::shape::{Definition, Shape};

/// `major.minor`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// Raised when callers of the old interface are no longer served.
    pub major: u32,
    /// Raised when something is added.
    pub minor: u32,
}

impl Version {
    /// The first version after it, of its major.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            minor: self.minor.saturating_add(1),
            ..self
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A whole API.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The trait's name.
    pub name: String,
    /// The version it is at.
    pub version: Version,
    /// What it is for.
    pub docs: String,
    /// Where its servers listen.
    pub topic: Option<String>,
    /// What separates it from others of its topic.
    pub namespace: Option<String>,
    /// The latest version of an earlier major that is served too.
    pub accepts: Option<Version>,
    /// Which version a release speaks, in their order.
    pub releases: Vec<Release>,
    /// The rules that it may break itself.
    pub waivers: Vec<Waiver>,
    /// The methods, in the order of the trait.
    pub methods: Vec<Method>,
    /// The types that shapes name.
    pub types: Vec<Definition>,
}

impl Snapshot {
    /// One without methods.
    pub fn new(name: impl Into<String>, version: Version) -> Self {
        Self {
            name: name.into(),
            version,
            docs: String::new(),
            topic: None,
            namespace: None,
            accepts: None,
            releases: Vec::new(),
            waivers: Vec::new(),
            methods: Vec::new(),
            types: Vec::new(),
        }
    }

    /// The majors that are served, each with its latest version.
    pub fn latest(&self) -> impl Iterator<Item = Version> {
        self.accepts.into_iter().chain([self.version])
    }

    /// Whether callers of this version are served.
    pub fn serves(&self, version: Version) -> bool {
        self.latest().any(|latest| latest.major == version.major)
    }

    /// What a peer can tell: without docs, time limits and what else concerns one side alone. Waivers go too: they
    /// are of the step to this release, and the next is compared with it.
    #[must_use]
    pub fn released(mut self) -> Self {
        self.docs.clear();
        self.waivers.clear();
        for method in &mut self.methods {
            method.docs.clear();
            method.waivers.clear();
            method.timeout = None;
            method.monitored = false;
            method.at_least_once = false;
            for argument in &mut method.arguments {
                argument.docs.clear();
                argument.waivers.clear();
                argument.secret = false;
            }
        }
        for definition in &mut self.types {
            definition.forget_docs();
        }
        self
    }
}

/// The version that a release speaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub version: Version,
}

/// A rule towards what was released that may be broken where this stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiver {
    /// The rule.
    pub rule: Rule,
    /// Why it may be, in a line.
    pub because: String,
}

/// A method.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name on the wire.
    pub name: String,
    /// What it does.
    pub docs: String,
    /// How it may be sent.
    pub kinds: Kinds,
    /// Further names that it answers to.
    pub aliases: Vec<String>,
    /// The versions that brought it, one for each major in which it was not there from the start.
    pub since: Vec<Version>,
    /// The major version that it goes with.
    pub removed: Option<Version>,
    /// Whether its use is discouraged.
    pub deprecated: bool,
    /// Running it twice is as good as once.
    pub idempotent: bool,
    /// How long a caller waits: milliseconds or the name of a class, as written.
    pub timeout: Option<String>,
    /// The server shows signs of life while it is at work.
    pub monitored: bool,
    /// It counts as done after the reply, and not on receipt.
    pub at_least_once: bool,
    /// The rules that it may break.
    pub waivers: Vec<Waiver>,
    /// What travels to it, in the order of the trait.
    pub arguments: Vec<Argument>,
    /// What travels back.
    pub answer: Answer,
    /// The errors that callers know by their class; `None` when that is not known.
    pub errors: Option<Vec<ErrorClass>>,
}

impl Method {
    /// The version that brought it to the major of this one; `None` if it came with a later major.
    pub fn since(&self, of: Version) -> Option<Version> {
        let listed = self.since.iter().copied().find(|since| since.major == of.major);
        let first = self.since.iter().map(|since| since.major).min();
        listed.or_else(|| {
            let always = first.is_none_or(|first| first < of.major);
            always.then_some(Version { minor: 0, ..of })
        })
    }

    /// Whether the version has it.
    pub fn is_in(&self, version: Version) -> bool {
        self.since(version).is_some_and(|since| since <= version)
    }

    /// One without arguments that is sent in no way.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            docs: String::new(),
            kinds: Kinds::default(),
            aliases: Vec::new(),
            since: Vec::new(),
            removed: None,
            deprecated: false,
            idempotent: false,
            timeout: None,
            monitored: false,
            at_least_once: false,
            waivers: Vec::new(),
            arguments: Vec::new(),
            answer: Answer::Nothing,
            errors: None,
        }
    }
}

/// How a method may be sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Kinds {
    /// To one server, which answers.
    pub call: bool,
    /// To one server, which does not answer.
    pub cast: bool,
    /// To every server.
    pub fanout: bool,
    /// To one server, which answers with items.
    pub stream: bool,
}

impl Kinds {
    /// Each kind: its word, and whether it is one of these.
    pub const fn each(self) -> [(&'static str, bool); 4] {
        [
            ("call", self.call),
            ("cast", self.cast),
            ("fanout", self.fanout),
            ("stream", self.stream),
        ]
    }
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its key on the wire.
    pub name: String,
    /// What it is for.
    pub docs: String,
    /// What it holds; `None` when only its declaration is known.
    pub shape: Option<Shape>,
    /// Calls may come without it.
    pub optional: bool,
    /// The versions that brought it, one for each major in which the method was there before.
    pub since: Vec<Version>,
    /// The version from which on it is not sent.
    pub until: Option<Version>,
    /// The versions before which it had another form, which is still read.
    pub below: Vec<Version>,
    /// What it is when it is absent, as written in Rust; empty for the default of its type.
    pub default: Option<String>,
    /// Never written to a log.
    pub secret: bool,
    /// The rules that it may break.
    pub waivers: Vec<Waiver>,
}

impl Argument {
    /// The version that brought it to the major of this one; `None` if it was there with the method.
    pub fn since(&self, of: Version) -> Option<Version> {
        self.since.iter().copied().find(|since| since.major == of.major)
    }

    /// Whether the version has it, if it has the method.
    pub fn is_in(&self, version: Version) -> bool {
        match self.since(version) {
            Some(since) => since <= version,
            None => self.since.is_empty() || self.since.iter().any(|since| since.major < version.major),
        }
    }

    /// Whether what callers of this version send is made into today's form before it is read.
    pub fn is_converted_from(&self, version: Version) -> bool {
        self.below.iter().any(|below| version < *below)
    }

    /// One that every call has.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            docs: String::new(),
            shape: None,
            optional: false,
            since: Vec::new(),
            until: None,
            below: Vec::new(),
            default: None,
            secret: false,
            waivers: Vec::new(),
        }
    }
}

/// What travels back; a shape is `None` when only the declaration is known.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nothing does.
    Nothing,
    /// One value.
    Value(Option<Shape>),
    /// Any number of items.
    Items(Option<Shape>),
}

/// An error as peers know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorClass {
    /// The module of the exception.
    pub module: String,
    /// The class of the exception.
    pub class: String,
    /// What it is called in Rust.
    pub variant: String,
}
