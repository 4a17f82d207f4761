//! Methods and their arguments.

use super::shapes::{Side, each};
use super::{At, Changes, Role};
use crate::model::{Answer, Argument, ErrorClass, Method};
use crate::rules::Rule;
use crate::shape::Shape;

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
                    Some(is) => self.method(was, is),
                    None => renamed.extend(self.gone(at, was)),
                },
            }
        }
        for is in &new.methods {
            if !old.methods.iter().any(|was| was.name == is.name) && !renamed.contains(&is.name.as_str()) {
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
        let is_new = |is: &&Method| !old.methods.iter().any(|was| was.name == is.name);
        let renamed = (old.methods.len() == new.methods.len())
            .then(|| new.methods.get(at).filter(is_new))
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

    fn added(&mut self, is: &Method) {
        let (name, released, next) = (&is.name, self.old.version, self.next());
        let at = At::Method(name.clone());
        if !self.is_raised() {
            self.breaks(
                Rule::ApiVersionRaisedWhenChanged,
                at,
                format!(
                    "'{name}' is new since {released} was released, but the version is still \"{released}\""
                ),
                Some(format!("version = \"{next}\" and since = \"{next}\"")),
            );
        } else if is.since(released).is_some_and(|since| since <= released) {
            self.breaks(
                Rule::MethodAddedHasSince,
                at,
                format!("'{name}' is new since {released} was released: servers of {released} lack it"),
                Some(format!("since = \"{next}\"")),
            );
        } else {
            self.keeps(at, format!("method '{name}' is new"));
        }
    }

    fn since(&mut self, was: &Method, is: &Method) {
        let released = self.old.version;
        let (then, now) = (was.since(released), is.since(released));
        if let Some(then) = then.filter(|_| then != now) {
            self.breaks(
                Rule::MethodSameSince,
                At::Method(is.name.clone()),
                format!("'since' was \"{then}\" when {released} was released"),
                Some(format!("since = \"{then}\"")),
            );
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

    fn arguments(&mut self, was: &Method, is: &Method) {
        let has = |method: &Method, name: &str| method.arguments.iter().any(|other| other.name == name);
        let mut renamed = Vec::new();
        for (at, then) in was.arguments.iter().enumerate() {
            if let Some(now) = is.arguments.iter().find(|now| now.name == then.name) {
                self.argument(is, then, now);
                continue;
            }
            let (name, method) = (&then.name, &is.name);
            let released = match then.since(self.old.version) {
                Some(since) => format!("released in {since}"),
                None => "released".to_owned(),
            };
            let text = format!("argument '{name}' of '{method}' was {released} and is gone");
            match is.arguments.get(at).filter(|now| !has(was, &now.name)) {
                Some(now) => {
                    renamed.push(&now.name);
                    let help = format!("did you rename it to '{}'? add name = \"{name}\"", now.name);
                    let place = At::Argument(method.clone(), now.name.clone());
                    self.breaks(Rule::ArgSameName, place, text, Some(help));
                }
                None => {
                    let help = "keep it: 'until' ends the sending, and old callers are still understood";
                    self.breaks(
                        Rule::ArgNoDelete,
                        At::Method(method.clone()),
                        text,
                        Some(help.to_owned()),
                    );
                }
            }
        }
        for now in &is.arguments {
            if !has(was, &now.name) && !renamed.contains(&&now.name) {
                self.added_argument(is, now);
            }
        }
    }

    fn added_argument(&mut self, method: &Method, now: &Argument) {
        let (name, released, next) = (&now.name, self.old.version, self.next());
        let at = At::Argument(method.name.clone(), name.clone());
        if !now.optional {
            self.breaks(
                Rule::ArgAddedIsOptional,
                at,
                format!("'{name}' is new on a released method: callers at {released} do not send it"),
                Some(format!("since = \"{next}\" and Option<..>")),
            );
        } else if !self.is_raised() {
            self.breaks(
                Rule::ApiVersionRaisedWhenChanged,
                at,
                format!(
                    "'{name}' is new since {released} was released, but the version is still \"{released}\""
                ),
                Some(format!("version = \"{next}\" and since = \"{next}\"")),
            );
        } else if now.since(released).is_none_or(|since| since <= released) {
            self.breaks(
                Rule::ArgAddedHasSince,
                at,
                format!("'{name}' is new since {released} was released: servers of {released} refuse it"),
                Some(format!("since = \"{next}\"")),
            );
        } else {
            self.keeps(at, format!("argument '{name}' of '{}' is new", method.name));
        }
    }

    fn argument(&mut self, method: &Method, then: &Argument, now: &Argument) {
        let (name, released) = (&now.name, self.old.version);
        let at = || At::Argument(method.name.clone(), name.clone());
        let was = then.since(released);
        // A method under a new name is new to who calls it by that: all its arguments came with it.
        let renamed = self.old.methods.iter().all(|was| was.name != method.name);
        if was != now.since(released) && !renamed {
            let (text, help) = match was {
                Some(since) => (
                    format!("'since' was \"{since}\" when {released} was released"),
                    format!("since = \"{since}\""),
                ),
                None => (
                    format!("'{name}' had no 'since' when {released} was released"),
                    "leave 'since' out".to_owned(),
                ),
            };
            self.breaks(Rule::ArgSameSince, at(), text, Some(help));
        }
        if then.optional && !now.optional {
            self.breaks(
                Rule::ArgNotMadeRequired,
                at(),
                format!("callers could leave '{name}' out when {released} was released"),
                Some("make it Option<..> or add 'default'".to_owned()),
            );
        } else if now.optional && !then.optional {
            self.changed(
                at(),
                format!("argument '{name}' of '{}' may be left out", method.name),
            );
        }
        if then.optional && now.optional && then.default != now.default {
            let was = match then.default.as_deref() {
                None => "nothing".to_owned(),
                Some("") => "the default of its type".to_owned(),
                Some(default) => default.to_owned(),
            };
            let help = match then.default.as_deref() {
                None => "leave 'default' out".to_owned(),
                Some("") => "write 'default'".to_owned(),
                Some(default) => format!("default = {default}"),
            };
            self.breaks(
                Rule::ArgSameDefault,
                at(),
                format!("an absent '{name}' was {was} when {released} was released"),
                // Unlike others it may be meant, and breaks nobody who sends the argument.
                Some(format!(
                    "{help}; or, if nobody relies on it: breaks = \"{}\", because = \"..\"",
                    Rule::ArgSameDefault
                )),
            );
        }
        match (then.until, now.until) {
            (was, Some(is)) if is <= released && was.is_none_or(|was| is < was) => self.breaks(
                Rule::ArgNoDelete,
                at(),
                format!("'{name}' was sent to servers of {is} when {released} was released: they expect it"),
                Some(format!("until = \"{}\"", was.unwrap_or(self.next()))),
            ),
            (None, Some(_)) => self.changed(
                at(),
                format!("argument '{name}' of '{}' is no longer sent", method.name),
            ),
            _ => {}
        }
        self.forms(method, then, now);
    }

    /// What is read: today's form, and those of before.
    fn forms(&mut self, method: &Method, then: &Argument, now: &Argument) {
        let (name, released) = (&now.name, self.old.version);
        let at = At::Argument(method.name.clone(), name.clone());
        for below in then.below.iter().filter(|below| !now.below.contains(below)) {
            self.breaks(
                Rule::ArgSameShapeOrWider,
                at.clone(),
                format!("'{name}' was read in its form from before {below} when {released} was released"),
                Some(format!("keep below(\"{below}\", ..)")),
            );
        }
        let what = format!("argument '{name}' of '{}'", method.name);
        if now.is_converted_from(released) {
            self.changed(at, format!("{what} has another form"));
        } else {
            self.shapes(
                then.shape.as_ref(),
                now.shape.as_ref(),
                Role::Argument,
                &what,
                &at,
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
}
