//! The arguments of a method: which there are, when they are sent, and what an absent one is.

use super::{At, Changes, Role};
use crate::model::{Argument, Method};
use crate::rules::Rule;

impl Changes<'_> {
    pub(super) fn arguments(&mut self, was: &Method, is: &Method) {
        let has = |method: &Method, name: &str| method.arguments.iter().any(|other| other.name == name);
        let mut renamed = Vec::new();
        for (at, then) in was.arguments.iter().enumerate() {
            if let Some(now) = is.arguments.iter().find(|now| now.name == then.name) {
                // What is sent by another name came with that.
                if was.name == is.name {
                    self.same_since(is, then, now);
                }
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
                self.added_argument(was, is, now);
            }
        }
    }

    fn added_argument(&mut self, was: &Method, method: &Method, now: &Argument) {
        // One that answers for another sends nothing anew.
        let is_sent = was.name == method.name || !self.was_released(method);
        let (name, released, next) = (&now.name, self.old.version, self.next());
        let at = At::Argument(method.name.clone(), name.clone());
        if !now.optional {
            self.breaks(
                Rule::ArgAddedIsOptional,
                at,
                format!("'{name}' is new on a released method: callers at {released} do not send it"),
                Some(format!("since = \"{next}\" and Option<..>")),
            );
        } else if is_sent && !self.is_raised() {
            self.new_without_a_version(at, name);
        } else if let Some(released) = self
            .still_served()
            .find(|&released| is_sent && method.is_in(released) && now.is_in(released))
        {
            self.breaks(
                Rule::ArgAddedHasSince,
                at,
                format!("'{name}' is new since {released} was released: servers of {released} refuse it"),
                Some(format!("since = \"{}\"", released.next())),
            );
        } else {
            self.keeps(at, format!("argument '{name}' of '{}' is new", method.name));
        }
    }

    fn argument(&mut self, method: &Method, then: &Argument, now: &Argument) {
        let (name, released) = (&now.name, self.old.version);
        let at = || At::Argument(method.name.clone(), name.clone());
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

    fn same_since(&mut self, method: &Method, then: &Argument, now: &Argument) {
        let name = &now.name;
        let other = self.still_served().find_map(|released| {
            let (was, is) = (then.since(released), now.since(released));
            // It may come to a major that it was not in.
            let comes = !then.is_in(released) && is.is_some_and(|is| is > released);
            (was != is && !(was.is_none() && comes)).then_some((released, was))
        });
        let Some((released, was)) = other else {
            return;
        };
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
        let at = At::Argument(method.name.clone(), name.clone());
        self.breaks(Rule::ArgSameSince, at, text, Some(help));
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
}
