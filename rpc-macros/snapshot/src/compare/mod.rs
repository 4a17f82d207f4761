//! What changed from one snapshot to another, and which rule it breaks.

mod arguments;
mod difference;
mod fields;
mod lookup;
mod methods;
mod path;
mod shapes;
mod values;

use crate::model::{Snapshot, Version, Waiver};
use crate::rules::Rule;
use crate::shape::Shape;

pub use difference::Difference;
pub use shapes::{Differences, Role, differences};
use shapes::{Side, each};

/// What is different.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The rule that is broken; `None` when none is.
    pub rule: Option<Rule>,
    /// Where it is.
    pub at: At,
    /// What it is.
    pub text: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Why the rule may be broken, where the newer API says so.
    pub waived: Option<String>,
}

impl Change {
    /// The rule that is broken and not waived.
    pub fn broken(&self) -> Option<Rule> {
        self.rule.filter(|_| self.waived.is_none())
    }
}

/// A part of the newer API, by its names on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum At {
    /// All of it: what is gone has no other place.
    Api,
    /// Its version.
    Version,
    /// Its topic.
    Topic,
    /// Its namespace.
    Namespace,
    /// The earlier version that it accepts.
    Accepts,
    /// The version of this release.
    Release(String),
    /// A method.
    Method(String),
    /// An argument of a method.
    Argument(String, String),
    /// What a method answers with.
    Answer(String),
}

/// Everything that changed, in the order of the newer API. A new major version serves no older caller, so only what
/// was promised to stay until a later one is looked at then.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = Changes {
        old,
        new,
        found: Vec::new(),
    };
    if new.version < old.version {
        changes.breaks(
            Rule::ApiVersionNotLowered,
            At::Version,
            format!("{} is released; \"{}\" goes back", old.version, new.version),
            Some(format!("version = \"{}\", or a later one", old.version)),
        );
        // What has gone back with it is no mistake of its own.
        return changes.found;
    }
    if changes.is_new_major() {
        changes.removed_too_early();
        return changes.found;
    }
    changes.address();
    changes.served();
    changes.releases();
    changes.methods();
    changes.found
}

struct Changes<'a> {
    old: &'a Snapshot,
    new: &'a Snapshot,
    found: Vec<Change>,
}

impl<'a> Changes<'a> {
    fn breaks(&mut self, rule: Rule, at: At, text: String, help: Option<String>) {
        let waiver = self.waivers(&at).iter().find(|waiver| waiver.rule == rule);
        self.found.push(Change {
            waived: waiver.map(|waiver| waiver.because.clone()),
            rule: Some(rule),
            at,
            text,
            help,
        });
    }

    /// Those of the part of the newer API.
    fn waivers(&self, at: &At) -> &[Waiver] {
        let method = |name: &String| self.new.methods.iter().find(|method| method.name == *name);
        match at {
            At::Method(name) | At::Answer(name) => method(name).map(|method| &method.waivers),
            At::Argument(name, argument) => method(name)
                .and_then(|method| method.arguments.iter().find(|found| found.name == *argument))
                .map(|argument| &argument.waivers),
            _ => Some(&self.new.waivers),
        }
        .map_or(&[], Vec::as_slice)
    }

    fn keeps(&mut self, at: At, text: String) {
        self.found.push(Change {
            rule: None,
            at,
            text,
            help: None,
            waived: None,
        });
    }

    /// Something that breaks no caller, but is another interface.
    fn changed(&mut self, at: At, text: String) {
        if self.is_raised() {
            self.keeps(at, text);
        } else {
            let (released, next) = (self.old.version, self.next());
            self.breaks(
                Rule::ApiVersionRaisedWhenChanged,
                at,
                format!("{text}, but the version is still \"{released}\""),
                Some(format!("version = \"{next}\"")),
            );
        }
    }

    /// Something that is sent from now on, and no version holds it back from servers that do not know it.
    fn new_without_a_version(&mut self, at: At, name: &str) {
        let (released, next) = (self.old.version, self.next());
        self.breaks(
            Rule::ApiVersionRaisedWhenChanged,
            at,
            format!("'{name}' is new since {released} was released, but the version is still \"{released}\""),
            Some(format!("version = \"{next}\" and since = \"{next}\"")),
        );
    }

