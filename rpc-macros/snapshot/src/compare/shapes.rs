//! Whether a shape still holds what a released one held. All of it can run while the compiler evaluates a constant,
//! so nothing here allocates.

use super::difference::{Difference, What};
use super::lookup::{
    Inside, Seen, definition, find, is_same_number, is_wider, place, same_tagging, seen, value,
};
use super::path::{Path, Step};
use crate::rules::Rule;
use crate::shape::{Content, Definition, Field, Link, Shape, Tagging, Value, list, text};

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

/// The difference that comes after `skip` others, of the released shape and the present one. `types` are those that
/// the released shape names; the present one names only types that it is inside of.
pub const fn difference<'a>(
    old: &'a Shape,
    types: &'a [Definition],
    new: &'a Shape,
    role: Role,
    skip: usize,
) -> Option<Difference<'a>> {
    let mut walk = Walk::new(types, &[], role, skip, &mut []);
    walk.shapes(old, new, &Inside::Nothing);
    walk.found
}

/// Every difference.
pub(super) fn each<'a>(old: Side<'a>, new: Side<'a>, role: Role) -> impl Iterator<Item = Difference<'a>> {
    (0..).map_while(move |skip| {
        let mut compared = vec![false; old.types.len() * new.types.len()];
        let mut walk = Walk::new(old.types, new.types, role, skip, &mut compared);
        walk.shapes(old.shape, new.shape, &Inside::Nothing);
        walk.found
    })
}

/// What is deeper is not compared.
const DEEPEST: usize = 128;

struct Walk<'m, 'a> {
    old_types: &'a [Definition],
    new_types: &'a [Definition],
    /// Of each of the old types, which of the new ones it was compared with. Where the new types are a constant's, their
    /// names tell them not apart, so this is empty.
    compared: &'m mut [bool],
    role: Role,
    path: Path<'a>,
    /// How many shapes it is inside of: more than steps of the path, since an optional one is none.
    depth: usize,
    skip: usize,
    found: Option<Difference<'a>>,
}

impl<'m, 'a> Walk<'m, 'a> {
    const fn new(
        old_types: &'a [Definition],
        new_types: &'a [Definition],
        role: Role,
        skip: usize,
        compared: &'m mut [bool],
    ) -> Self {
        Self {
            old_types,
            new_types,
            compared,
            role,
            path: Path::new(),
            depth: 0,
            skip,
            found: None,
        }
    }

