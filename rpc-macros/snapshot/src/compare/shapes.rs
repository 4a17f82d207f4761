//! Whether a shape still holds what a released one held. All of it can run while the compiler evaluates a constant,
//! so nothing here allocates.

use super::difference::{Difference, What};
use super::lookup::{
    Inside, Seen, are_words, definition, is_same_number, is_wider, place, same_tagging, seen,
};
use super::path::{Path, Step};
use crate::rules::Rule;
use crate::shape::{Definition, Link, List, Shape, Tagging, list, same, text};

/// Who writes a value, and who reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Old callers write it, the new server reads it: it may become wider.
    Argument,
    /// The new server writes it, old callers read it: it may become narrower.
    Answer,
}

/// A shape, and the types that it names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) shape: &'a Shape,
    pub(super) types: &'a [Definition],
}

/// Some differences at a time, the first ones first.
pub type Differences<'a> = [Option<Difference<'a>>; 8];

/// The differences that come after `skip` others, of the released shape and the present one; when they fill the list,
/// there may be more. `types` are those that the released shape names; the present one names only types that it is
/// inside of.
pub const fn differences<'a>(
    old: &'a Shape,
    types: &'a [Definition],
    new: &'a Shape,
    role: Role,
    skip: usize,
) -> Differences<'a> {
    let mut found = [None; 8];
    let mut compared = [None; 256];
    let mut walk = Walk::new(types, &[], role, &mut compared, skip, &mut found);
    walk.shapes(old, new, &Inside::Nothing);
    found
}

/// Every difference.
pub(super) fn each<'a>(old: Side<'a>, new: Side<'a>, role: Role) -> impl Iterator<Item = Difference<'a>> {
    let mut room = 16;
    loop {
        let mut found = vec![None; room];
        let mut compared = vec![None; old.types.len() * new.types.len()];
        let mut walk = Walk::new(old.types, new.types, role, &mut compared, 0, &mut found);
        walk.shapes(old.shape, new.shape, &Inside::Nothing);
        if !walk.is_full() {
            return found.into_iter().flatten();
        }
        room *= 8;
    }
}

const fn is_same_type(a: &Definition, b: &Definition) -> bool {
    same(text(&a.name), text(&b.name)) && same(text(&a.origin), text(&b.origin))
}

/// What is deeper is not compared.
const DEEPEST: usize = 128;

pub(super) struct Walk<'m, 'a> {
    pub(super) old_types: &'a [Definition],
    pub(super) new_types: &'a [Definition],
    /// Of each of the old types, the new ones that it was compared with, as many as there is room for.
    compared: &'m mut [Option<&'a Definition>],
    pub(super) role: Role,
    pub(super) path: Path<'a>,
    /// How many shapes it is inside of: more than steps of the path, since an optional one is none.
    depth: usize,
    skip: usize,
    count: usize,
    found: &'m mut [Option<Difference<'a>>],
}

