//! Methods: which there are, how they may be sent, what is promised of them, and what they answer with.

use super::{At, Changes, Role};
use crate::model::{Answer, ErrorClass, Method, Version};
use crate::rules::Rule;

impl<'a> Changes<'a> {
    pub(super) fn methods(&mut self) {
        let (old, new) = (self.old, self.new);
        let mut renamed = Vec::new();
        for (at, was) in old.methods.iter().enumerate() {
            match new.methods.iter().find(|is| is.name == was.name) {
                Some(is) => {
                    self.since(was, is);
                    self.method(was, is);
                }
                // Renamed, and the old name still answered to.
                None => match new.methods.iter().find(|is| is.aliases.contains(&was.name)) {
                    Some(is) => {
                        if !self.was_released(is) {
                            self.renamed(was, is);
                        }
                        self.method(was, is);
                    }
                    None => renamed.extend(self.gone(at, was)),
                },
            }
        }
        for is in &new.methods {
            let answers_to = |was: &Method| was.name == is.name || is.aliases.contains(&was.name);
            if old.methods.iter().any(answers_to) {
                self.further_names(is);
            } else if !renamed.contains(&is.name.as_str()) {
                self.added(is);
            }
        }
    }

    /// Returns the name that it seems to have got instead.
    fn gone(&mut self, at: usize, was: &Method) -> Option<&'a str> {
        let name = &was.name;
        let text = match was.removed {
            Some(removed) => format!(
                "'{name}' may go with {removed} (its 'removed'), this is {}",
                self.new.version
            ),
            None => {
                format!(
                    "method '{name}' is in the released API and is gone: old callers would get NoSuchMethod"
                )
            }
        };
        let (old, new) = (self.old, self.new);
        let renamed = (old.methods.len() == new.methods.len())
            .then(|| new.methods.get(at).filter(|is| !self.was_released(is)))
            .flatten();
        let help = match renamed {
            Some(is) => format!("did you rename it to '{}'? add name = \"{name}\"", is.name),
            None => format!(
                "keep it #[deprecated], or start major {}",
                was.removed
                    .map_or(old.version.major.saturating_add(1), |removed| removed.major)
            ),
        };
        self.breaks(Rule::MethodNoDelete, At::Api, text, Some(help));
        renamed.map(|is| is.name.as_str())
    }

    /// Whether it has the name of a method that was.
    pub(super) fn was_released(&self, is: &Method) -> bool {
        self.old.methods.iter().any(|was| was.name == is.name)
    }

    fn added(&mut self, is: &Method) {
        let name = &is.name;
        let at = At::Method(name.clone());
        if !self.is_raised() {
            self.new_without_a_version(at, name);
        } else if let Some(released) = self.still_served().find(|&released| is.is_in(released)) {
            self.lacked(is, released);
        } else {
            self.keeps(at, format!("method '{name}' is new"));
        }
    }

    /// Servers of a released version lack the method, and its history says that they have it.
    fn lacked(&mut self, is: &Method, released: Version) {
        let name = &is.name;
        self.breaks(
            Rule::MethodAddedHasSince,
            At::Method(name.clone()),
            format!("'{name}' is new since {released} was released: servers of {released} lack it"),
            Some(format!("since = \"{}\"", released.next())),
        );
    }

    /// Of several versions the first is told: what is mended there may mend the others.
    fn since(&mut self, was: &Method, is: &Method) {
        for released in self.still_served() {
            match (was.since(released), is.since(released)) {
                (Some(then), now) if now != Some(then) => {
                    return self.breaks(
                        Rule::MethodSameSince,
                        At::Method(is.name.clone()),
                        format!("'since' was \"{then}\" when {released} was released"),
                        Some(format!("since = \"{then}\"")),
                    );
                }
                (None, Some(now)) if now <= released => return self.lacked(is, released),
                _ => {}
            }
        }
    }

    /// What is sent by a new name reaches no server that does not know it: a version holds it back.
    fn renamed(&mut self, was: &Method, is: &Method) {
        let (old, new) = (&was.name, &is.name);
        let known = was.aliases.contains(new);
        let sent_too_early = self.still_served().find(|&released| match is.since(released) {
            Some(since) if known => since < released,
            Some(since) => since <= released,
            None => false,
        });
        let at = At::Method(new.clone());
        let Some(released) = sent_too_early else {
            return self.keeps(at, format!("method '{old}' is sent as '{new}' now"));
        };
        let (text, since) = if known {
            // Which of them learnt it before is not known.
            (
                format!("servers from before {released} may not know it"),
                released,
            )
        } else {
            (format!("servers of {released} do not know it"), released.next())
        };
        self.breaks(
            Rule::MethodSameName,
            at,
            format!("'{old}' is sent as '{new}' now, and {text}"),
            Some(format!(
                "name = \"{old}\", or since = \"{since}\" for a name that is sent from then on"
            )),
        );
    }

    /// The version tells who knows a name that is sent later on.
    fn further_names(&mut self, is: &Method) {
        let name = &is.name;
        for alias in &is.aliases {
            let released = |was: &Method| was.name == *alias || was.aliases.contains(alias);
            if !self.old.methods.iter().any(released) {
                let text = format!("'{name}' answers to '{alias}' too");
                self.changed(At::Method(name.clone()), text);
            }
        }
    }

    fn method(&mut self, was: &Method, is: &Method) {
        let name = &is.name;
        let released = self.old.version;
        let at = || At::Method(name.clone());
        for ((kind, could), (_, can)) in was.kinds.each().into_iter().zip(is.kinds.each()) {
            if could && !can {
                let done = match kind {
                    "call" => "called",
                    "stream" => "called for a stream",
                    "fanout" => "fanned out",
                    kind => kind,
                };
                self.breaks(
                    Rule::MethodSameKindsOrMore,
                    at(),
                    format!("'{name}' could be {done} when {released} was released"),
                    Some(format!("keep '{kind}'")),
                );
            } else if can && !could {
                self.keeps(at(), format!("'{name}' is now sent as {kind} too"));
            }
        }
        if was.idempotent && !is.idempotent {
            self.breaks(
                Rule::MethodSameIdempotencyOrMore,
                at(),
                format!("'{name}' was idempotent when {released} was released: callers repeat it"),
                Some("keep 'idempotent'".to_owned()),
            );
        }
        for alias in &was.aliases {
            if *alias != is.name && !is.aliases.contains(alias) {
                self.breaks(
                    Rule::MethodAliasNoDelete,
                    at(),
                    format!("'{name}' answered to '{alias}' when {released} was released"),
                    Some(format!("alias = [\"{alias}\"]")),
                );
            }
        }
        self.removed(was, is);
        self.arguments(was, is);
        self.answer(was, is);
        self.errors(was, is);
    }

    /// A method stays as long as was promised.
    pub(super) fn removed(&mut self, was: &Method, is: &Method) {
        if let (Some(then), Some(now)) = (was.removed, is.removed)
            && now < then
        {
            self.breaks(
                Rule::MethodNoDelete,
                At::Method(is.name.clone()),
                format!(
                    "'{}' was to stay until {then} when {} was released, not {now}",
                    is.name, self.old.version
                ),
                Some(format!("removed = \"{then}\", or a later one")),
            );
        }
    }

    fn answer(&mut self, was: &Method, is: &Method) {
        let at = At::Answer(is.name.clone());
        match (&was.answer, &is.answer) {
            (Answer::Value(then), Answer::Value(now)) | (Answer::Items(then), Answer::Items(now)) => {
                let what = format!("the answer of '{}'", is.name);
                self.shapes(then.as_ref(), now.as_ref(), Role::Answer, &what, &at);
            }
            // Another kind, which is told.
            _ => {}
        }
    }

    fn errors(&mut self, was: &Method, is: &Method) {
        let (Some(then), Some(now)) = (&was.errors, &is.errors) else {
            return;
        };
        let known = |list: &[ErrorClass], error: &ErrorClass| {
            list.iter()
                .any(|other| (&other.module, &other.class) == (&error.module, &error.class))
        };
        for error in then.iter().filter(|error| !known(now, error)) {
            let ErrorClass {
                module,
                class,
                variant,
            } = error;
            let renamed = now
                .iter()
                .find(|other| other.variant == *variant && !known(then, other));
            let at = At::Answer(is.name.clone());
            match renamed {
                Some(other) => self.breaks(
                    Rule::ErrorSameClass,
                    at,
                    format!(
                        "error '{variant}' of '{}' was released as {module}.{class}",
                        is.name
                    ),
                    Some(format!("it is {}.{} now", other.module, other.class)),
                ),
                None => self.breaks(
                    Rule::ErrorNoDelete,
                    at,
                    format!("error {module}.{class} of '{}' was released and is gone", is.name),
                    None,
                ),
            }
        }
    }
}