    const fn tell(&mut self, rule: Option<Rule>, what: What<'a>) {
        if self.found.is_some() {
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.found = Some(Difference {
            rule,
            path: self.path,
            what,
        });
    }

    /// The rule of shapes as such.
    const fn shape_rule(&self) -> Option<Rule> {
        Some(match self.role {
            Role::Argument => Rule::ArgSameShapeOrWider,
            Role::Answer => Rule::OkSameShapeOrNarrower,
        })
    }

    const fn is_argument(&self) -> bool {
        matches!(self.role, Role::Argument)
    }

    const fn shapes(&mut self, old: &'a Shape, new: &'a Shape, inside: &Inside<'_, 'a>) {
        if self.found.is_some() {
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
    const fn was_compared(&mut self, old: &Definition, new: &Definition) -> bool {
        match (
            place(self.old_types, text(&old.name)),
            place(self.new_types, text(&new.name)),
        ) {
            (Some(old), Some(new)) => {
                let at = old * self.new_types.len() + new;
                let was = self.compared[at];
                self.compared[at] = true;
                was
            }
            _ => false,
        }
    }

    /// The same, once that is noted.
    const fn seen(&mut self, old: &'a Shape, new: &'a Shape, inside: &Inside<'_, 'a>) {
        match (self.old(old), self.new_one(new, inside)) {
            (Seen::Struct(old, strict), Seen::Struct(new, _)) => self.fields(old, new, strict, inside),
            (Seen::Enum(tagged, old, open), Seen::Enum(tags, new, _)) => {
                if same_tagging(tagged, tags) {
                    self.values(old, new, matches!(tagged, Tagging::Untagged), open, inside);
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
                self.step(Step::Key, old_key, new_key, inside);
                self.step(Step::Element, old_value, new_value, inside);
            }
            (Shape::Tuple(old), Shape::Tuple(new)) if list(old).len() == list(new).len() => {
                let (old, new) = (list(old), list(new));
                let mut at = 0;
                while at < old.len() {
                    self.path.push(Step::Place(at));
                    self.shapes(old[at].get(), new[at].get(), inside);
                    self.path.pop();
                    at += 1;
                }
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

    const fn step(&mut self, step: Step<'a>, old: &'a Link, new: &'a Link, inside: &Inside<'_, 'a>) {
        self.path.push(step);
        self.shapes(old.get(), new.get(), inside);
        self.path.pop();
    }

    /// The fields of two objects.
    const fn fields(&mut self, old: &'a [Field], new: &'a [Field], strict: bool, inside: &Inside<'_, 'a>) {
        self.released_fields(old, old, new, inside);
        self.new_fields(old, new, new, strict || self.takes_others_for_data(old), inside);
    }

    /// Whether a reader of these fields puts all others into a map, whose values are of one kind.
    const fn takes_others_for_data(&self, fields: &'a [Field]) -> bool {
        let mut at = 0;
        while at < fields.len() {
            if fields[at].flatten
                && let Seen::Plain(Shape::Map(_, value)) = self.old(fields[at].shape.get())
                && !matches!(self.old(value.get()), Seen::Plain(Shape::Any))
            {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Each of `some`, which are fields of `old` or stand in the place of one.
    const fn released_fields(
        &mut self,
        some: &'a [Field],
        old: &'a [Field],
        new: &'a [Field],
        inside: &Inside<'_, 'a>,
    ) {
        let mut at = 0;
        while at < some.len() && self.found.is_none() {
            let field = &some[at];
            if field.flatten {
                match self.old(field.shape.get()) {
                    Seen::Struct(within, _) => self.released_fields(within, old, new, inside),
                    _ => self.flattened(at, some, new, inside),
                }
            } else {
                match find(self.new_types, new, text(&field.name), inside) {
                    Some(is) => {
                        self.path.push(Step::Field(text(&field.name)));
                        self.field(field, is, inside);
                        self.path.pop();
                    }
                    None => match self.renamed(at, some, old, new) {
                        Some(is) => self.tell(
                            Some(Rule::TypeFieldSameName),
                            What::FieldRenamed(text(&field.name), text(&is.name)),
                        ),
                        None => self.tell(Some(Rule::TypeFieldNoDelete), What::FieldGone(text(&field.name))),
                    },
                }
            }
            at += 1;
        }
    }

    /// A map or an enum whose fields stand among the others: the first is compared with the first, and so on.
    const fn flattened(&mut self, at: usize, some: &'a [Field], new: &'a [Field], inside: &Inside<'_, 'a>) {
        let (mut before, mut earlier) = (0, 0);
        while earlier < at {
            let shape = some[earlier].shape.get();
            if some[earlier].flatten && !matches!(self.old(shape), Seen::Struct(..)) {
                before += 1;
            }
            earlier += 1;
        }
        let mut now = 0;
        while now < new.len() {
            let shape = new[now].shape.get();
            if new[now].flatten && !matches!(self.new_one(shape, inside), Seen::Struct(..)) {
                if before == 0 {
                    return self.shapes(some[at].shape.get(), shape, inside);
                }
                before -= 1;
            }
            now += 1;
        }
        self.tell(Some(Rule::TypeFieldNoDelete), What::FieldGone("(flattened)"));
    }

    /// The new field that stands where a released one was, if all that happened is a new name.
    const fn renamed(
        &self,
        at: usize,
        some: &'a [Field],
        old: &'a [Field],
        new: &'a [Field],
    ) -> Option<&'a Field> {
        if some.len() != old.len() || old.len() != new.len() || new[at].flatten {
            return None;
        }
        match find(self.old_types, old, text(&new[at].name), &Inside::Nothing) {
            Some(_) => None,
            None => Some(&new[at]),
        }
    }

    /// Each of `some`, which are fields of `new` or stand in the place of one.
    const fn new_fields(
        &mut self,
        old: &'a [Field],
        new: &'a [Field],
        some: &'a [Field],
        strict: bool,
        inside: &Inside<'_, 'a>,
    ) {
        let mut at = 0;
        while at < some.len() && self.found.is_none() {
            let field = &some[at];
            let name = text(&field.name);
            if field.flatten {
                if let Seen::Struct(within, _) = self.new_one(field.shape.get(), inside) {
                    self.new_fields(old, new, within, strict, inside);
                }
            } else if find(self.old_types, old, name, &Inside::Nothing).is_none()
                && !self.replaces(at, some, old, new)
            {
                match self.role {
                    Role::Argument if !field.optional => {
                        self.tell(self.shape_rule(), What::FieldNewAndRequired(name));
                    }
                    Role::Answer if strict => self.tell(self.shape_rule(), What::FieldNewAndRefused(name)),
                    _ => self.tell(None, What::FieldNew(name)),
                }
            }
            at += 1;
        }
    }

    /// Whether the new field at this place was told as a new name of a released one.
    const fn replaces(&self, at: usize, some: &'a [Field], old: &'a [Field], new: &'a [Field]) -> bool {
        some.len() == new.len()
            && old.len() == new.len()
            && !old[at].flatten
            && find(self.new_types, new, text(&old[at].name), &Inside::Nothing).is_none()
    }

    const fn field(&mut self, old: &'a Field, new: &'a Field, inside: &Inside<'_, 'a>) {
        match self.role {
            Role::Argument if (old.optional || old.omittable) && !new.optional => {
                self.tell(Some(Rule::ArgNotMadeRequired), What::FieldMadeRequired);
            }
            Role::Argument if !old.optional && new.optional => self.tell(None, What::FieldMadeOptional),
            Role::Answer if new.omittable && !old.optional => {
                self.tell(self.shape_rule(), What::FieldLeftOut);
            }
            _ => {}
        }
        self.shapes(old.shape.get(), new.shape.get(), inside);
    }

    const fn values(
        &mut self,
        old: &'a [Value],
        new: &'a [Value],
        untagged: bool,
        open: bool,
        inside: &Inside<'_, 'a>,
    ) {
        let mut at = 0;
        while at < old.len() && self.found.is_none() {
            let name = text(&old[at].name);
            match value(new, at, name, untagged) {
                Some(is) => {
                    self.path.push(Step::Value(name));
                    self.content(&old[at].content, &is.content, inside);
                    self.path.pop();
                }
                None if old.len() == new.len() && value(old, at, text(&new[at].name), untagged).is_none() => {
                    let is = text(&new[at].name);
                    self.tell(Some(Rule::TypeEnumValueSameName), What::ValueRenamed(name, is));
                }
                None => self.tell(Some(Rule::TypeEnumValueNoDelete), What::ValueGone(name)),
            }
            at += 1;
        }
        let mut at = 0;
        while at < new.len() && self.found.is_none() {
            let name = text(&new[at].name);
            let renamed = old.len() == new.len() && value(new, at, text(&old[at].name), untagged).is_none();
            if value(old, at, name, untagged).is_none() && !renamed {
                match self.role {
                    Role::Answer if !open => self.tell(self.shape_rule(), What::ValueNewAndUnknown(name)),
                    _ => self.tell(None, What::ValueNew(name)),
                }
            }
            at += 1;
        }
    }

    const fn content(&mut self, old: &'a Content, new: &'a Content, inside: &Inside<'_, 'a>) {
        match (old, new) {
            (Content::Unit, Content::Unit) => {}
            (Content::Shape(old), Content::Shape(new)) => self.shapes(old.get(), new.get(), inside),
            (Content::Fields(old), Content::Fields(new)) => self.fields(list(old), list(new), false, inside),
            (Content::Unit, Content::Shape(new)) => {
                self.tell(self.shape_rule(), What::Shape(&Shape::Null, new.get()));
            }
            (Content::Shape(old), Content::Unit) => {
                self.tell(self.shape_rule(), What::Shape(old.get(), &Shape::Null));
            }
            _ => self.tell(self.shape_rule(), What::Tagging),
        }
    }

    const fn old(&self, shape: &'a Shape) -> Seen<'a> {
        seen(shape, self.old_types, &Inside::Nothing)
    }

    const fn new_one(&self, shape: &'a Shape, inside: &Inside<'_, 'a>) -> Seen<'a> {
        seen(shape, self.new_types, inside)
    }
}