impl<'m, 'a> Walk<'m, 'a> {
    const fn new(
        old_types: &'a [Definition],
        new_types: &'a [Definition],
        role: Role,
        compared: &'m mut [Option<&'a Definition>],
        skip: usize,
        found: &'m mut [Option<Difference<'a>>],
    ) -> Self {
        Self {
            old_types,
            new_types,
            compared,
            role,
            path: Path::new(),
            depth: 0,
            skip,
            count: 0,
            found,
        }
    }

    pub(super) const fn tell(&mut self, rule: Option<Rule>, what: What<'a>) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.is_full() {
            self.found[self.count] = Some(Difference {
                rule,
                path: self.path,
                what,
            });
            self.count += 1;
        }
    }

    /// Whether there is no room for another difference: then there is nothing to look for.
    pub(super) const fn is_full(&self) -> bool {
        self.count == self.found.len()
    }

    /// The rule of shapes as such.
    pub(super) const fn shape_rule(&self) -> Option<Rule> {
        Some(match self.role {
            Role::Argument => Rule::ArgSameShapeOrWider,
            Role::Answer => Rule::OkSameShapeOrNarrower,
        })
    }

    pub(super) const fn is_argument(&self) -> bool {
        matches!(self.role, Role::Argument)
    }

    pub(super) const fn shapes(&mut self, old: &'a Shape, new: &'a Shape, inside: &Inside<'_, 'a>) {
        if self.is_full() {
            return;
        }
        if self.depth > DEEPEST {
            self.tell(self.shape_rule(), What::TooDeep);
            return;
        }
        self.depth += 1;
        self.noted(old, new, inside);
        self.depth -= 1;
    }

    /// The same, with the types that they are noted, so that circles end.
    const fn noted(&mut self, old: &'a Shape, new: &'a Shape, inside: &Inside<'_, 'a>) {
        let was = definition(old, self.old_types, &Inside::Nothing);
        let is = definition(new, self.new_types, inside);
        match (was, is) {
            (Some(old), Some(new)) if inside.has(old, new) || self.was_compared(old, new) => {}
            (Some(was), Some(is)) => {
                let inside = Inside::Types {
                    old: was,
                    new: is,
                    outer: inside,
                };
                self.seen(old, new, &inside);
            }
            _ => self.seen(old, new, inside),
        }
    }

    /// Whether these two were compared already. From now on they were.
    const fn was_compared(&mut self, old: &Definition, new: &'a Definition) -> bool {
        let Some(place) = place(self.old_types, text(&old.name)) else {
            return false;
        };
        // A name alone tells types apart in a file, and nowhere else.
        if text(&new.origin).is_empty() && self.new_types.is_empty() {
            return false;
        }
        let room = self.compared.len() / self.old_types.len();
        let mut at = place * room;
        while at < (place + 1) * room {
            match self.compared[at] {
                Some(before) if is_same_type(before, new) => return true,
                Some(_) => at += 1,
                None => {
                    self.compared[at] = Some(new);
                    return false;
                }
            }
        }
        false
    }

    /// The same, once that is noted.
    const fn seen(&mut self, old: &'a Shape, new: &'a Shape, inside: &Inside<'_, 'a>) {
        match (self.old(old), self.new_one(new, inside)) {
            (Seen::Struct(old, strict), Seen::Struct(new, _)) => self.fields(old, new, strict, inside),
            (Seen::Enum(tagged, old, open), Seen::Enum(tags, new, _)) => {
                if same_tagging(tagged, tags) {
                    self.values(old, new, tagged, open, inside);
                } else {
                    self.tell(self.shape_rule(), What::Tagging);
                }
            }
            (Seen::Plain(Shape::Any), Seen::Plain(Shape::Any)) => {}
            (_, Seen::Plain(Shape::Any)) if self.is_argument() => self.tell(None, What::Shape(old, new)),
            (Seen::Plain(Shape::Any), _) if !self.is_argument() => self.tell(None, What::Shape(old, new)),
            (Seen::Plain(Shape::Optional(old)), Seen::Plain(Shape::Optional(new))) => {
                self.shapes(old.get(), new.get(), inside);
            }
            (_, Seen::Plain(Shape::Optional(within))) if self.is_argument() => {
                self.tell(None, What::Shape(old, new));
                self.shapes(old, within.get(), inside);
            }
            (Seen::Plain(Shape::Optional(within)), _) if !self.is_argument() => {
                self.tell(None, What::Shape(old, new));
                self.shapes(within.get(), new, inside);
            }
            (Seen::Plain(was), Seen::Plain(is)) => self.plain(was, is, inside),
            // Texts out of a list, where any text is read.
            (Seen::Enum(Tagging::External, values, _), Seen::Plain(Shape::Text))
                if self.is_argument() && are_words(values) =>
            {
                self.tell(None, What::Shape(old, new));
            }
            (Seen::Plain(Shape::Text), Seen::Enum(Tagging::External, values, _))
                if !self.is_argument() && are_words(values) =>
            {
                self.tell(None, What::Shape(old, new));
            }
            _ => self.tell(self.shape_rule(), What::Shape(old, new)),
        }
    }

    const fn plain(&mut self, old: &'a Shape, new: &'a Shape, inside: &Inside<'_, 'a>) {
        match (old, new) {
            (Shape::Null, Shape::Null)
            | (Shape::Bool, Shape::Bool)
            | (Shape::Char, Shape::Char)
            | (Shape::Text, Shape::Text) => {}
            (Shape::List(old), Shape::List(new)) => self.step(Step::Element, old, new, inside),
            (Shape::Array(old, length), Shape::Array(new, len)) if *length == *len => {
                self.step(Step::Element, old, new, inside);
            }
            (Shape::Map(old_key, old_value), Shape::Map(new_key, new_value)) => {
                self.keys(old_key, new_key, inside);
                self.step(Step::Element, old_value, new_value, inside);
            }
            (Shape::Tuple(old), Shape::Tuple(new)) if list(old).len() == list(new).len() => {
                let (old, new) = (list(old), list(new));
                let mut at = 0;
                while at < old.len() {
                    self.step(Step::Place(at), &old[at], &new[at], inside);
                    at += 1;
                }
            }
            // The same to JSON.
            (Shape::Tuple(parts), Shape::Array(new, len)) if list(parts).len() == *len => {
                self.places(parts, new, true, inside);
            }
            (Shape::Array(old, len), Shape::Tuple(parts)) if list(parts).len() == *len => {
                self.places(parts, old, false, inside);
            }
            // So many of these, where any number is read.
            (Shape::Array(within, _), Shape::List(new_one)) if self.is_argument() => {
                self.tell(None, What::Shape(old, new));
                self.step(Step::Element, within, new_one, inside);
            }
            (Shape::List(old_one), Shape::Array(within, _)) if !self.is_argument() => {
                self.tell(None, What::Shape(old, new));
                self.step(Step::Element, old_one, within, inside);
            }
            (Shape::Tuple(parts), Shape::List(new_one)) if self.is_argument() => {
                self.tell(None, What::Shape(old, new));
                self.places(parts, new_one, true, inside);
            }
            (Shape::List(old_one), Shape::Tuple(parts)) if !self.is_argument() => {
                self.tell(None, What::Shape(old, new));
                self.places(parts, old_one, false, inside);
            }
            _ => {
                let (narrow, wide) = if self.is_argument() {
                    (old, new)
                } else {
                    (new, old)
                };
                if is_same_number(narrow, wide) {
                    return;
                }
                let rule = if is_wider(narrow, wide) {
                    None
                } else {
                    self.shape_rule()
                };
                self.tell(rule, What::Shape(old, new));
            }
        }
    }

    /// The keys of two maps, which JSON writes as texts, also those that are numbers.
    const fn keys(&mut self, old: &'a Link, new: &'a Link, inside: &Inside<'_, 'a>) {
        let (written, read) = match (self.old(old.get()), self.new_one(new.get(), inside)) {
            (Seen::Plain(old), Seen::Plain(new)) if self.is_argument() => (old, new),
            (Seen::Plain(old), Seen::Plain(new)) => (new, old),
            _ => return self.step(Step::Key, old, new, inside),
        };
        if let (Shape::Integer { .. }, Shape::Text) = (written, read) {
            self.path.push(Step::Key);
            self.tell(None, What::Shape(old.get(), new.get()));
            self.path.pop();
        } else {
            self.step(Step::Key, old, new, inside);
        }
    }

    /// The parts of a tuple, which is the old one or the new one, with what all of the other side are.
    const fn places(
        &mut self,
        parts: &'a List<Link>,
        other: &'a Link,
        tuple_is_old: bool,
        inside: &Inside<'_, 'a>,
    ) {
        let parts = list(parts);
        let mut at = 0;
        while at < parts.len() {
            let (old, new) = if tuple_is_old {
                (&parts[at], other)
            } else {
                (other, &parts[at])
            };
            self.step(Step::Place(at), old, new, inside);
            at += 1;
        }
    }

    const fn step(&mut self, step: Step<'a>, old: &'a Link, new: &'a Link, inside: &Inside<'_, 'a>) {
        self.path.push(step);
        self.shapes(old.get(), new.get(), inside);
        self.path.pop();
    }

    pub(super) const fn old(&self, shape: &'a Shape) -> Seen<'a> {
        seen(shape, self.old_types, &Inside::Nothing)
    }

    pub(super) const fn new_one(&self, shape: &'a Shape, inside: &Inside<'_, 'a>) -> Seen<'a> {
        seen(shape, self.new_types, inside)
    }
}