    /// What is different in a value, where both tell its shape.
    fn shapes(&mut self, then: Option<&Shape>, now: Option<&Shape>, role: Role, what: &str, at: &At) {
        let (Some(then), Some(now)) = (then, now) else {
            return;
        };
        let then = Side {
            shape: then,
            types: &self.old.types,
        };
        let now = Side {
            shape: now,
            types: &self.new.types,
        };
        for difference in each(then, now, role) {
            let text = format!("{what}{}", difference.text());
            match difference.rule {
                Some(rule) => self.breaks(rule, at.clone(), text, None),
                None => self.changed(at.clone(), text),
            }
        }
    }

    fn is_new_major(&self) -> bool {
        !self.new.serves(self.old.version)
    }

    fn is_raised(&self) -> bool {
        self.new.version > self.old.version
    }

    /// What to raise the version to.
    fn next(&self) -> Version {
        self.old.version.next()
    }

    /// The latest released version of each major that is still served, that of the API first.
    fn still_served(&self) -> impl Iterator<Item = Version> + use<'a> {
        let (old, new) = (self.old, self.new);
        let released = [Some(old.version), old.accepts].into_iter().flatten();
        released.filter(|&version| new.serves(version))
    }

    fn address(&mut self) {
        let (old, new) = (self.old, self.new);
        let parts = [
            (
                "namespace",
                &old.namespace,
                &new.namespace,
                Rule::ApiSameNamespace,
                At::Namespace,
            ),
            ("topic", &old.topic, &new.topic, Rule::ApiSameTopic, At::Topic),
        ];
        for (what, was, is, rule, at) in parts {
            if was == is {
                continue;
            }
            let (text, help) = match was {
                Some(was) => (
                    format!("the released API has the {what} '{was}'"),
                    format!("{what} = \"{was}\""),
                ),
                None => (
                    format!("the released API has no {what}"),
                    format!("leave '{what}' out"),
                ),
            };
            self.breaks(rule, at, text, Some(help));
        }
    }

    /// Callers of another major: they go with a new one, and not before.
    fn served(&mut self) {
        let (old, new) = (self.old, self.new);
        for was in old.latest() {
            let (kept, at) = match new.latest().find(|is| is.major == was.major) {
                Some(is) => (is >= was, At::Accepts),
                None => (new.version.major > old.version.major, At::Version),
            };
            if !kept {
                self.breaks(
                    Rule::ApiVersionNotLowered,
                    at,
                    format!("callers of {was} were served when {} was released", old.version),
                    Some(format!("accepts = \"{was}\"")),
                );
            }
        }
    }

    fn releases(&mut self) {
        for was in &self.old.releases {
            let version = was.version;
            match self.new.releases.iter().find(|is| is.name == was.name) {
                Some(is) if is.version == version => {}
                Some(is) => self.breaks(
                    Rule::ApiReleasesAppendOnly,
                    At::Release(was.name.clone()),
                    format!("release '{}' speaks {version}, not {}", was.name, is.version),
                    Some(format!("{} = \"{version}\"", was.name)),
                ),
                None => self.breaks(
                    Rule::ApiReleasesAppendOnly,
                    At::Api,
                    format!("release '{}' was there and is gone", was.name),
                    Some(format!("releases({} = \"{version}\", ..)", was.name)),
                ),
            }
        }
    }

    /// With a new major version, what was promised to stay beyond it.
    fn removed_too_early(&mut self) {
        let (old, new) = (self.old, self.new);
        let version = new.version;
        for was in &old.methods {
            let Some(removed) = was.removed.filter(|removed| version < *removed) else {
                continue;
            };
            match new.methods.iter().find(|is| is.name == was.name) {
                Some(is) => self.removed(was, is),
                None => self.breaks(
                    Rule::MethodNoDelete,
                    At::Api,
                    format!(
                        "'{}' may go with {removed} (its 'removed'), this is {version}",
                        was.name
                    ),
                    None,
                ),
            }
        }
    }
}
